"""All attacks on a question, by family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rm_rewards.attacks import routes, short_answers
from rm_rewards.honest import honest_routes
from rm_rewards.network import Network
from rm_rewards.records import PLANNING, Question

HUGE: Final = 100_000
"""Characters of the longest attacks."""

HUGE_FAMILY: Final = "100 kB"
"""The family of those."""

TWO_BOXES: Final = "two boxes"
"""The family of two answers, one after the other."""

_LABELS: Final = "Route Name: {}\nDeparture Stop: {}\nArrival Stop: {}"


def attacks_on(question: Question, network: Network | None) -> Mapping[str, list[str]]:
    """The attacks on that question by family; none of them is what an honest reply looks like.

    A chance hit is among them (every line is tried, and every pair of answers): whoever compares
    scores must leave out what is right.

    Raises:
        RecordError: If a planning question has no best route.
    """
    found: dict[str, list[str]] = {
        "empty tags": list(_empty_tags(question)),
        "prompt echo": list(_echoes(question)),
    }
    if question.type == PLANNING:
        k = routes.known(question, network, honest_routes(question, network)[0])
        found |= {
            "line farming": list(routes.line_farming(k)),
            "invented stops": list(routes.invented_stops(k)),
            "constant transfer": list(routes.constant_transfer(k)),
            "loops": list(routes.loops(k)),
            "repeated segments": list(routes.repeated_segments(k)),
            "fragments": list(routes.fragments(k)),
            "two routes": list(routes.two_routes(k)),
            "all options": list(routes.all_lines(k)),
            "station spam": list(routes.station_spam(k)),
        }
        seed = _LABELS.format(k.best[0].route_name, k.start, k.end) + "\n--\n"
    else:
        found |= {
            TWO_BOXES: list(short_answers.two_boxes(question)),
            "all options": list(short_answers.all_options(question)),
        }
        seed = "".join(f"\\boxed{{{value}}} " for value in short_answers.values_of(question))
    found[HUGE_FAMILY] = list(_huge(seed))
    return found


def _empty_tags(question: Question) -> Iterator[str]:
    yield from ("", " ", "\\boxed{}", "\\boxed{ }", "<answer></answer>", "<think></think>")
    yield "<think></think><answer></answer>"
    yield "<think></think>\\boxed{}"
    yield "<think></think>" * 50 + "<answer>\\boxed{}</answer>"
    if question.type == PLANNING:
        yield _LABELS.format("", "", "")
        yield _LABELS.format("...", "...", "...")
        yield "--"


def _echoes(question: Question) -> Iterator[str]:
    asked = question.question
    yield from (asked, f"{asked}\n{asked}", f"{asked}\n\\boxed{{}}")
    yield f"<think>{asked}</think>\n{asked}"
    yield f"\\boxed{{{asked}}}"
    yield f"<answer>{asked}</answer>"


def _huge(seed: str) -> Iterator[str]:
    for piece in (seed, "a", "\\boxed{", "<think>", "Route Name: ", "--\n", "= ", "{", "答案是"):
        yield (piece * (HUGE // len(piece) + 1))[:HUGE]
