"""`rm-rewards report`: what a file of rewards tells about its groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Annotated

import typer

from rm_rewards.commands.inputs import QuestionsPath
from rm_rewards.commands.scored import Components
from rm_rewards.diagnostics.groups import Section
from rm_rewards.diagnostics.page import Report, html, text
from rm_rewards.jsonl import lines, parse, read, read_by_id
from rm_rewards.progress import told
from rm_rewards.records import Completion, Question, RecordError, Reward
from rm_rewards.whole_file import write_text


def report(
    rewards: Annotated[
        Path, typer.Argument(help="rewards.jsonl of `rm-rewards score`; - is standard input.")
    ],
    questions: QuestionsPath = None,
    completions: Annotated[
        Path | None,
        typer.Option(
            "--completions", help="The replies, in the order of the rewards: adds their length."
        ),
    ] = None,
    components: Annotated[
        Path | None,
        typer.Option(
            "--components", help="The companion file of a composition, in the same order."
        ),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--html", help="Write a self-contained page here as well.")
    ] = None,
) -> None:
    """Show which groups teach something, and whether each part tells right from wrong.

    Reads line by line; what it keeps grows with the number of questions and of different values,
    not with the number of replies.
    """
    asked = None if questions is None else read_by_id(Question, questions)
    made = _report(rewards, asked, completions, components)
    typer.echo(text(made))
    if page is not None:
        write_text(page, html(made))


def _report(
    source: Path,
    asked: Mapping[str, tuple[str, Question]] | None,
    completions: Path | None,
    components: Path | None,
) -> Report:
    whole = Section()
    by: dict[str, dict[str, Section]] = {}
    versions: dict[str, None] = {}
    companions = iter(repeat(None) if components is None else read(Components, components))
    for reward, question, length in _rows(source, asked, completions):
        parts = _parts(next(companions, None), reward, components)
        whole.add(reward, length, parts)
        versions[reward.reward_version] = None
        for name, value in _keys(question):
            by.setdefault(name, {}).setdefault(value, Section()).add(reward, length, parts)
    if not whole.groups:
        raise RecordError("file", "no line", "at least one reward", where=str(source))
    return Report(
        title=f"Rewards of {source}",
        versions=tuple(versions),
        whole=whole.figures(),
        by={
            name: {value: section.figures() for value, section in sorted(sections.items())}
            for name, sections in by.items()
        },
    )


def _parts(
    companion: Components | None, reward: Reward, path: Path | None
) -> Mapping[str, float] | None:
    if path is None:
        return None
    own = (reward.question_id, reward.sample)
    found = None if companion is None else (companion.question_id, companion.sample)
    if companion is None or found != own:
        expected = f"the reward {own}, in the order of the rewards"
        raise RecordError("question_id, sample", found, expected, where=str(path))
    return {name: part.given for name, part in companion.components.items()}


def _keys(question: Question | None) -> Iterator[tuple[str, str]]:
    if question is None:
        return
    yield "type", question.type
    if question.city:
        yield "city", "/".join(filter(None, (question.country, question.city)))
    if question.type == "planning":
        yield "transfers", str(question.question_transfer_count)


def _rows(
    source: Path, asked: Mapping[str, tuple[str, Question]] | None, completions: Path | None
) -> Iterator[tuple[Reward, Question | None, int | None]]:
    replies = iter(repeat(None) if completions is None else read(Completion, completions))
    for where, line in told(lines(source), "rewards"):
        reward = parse(Reward, line, where)
        question = None
        if asked is not None:
            if reward.question_id not in asked:
                expected = "the id of a question in --questions"
                raise RecordError("question_id", reward.question_id, expected, where=where)
            question = asked[reward.question_id][1]
        length: int | None = None
        if completions is not None:
            length = _length(next(replies, None), reward, where, completions)
        yield reward, question, length


def _length(reply: Completion | None, reward: Reward, where: str, completions: Path) -> int:
    own = (reward.question_id, reward.sample)
    found = None if reply is None else (reply.question_id, reply.sample)
    if reply is None or found != own:
        expected = f"the question and sample of the same line of {completions}, {found}"
        raise RecordError("question_id, sample", own, expected, where=where)
    return len(reply.text)
