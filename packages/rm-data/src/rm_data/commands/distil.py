"""`rm-data distil`: verified chains of a model, or the truth, as rows to fine-tune on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain as joined
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from rm_data.commands.arguments import QuestionsFile
from rm_data.distil import Chain, Row, distilled, row, truth
from rm_data.distil.chains import Verify
from rm_data.staging import staged_files
from rm_rewards import Completion, Question, RecordError, Reward, reward_spec, score
from rm_rewards.jsonl import Networks, read, read_by_id


class Form(StrEnum):
    """`rm_data.distil.FORMS`."""

    sharegpt = "sharegpt"
    trl = "trl"


class Reflections(StrEnum):
    """`rm_data.distil.FILTERS`."""

    cut = "cut"
    words = "words"
    none = "none"


def distil(
    questions: QuestionsFile,
    out: Annotated[Path, typer.Option(help="The rows, one JSON object a line; - is the output.")],
    completions: Annotated[
        Path | None,
        typer.Argument(
            metavar="COMPLETIONS",
            help="Several replies a question; without them rows are made of the truth.",
        ),
    ] = None,
    rewards: Annotated[
        Path | None, typer.Option(help="Their rewards; without them replies are scored here.")
    ] = None,
    reward: Annotated[str, typer.Option(help="The reward that verifies.")] = "rewardmap",
    form: Annotated[Form, typer.Option(help="sharegpt, or trl.")] = Form.sharegpt,
    reflections: Annotated[
        Reflections,
        typer.Option(help="cut: at the first doubt; words: drop long chains; none: as they are."),
    ] = Reflections.cut,
    max_words: Annotated[
        int, typer.Option(min=1, help="With --reflections words: the longest chain.")
    ] = 500,
) -> None:
    """Keep the shortest verified chain of each question, cut where it begins to doubt itself."""
    if completions is None and rewards is not None:
        raise typer.BadParameter("rewards are of COMPLETIONS: give them", param_hint=["--rewards"])
    base = Path.cwd() if str(questions) == "-" else questions.parent
    target = Path.cwd() if str(out) == "-" else out.absolute().parent
    asked = {number: found for number, (_, found) in read_by_id(Question, questions).items()}
    figures = _Figures()
    if completions is None:
        pairs = ((question, truth(question)) for question in asked.values())
    else:
        known = None if rewards is None else _verified(rewards)
        chains = distilled(
            asked,
            _with_place(completions, asked),
            known,
            _verifier(base, reward),
            reflections=reflections.value,
            most_words=max_words,
        )
        pairs = ((chain.question, chain.text) for chain in figures.counted(chains))
    rows = (row(q, answer, form.value, base=base, out=target) for q, answer in pairs)
    written = _write(rows, out)
    if not written:
        where = str(questions if completions is None else completions)
        raise RecordError("file", "no row", "a question, with a verified chain", where=where)
    typer.echo(f"{out}: {written} rows of {len(asked)} questions{figures}", err=True)


@dataclass(slots=True)
class _Figures:
    """What is told of the chains that were taken."""

    words: list[int]
    cut: int

    def __init__(self) -> None:
        self.words = []
        self.cut = 0

    def counted(self, chains: Iterator[Chain]) -> Iterator[Chain]:
        for chain in chains:
            self.words.append(chain.words)
            self.cut += chain.cut
            yield chain

    def __str__(self) -> str:
        if not self.words:
            return ""
        return f"; {self.cut} chains cut; {median(self.words):.0f} words in the middle, uncut"


def _with_place(path: Path, asked: dict[str, Question]) -> Iterator[Completion]:
    for completion in read(Completion, path):
        if completion.question_id not in asked:
            expected = "the id of a question in QUESTIONS"
            raise RecordError("question_id", completion.question_id, expected, where=str(path))
        yield completion


def _verified(path: Path) -> dict[tuple[str, int], bool]:
    return {(found.question_id, found.sample): found.correct for found in read(Reward, path)}


def _verifier(base: Path, reward: str) -> Verify:
    spec = reward_spec(reward)
    networks = Networks(base)

    def verify(question: Question, text: str) -> bool:
        return score(question, text, network=networks.to_judge(question), reward=spec).correct

    return verify


def _write(rows: Iterator[Row], out: Path) -> int:
    count = 0
    if str(out) == "-":
        for one in rows:
            typer.echo(json.dumps(one, ensure_ascii=False))
            count += 1
        return count
    if out.is_dir():
        raise RecordError("--out", str(out), "a file, not a folder")
    first = next(rows, None)
    if first is None:
        return 0
    with (
        staged_files(out.absolute().parent) as stage,
        (stage / out.name).open("w", encoding="utf-8") as stream,
    ):
        for one in joined((first,), rows):
            stream.write(json.dumps(one, ensure_ascii=False) + "\n")
            count += 1
    return count
