"""The twins of the questions of a run: made by exchanging stations, or read from files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zlib import crc32

from rm_data import ViewPair, read_pairs, way_back
from rm_rewards import Question, RecordError
from rm_train.prompts import Material, read_material


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The question about another view, and what becomes of an answer there.

    Attributes:
        question: With an id of its own.
        picture: The picture of the view.
        lines: What the lines of the first view are called, where names changed.
        back: Whether the way comes out reversed.
    """

    question: Question
    picture: Path
    lines: Mapping[str, str] = field(default_factory=dict[str, str])
    back: bool = False


def ways_back(material: Material) -> dict[str, Twin]:
    """By id of a question the way back on the same map, for the questions that have one."""
    found = zip(material.questions, material.pictures, strict=True)
    return {
        asked.id: Twin(question=replace(back, id=f"{asked.id}@swap"), picture=picture, back=True)
        for asked, picture in found
        if (back := way_back(asked)) is not None
    }


def views_of(material: Material, pairs: Path, kind: str) -> tuple[Material, dict[str, Twin]]:
    """By id of a question one of its views: which, is decided by the id alone.

    Args:
        material: The questions; its fingerprint becomes that of the views, too.
        pairs: A `pairs.jsonl` with the views' `questions.jsonl` beside it.
        kind: Which kind of view; empty for any whose right answer is known from the first one's.

    Raises:
        RecordError: If a file cannot be used, or a view is not there.
        OSError: If a file cannot be read.
    """
    views = read_material(pairs.parent / "questions.jsonl")
    by_id = {q.id: (q, p) for q, p in zip(views.questions, views.pictures, strict=True)}
    known = {question.id for question in material.questions}
    offered: dict[str, list[ViewPair]] = {}
    for pair in read_pairs(pairs):
        if pair.question in known and pair.same and kind in ("", pair.kind):
            offered.setdefault(pair.question, []).append(pair)
    chosen = {name: _one_of(found, name) for name, found in offered.items()}
    for pair in chosen.values():
        if pair.view not in by_id:
            expected = f"a question of {pairs.parent / 'questions.jsonl'}"
            raise RecordError("view", pair.view, expected, where=str(pairs))
    digest = hashlib.sha256(f"{material.fingerprint}{views.fingerprint}".encode())
    digest.update(pairs.read_bytes())
    twins = {name: _seen(pair, *by_id[pair.view], pairs.parent) for name, pair in chosen.items()}
    return replace(material, fingerprint=digest.hexdigest()), twins


def _one_of(found: Sequence[ViewPair], name: str) -> ViewPair:
    return found[crc32(name.encode()) % len(found)]


def _seen(pair: ViewPair, question: Question, picture: Path, folder: Path) -> Twin:
    """The view; its network is named by a path that holds from any folder."""
    named = question.network and str((folder / question.network).absolute())
    placed = replace(question, network=named, figure=str(picture.absolute()))
    return Twin(question=placed, picture=picture, lines=pair.lines, back=pair.back)


def with_twins(material: Material, twins: Iterable[Twin]) -> Material:
    """The questions and their twins.

    Raises:
        RecordError: If the id of a twin is taken.
    """
    known = {question.id for question in material.questions}
    added = tuple(twins)
    for twin in added:
        if twin.question.id in known:
            expected = "questions without their views, which svqa-r1 adds itself"
            raise RecordError("id", twin.question.id, expected)
        known.add(twin.question.id)
    return replace(
        material,
        questions=(*material.questions, *(twin.question for twin in added)),
        pictures=(*material.pictures, *(twin.picture for twin in added)),
    )
