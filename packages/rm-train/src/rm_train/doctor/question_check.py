"""The questions of a run, looked at: asked twice, or asked in the evaluation too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rm_rewards import Question
from rm_train.doctor.case import Case
from rm_train.doctor.finding import Finding
from rm_train.doctor.leakage import AskedAbout, duplicate_findings, leakage_findings
from rm_train.prompts import Material, read_material


def question_findings(case: Case) -> Iterator[Finding]:
    """Duplicates among the questions, and what they share with those of the evaluation.

    Raises:
        RecordError: If a question of the evaluation, or its picture, cannot be used.
    """
    trained = asked_about(case.material)
    yield from duplicate_findings(trained)
    if case.held_out is not None:
        held_out = asked_about(read_material(case.held_out, case.config.maps))
        yield from leakage_findings(trained, held_out)


def asked_about(material: Material) -> list[AskedAbout]:
    """What makes each question the same as another; every picture is read once."""
    digest = cache(_digest)
    return [
        AskedAbout(
            id=question.id,
            text=question.question,
            picture=digest(picture),
            network=_network(question),
        )
        for question, picture in zip(material.questions, material.pictures, strict=True)
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _network(question: Question) -> str:
    return f"{question.country}/{question.city}" if question.city else ""
