"""Is anything that is trained on also asked in the evaluation, or asked twice?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rm_train.doctor.finding import Finding, some_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAbout:
    """A question, reduced to what makes it the same as another.

    Attributes:
        id: Its id.
        text: The whole prompt.
        picture: A digest of the picture's bytes.
        network: Names the map: country and city; empty if it is not told.
    """

    id: str
    text: str
    picture: str
    network: str = ""


def duplicate_findings(trained: Sequence[AskedAbout]) -> Iterator[Finding]:
    """Questions that stand there twice: the same words about the same picture."""
    times = Counter((one.text, one.picture) for one in trained)
    twice = [one.id for one in trained if times[one.text, one.picture] > 1]
    if twice:
        extra = sum(count - 1 for count in times.values())
        yield Finding(
            level="warning",
            code="duplicates",
            found=f"{extra} questions repeat another, word for word on the same picture "
            f"({some_of(twice)})",
            effect="they count double in every epoch, and their groups may share a step",
            way_out="leave the copies out of the questions' file",
        )


def leakage_findings(
    trained: Sequence[AskedAbout], held_out: Sequence[AskedAbout]
) -> Iterator[Finding]:
    """What both sets share, the gravest first: questions, then pictures, then networks, then ids.

    What a shared question explains is not told again as a shared picture or network.
    """
    if not held_out:
        return
    seen = {(one.text, one.picture) for one in trained}
    same = [one.id for one in held_out if (one.text, one.picture) in seen]
    rest = [one for one in held_out if (one.text, one.picture) not in seen]
    pictures = {one.picture for one in trained}
    on_picture = [one.id for one in rest if one.picture in pictures]
    networks = {one.network for one in trained} - {""}
    shared = sorted({one.network for one in rest if one.picture not in pictures} & networks)
    if same:
        yield _leak("questions", same, len(held_out), "the evaluation measures memory")
    if on_picture:
        yield _leak(
            "questions about pictures",
            on_picture,
            len(held_out),
            "the evaluation does not measure reading of new maps",
        )
    if shared:
        yield Finding(
            level="warning",
            code="leakage",
            found=f"networks are both trained on and evaluated ({some_of(shared)})",
            effect="the evaluation may measure memory of stations and lines",
            way_out="split by city",
        )
    ids = {one.id for one in trained}
    if not same and (both := [one.id for one in held_out if one.id in ids]):
        yield Finding(
            level="note",
            code="leakage",
            found=f"{len(both)} ids stand in both sets, for different questions ({some_of(both)})",
            effect="tables by id would mix them",
        )


def _leak(what: str, ids: Sequence[str], asked: int, effect: str) -> Finding:
    return Finding(
        level="warning",
        code="leakage",
        found=f"{len(ids)} of {asked} evaluation {what} are trained on ({some_of(ids)})",
        effect=effect,
        way_out="leave them out of one of the two files, best by city",
    )
