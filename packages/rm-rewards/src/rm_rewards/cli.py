"""The command line of rm-rewards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from rm_rewards.command_line import program
from rm_rewards.commands.attack import attack
from rm_rewards.commands.check import check
from rm_rewards.commands.inputs import (
    NetworksPath,
    QuestionsPath,
    RewardName,
    network_of,
    networks_of,
    placed,
    reward_of,
)
from rm_rewards.commands.labels import labels
from rm_rewards.commands.path import path
from rm_rewards.commands.report import report
from rm_rewards.commands.rescore import rescore
from rm_rewards.commands.scored import companion, components_of, noted, scored
from rm_rewards.composition import Composed, Composition
from rm_rewards.explanation import explain as explained
from rm_rewards.jsonl import write
from rm_rewards.progress import told
from rm_rewards.records import RecordError, Reward
from rm_rewards.replies import Reply, read_replies
from rm_rewards.summary import Summary

app = program("rm-rewards", "Score replies to questions about transit maps.")

InputPath = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="completions.jsonl (with --questions), or lines that carry the question's fields and "
        "the reply under `response`; - is standard input.",
    ),
]


@app.command()
def score(
    source: InputPath,
    questions: QuestionsPath = None,
    reward: RewardName = "rewardmap",
    out: Annotated[
        Path, typer.Option("--out", help="Where the rewards go; - is standard output.")
    ] = Path("-"),
    networks: NetworksPath = None,
    components: Annotated[
        Path | None,
        typer.Option(
            "--components", help="With a composition: where each part's value goes, line by line."
        ),
    ] = None,
) -> None:
    """Write one reward for each reply, in order, as JSON lines."""
    spec = reward_of(reward)
    if components is not None and not isinstance(spec, Composition):
        raise typer.BadParameter("only a composition has them", param_hint=["--components"])
    find = networks_of((questions or source).parent, networks)
    summary = Summary()
    replies = told(read_replies(source, questions), "replies")
    with companion(components) as stream:
        found = noted(scored(replies, find, spec), stream)
        write(_summed(found, summary, source), out)
    typer.echo(summary.text(spec.version), err=True)


@app.command()
def explain(
    source: InputPath,
    line: Annotated[int, typer.Option("--line", min=1, help="Which line, counted from 1.")],
    questions: QuestionsPath = None,
    reward: RewardName = "rewardmap",
    networks: NetworksPath = None,
) -> None:
    """Show how one reply is read, what each component is worth, and why."""
    spec = reward_of(reward)
    find = networks_of((questions or source).parent, networks)
    for reply in read_replies(source, questions):
        if reply.where.rpartition(":")[2] == str(line):
            base = spec.base if isinstance(spec, Composition) else spec
            with placed(reply.where):
                network = network_of(find, reply.question)
                page = explained(reply.question, reply.completion, network=network, reward=base)
            typer.echo(page)
            if isinstance(spec, Composition):
                typer.echo(_parts_of(next(scored([reply], find, spec))))
            return
    raise RecordError("--line", line, "the number of a line with a reply", where=str(source))


app.command()(report)
app.command()(check)
app.command()(attack)
app.command()(rescore)
app.command()(labels)
app.command()(path)


def _summed(found: Iterable[Reward], summary: Summary, source: Path) -> Iterator[Reward]:
    for reward in found:
        summary.add(reward)
        yield reward
    if not summary.count:
        raise RecordError("file", "no line", "at least one reply", where=str(source))


def _parts_of(found: tuple[Reply, Composed]) -> str:
    """Each part of a composed reward, one a line; the reply is a group of its own here."""
    line = components_of(found[1])
    parts = [
        f"part         {name}: {part.value:.4g} gives {part.given:.4g}"
        f"{'' if part.open else ' (its gate is shut)'}"
        for name, part in line.components.items()
    ]
    return "\n".join([*parts, f"composed     {line.total:.6g}  ({line.reward_version})"])
