"""`rm-rewards rescore`: the replies of a trainer's log under another reward."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from rm_rewards.commands.inputs import (
    NetworksPath,
    QuestionsPath,
    RewardName,
    network_of,
    networks_of,
    reward_of,
)
from rm_rewards.commands.scored import scored
from rm_rewards.composition import AnyReward, rewards_of
from rm_rewards.jsonl import Networks, write
from rm_rewards.logs.asked import Questions
from rm_rewards.logs.difference import Difference, Was
from rm_rewards.logs.entries import Entry, Format, read_log
from rm_rewards.progress import told
from rm_rewards.records import Completion, RecordError, Reward
from rm_rewards.replies import Reply
from rm_rewards.summary import Summary

LogPath: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="LOG",
        help="verl's {step}.jsonl, TRL's completions_*.parquet, ms-swift's completions.jsonl, "
        "or plain JSON lines; - is standard input.",
    ),
]


def rescore(
    log: LogPath,
    questions: QuestionsPath = None,
    reward: RewardName = "rewardmap",
    networks: NetworksPath = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show what changed.")] = False,
    against: Annotated[
        str | None,
        typer.Option("--against", help="Compare with this reward, not with what the log says."),
    ] = None,
    form: Annotated[Format, typer.Option("--from", help="Who wrote the log.")] = "auto",
    logged: Annotated[
        str, typer.Option("--logged", help="Columns whose sum was the score, with commas.")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where the rewards go [default: - without --diff]."),
    ] = None,
    show: Annotated[int, typer.Option("--show", min=0, help="Show N of the changes.")] = 10,
) -> None:
    """Score the replies of a log anew, and show with --diff what that changes."""
    chosen = reward_of(reward)
    other = None if against is None else reward_of(against)
    find = networks_of(log.parent if questions is None else questions.parent, networks)
    entries = told(read_log(log, form, _names(logged)), "replies")
    difference, summary = Difference(show=show), Summary()
    found = _rescored(entries, Questions(questions), find, (chosen, other), difference)
    found = _summed(found, summary, log)
    if out is None and diff:
        deque(found, maxlen=0)
    else:
        write(found, out or Path("-"))
    if not diff:
        typer.echo(summary.text(chosen.version), err=True)
        return
    before = "the log" if other is None else other.version
    for line in (f"from {before} to {chosen.version}", *difference.lines()):
        typer.echo(line, err=str(out) == "-")  # standard output is taken by the rewards


def _names(columns: str) -> list[str]:
    return [name.strip() for name in columns.split(",") if name.strip()]


def _rescored(
    entries: Iterator[Entry],
    questions: Questions,
    networks: Networks,
    rewards: tuple[AnyReward, AnyReward | None],
    difference: Difference,
) -> Iterator[Reward]:
    chosen, other = rewards
    waiting: deque[Entry] = deque()
    replies = _replies(entries, questions, waiting)
    for reply, composed in scored(replies, networks, chosen):
        entry = waiting.popleft()
        was = Was(score=entry.score, correct=entry.correct)
        if other is not None:
            network = network_of(networks, reply.question)
            before = rewards_of(other, reply.question, [entry.reply], network)[0]
            was = Was(score=before.total, correct=before.correct)
        difference.add(entry.where, was, composed.reward)
        yield composed.reward


def _replies(
    entries: Iterator[Entry], questions: Questions, waiting: deque[Entry]
) -> Iterator[Reply]:
    """Each entry with its question; `sample` counts the replies to one question in a row."""
    last, sample = "", 0
    for entry in entries:
        question = questions.of(entry)
        sample = sample + 1 if question.id == last else 0
        last = question.id
        waiting.append(entry)
        completion = Completion(question_id=question.id, text=entry.reply, sample=sample)
        yield Reply(where=entry.where, question=question, completion=completion)


def _summed(found: Iterator[Reward], summary: Summary, source: Path) -> Iterator[Reward]:
    for reward in found:
        summary.add(reward)
        yield reward
    if not summary.count:
        raise RecordError("file", "no line", "at least one reply", where=str(source))
