"""The command line of rm-rewards."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from rm_rewards.command_line import program
from rm_rewards.explanation import explain as explained
from rm_rewards.jsonl import Networks, write
from rm_rewards.network import Network
from rm_rewards.records import PLANNING, Question, RecordError, Reward
from rm_rewards.replies import read_replies
from rm_rewards.scoring import score_completion
from rm_rewards.specs import SPECS, RewardSpec, reward_spec
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
QuestionsPath = Annotated[Path | None, typer.Option("--questions", help="The questions' file.")]
RewardName = Annotated[str, typer.Option("--reward", help=f"One of {', '.join(SPECS)}.")]
NetworksPath = Annotated[
    Path | None,
    typer.Option(
        "--networks",
        help="Folder of <country>/<city>.json, for questions that name no network file.",
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
) -> None:
    """Write one reward for each reply, in order, as JSON lines."""
    spec = _spec(reward)
    find = _networks(source, questions, networks)
    summary = Summary()
    write(_rewards(source, questions, find, spec, summary), out)
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
    spec = _spec(reward)
    find = _networks(source, questions, networks)
    for reply in read_replies(source, questions):
        if reply.where.rpartition(":")[2] == str(line):
            with _placed(reply.where):
                network = _network(find, reply.question)
                page = explained(reply.question, reply.completion, network=network, reward=spec)
            typer.echo(page)
            return
    raise RecordError("--line", line, "the number of a line with a reply", where=str(source))


def _spec(name: str) -> RewardSpec:
    try:
        return reward_spec(name)
    except RecordError as error:
        message = f"found {error.found!r}, expected {error.expected}"
        raise typer.BadParameter(message, param_hint=["--reward"]) from None


def _networks(source: Path, questions: Path | None, override: Path | None) -> Networks:
    if override is not None and not override.is_dir():
        raise RecordError("--networks", str(override), "a folder of <country>/<city>.json")
    return Networks((questions or source).parent, override)


@contextmanager
def _placed(where: str) -> Generator[None]:
    """Put the place of the reply before an error that does not name a place of its own."""
    try:
        yield
    except RecordError as error:
        raise error if error.where else error.at(where) from None


def _network(networks: Networks, question: Question) -> Network | None:
    """The map of a planning question; no other type is judged by it."""
    return networks.of(question) if PLANNING in question.type else None


def _rewards(
    source: Path, questions: Path | None, networks: Networks, spec: RewardSpec, summary: Summary
) -> Iterator[Reward]:
    for reply in read_replies(source, questions):
        with _placed(reply.where):
            network = _network(networks, reply.question)
            found = score_completion(reply.question, reply.completion, network=network, reward=spec)
        summary.add(found)
        yield found
    if not summary.count:
        raise RecordError("file", "no line", "at least one reply", where=str(source))
