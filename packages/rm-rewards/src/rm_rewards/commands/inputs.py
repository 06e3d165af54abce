"""What several commands are given: questions, networks and a reward, from their options."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from rm_rewards.composition import AnyReward
from rm_rewards.composition_file import chosen_reward
from rm_rewards.jsonl import Networks, read_by_id
from rm_rewards.network import Network
from rm_rewards.records import Question, RecordError
from rm_rewards.specs import SPECS

RewardName: TypeAlias = Annotated[
    str,
    typer.Option(
        "--reward", help=f"One of {', '.join(SPECS)}, or a composition: FILE.toml or .yaml."
    ),
]
NetworksPath: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--networks",
        help="Folder of <country>/<city>.json, for questions that name no network file.",
    ),
]
QuestionsPath: TypeAlias = Annotated[
    Path | None, typer.Option("--questions", help="The questions' file.")
]
NeededQuestions: TypeAlias = Annotated[
    Path, typer.Option("--questions", help="The questions' file; - is standard input.")
]
Limit: TypeAlias = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first N questions.")
]


def reward_of(name: str) -> AnyReward:
    """The reward that `--reward` names; an unknown name is a wrong call, a bad file is not."""
    try:
        return chosen_reward(name)
    except RecordError as error:
        if error.where:
            raise
        message = f"found {error.found!r}, expected {error.expected}"
        raise typer.BadParameter(message, param_hint=["--reward"]) from None


def networks_of(folder: Path, override: Path | None) -> Networks:
    """The networks of the questions in that folder."""
    if override is not None and not override.is_dir():
        raise RecordError("--networks", str(override), "a folder of <country>/<city>.json")
    return Networks(folder, override)


def network_of(networks: Networks, question: Question) -> Network | None:
    """The map of a question that is judged by it; None where it can be judged without.

    Raises:
        RecordError: If the network of a planning question is not there or is not a network.
        OSError: If its file cannot be read.
    """
    return networks.to_judge(question)


def questions_of(path: Path, limit: int | None) -> list[tuple[str, Question]]:
    """The questions of a file, each with its place.

    Raises:
        RecordError: If there is none.
    """
    found = list(read_by_id(Question, path).values())[:limit]
    if not found:
        raise RecordError("file", "no line", "at least one question", where=str(path))
    return found


@contextmanager
def placed(where: str) -> Generator[None]:
    """Put the place of a record before an error that does not name a place of its own."""
    try:
        yield
    except RecordError as error:
        raise error if error.where else error.at(where) from None
