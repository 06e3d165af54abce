"""What each reason code of a reward means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["MEANINGS", "meaning"]

MEANINGS: Final[Mapping[str, str]] = {
    # the reading of the reply
    "unclosed_think": "the reasoning never ends, so there is no answer after it",
    "answer_inside_think": "nothing stands after the reasoning; the answer was sought inside it",
    "too_long": "more than 20,000 characters after the reasoning; only the last of them are read",
    "unboxed": r"the answer does not stand in a \boxed{}",
    "box_broken": r"the box is not written \boxed{...}: a backslash or the closing brace is lost",
    "boxes_disagree": "an earlier box holds another answer; the last one counts",
    "answers_disagree": "another answer stands outside of the one that counts: "
    'the last box, else `<answer>`, else what follows "the answer is"',
    "prompt_echo": "the example of the question (`Line x`) is repeated; it is no answer",
    "no_answer": "no answer of the asked kind was found",
    "several_answers": "more than one answer is given at once",
    "no_route": "no leg of a route was found",
    "form:labels": "no line begins with `Route Name:` as asked",
    "form:missing_field": "a leg lacks one of its three lines, or a line is empty or out of order",
    "form:separator": "two legs, or two labels, are not parted as asked",
    "form:other_text": "other text stands between or after the legs",
    "form:tags": "the parts do not stand in the tags that were asked for, in that order",
    # the content
    "wrong_answer": "the answer that was read is not the right one",
    "wrong_origin": "the first leg does not depart from the origin",
    "wrong_destination": "the last leg does not arrive at the destination",
    "loop": "the route comes back to a station where it has already stopped to change",
    "extra_leg": "more legs than the best route has",
    "missing_leg": "fewer legs than the best route has",
    "longer_ride": "more stops than another route with no more legs, or than the shortest one",
    "other_route": "the route is not one of those it can be judged against",
    # one leg, as legN:code with N from 1
    "unknown_line": "no line of the network has that name",
    "unknown_departure": "no station of the network has the name of the departure stop",
    "unknown_arrival": "no station of the network has the name of the arrival stop",
    "goes_nowhere": "departure and arrival are the same station",
    "stop_not_on_line": "the line does not serve both stops",
    "not_connected": "the line serves both stops, but no train of it runs between them",
    "does_not_join": "the leg does not depart from where the one before arrived",
    # reference and paper
    "published_code": "the published code ends in the exception that follows the colon",
}
"""Code -> meaning. `leg2:loop` is looked up by its last part, `published_code:...` by its first."""


def meaning(code: str) -> str:
    """What a code means; empty for a code that is not known."""
    head, _, tail = code.partition(":")
    for key in (code, tail, head):
        if key in MEANINGS:
            return MEANINGS[key]
    return ""
