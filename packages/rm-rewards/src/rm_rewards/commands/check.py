"""`rm-rewards check`: is a reward fit to train on, on these very questions?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from rm_rewards.blind import Measured, blind_bounds_of, fillable
from rm_rewards.command_line import FAILED
from rm_rewards.commands.inputs import (
    Limit,
    NeededQuestions,
    NetworksPath,
    RewardName,
    network_of,
    networks_of,
    placed,
    questions_of,
    reward_of,
)
from rm_rewards.component_values import TOTAL, valued
from rm_rewards.composition import AnyReward, Composition
from rm_rewards.network import Network
from rm_rewards.progress import told
from rm_rewards.records import Question
from rm_rewards.soundness import Asked, Finding, asked_of, repeated_findings, sound_findings, speed

_MATTERS: Final = ("format", "correctness", TOTAL)


def check(
    questions: NeededQuestions,
    reward: RewardName = "rewardmap",
    networks: NetworksPath = None,
    limit: Limit = None,
    show: Annotated[
        int, typer.Option("--show", min=0, help="Print at most N findings of a kind.")
    ] = 5,
) -> None:
    """Check that right answers earn full marks, garbage nothing, and that scoring can be relied on.

    Ends with 1 if anything was found. `rm-rewards attack` tries what is cleverer than garbage.
    """
    chosen = reward_of(reward)
    asked = list(_asked(questions, networks, limit, chosen))
    typer.echo(f"reward      {chosen.version}, range {chosen.bounds[0]:g} to {chosen.bounds[1]:g}")
    typer.echo(f"questions   {len(asked)}")
    findings = _findings(chosen, asked, show)
    typer.echo(
        f"speed       {speed(chosen, asked):,.0f} right answers scored a second on one thread"
    )
    findings += _blind(chosen, asked)
    typer.echo(f"{findings} findings" if findings else "nothing found")
    if findings:
        raise typer.Exit(FAILED)


def _asked(
    path: Path, networks: Path | None, limit: int | None, chosen: AnyReward
) -> Iterator[Asked]:
    listed = questions_of(path, limit)
    find = networks_of(path.parent, networks)
    for where, question in told(listed, "questions"):
        with placed(where):
            yield asked_of(where, question, network_of(find, question), chosen)


def _findings(chosen: AnyReward, asked: Sequence[Asked], show: int) -> int:
    """Print what was found, check by check, and give the number of findings."""
    found: dict[str, list[Finding]] = {}
    for item in told(asked, "questions"):
        with placed(item.where):
            for finding in sound_findings(chosen, item):
                found.setdefault(finding.check, []).append(finding)
    for finding in repeated_findings(chosen, asked):
        found.setdefault(finding.check, []).append(finding)
    for name in ("oracle", "garbage", "range", "determinism", "threads"):
        findings = found.get(name, [])
        typer.echo(f"{name:<12}{f'{len(findings)} findings' if findings else 'ok'}")
        for finding in findings[:show]:
            typer.echo(f"  {finding.where}: {finding.text}")
    return sum(map(len, found.values()))


def _blind(chosen: AnyReward, asked: Sequence[Asked]) -> int:
    """Print what blind replies earn of each component, and count the components they fill."""
    networks = {item.question.id: item.network for item in asked}
    bounds = blind_bounds_of(_measure(chosen, networks.get), [item.question for item in asked])
    filled = fillable(bounds, shaping=_shaping(chosen))
    typer.echo("blind       the best reply that never looked at the map, where it is wrong")
    for bound in bounds:
        if bound.honest > 0:
            typer.echo(
                f"  {bound.type:<10} {bound.component:<12} {bound.blind_wrong:8.4f} of"
                f" {bound.honest:.4f} ({bound.share:4.0%})  {bound.reply}"
                f"{'  <- can be filled without the map' if bound in filled else ''}"
            )
    return len(filled)


def _measure(
    chosen: AnyReward, network: Callable[[str], Network | None]
) -> Callable[[Question, Sequence[str]], list[Measured]]:
    def measure(question: Question, texts: Sequence[str]) -> list[Measured]:
        found = valued(chosen, question, texts, network(question.id))
        return [Measured(correct=v.reward.correct, parts=v.parts) for v in found]

    return measure


def _shaping(chosen: AnyReward) -> tuple[str, ...]:
    """The components that reward progress: not form, not a right answer, not a penalty."""
    if not isinstance(chosen, Composition):
        return ("detail",) if chosen.alpha else ()
    return tuple(
        part.name
        for part in chosen.parts
        if part.weight > 0 and part.gate is None and part.kind.name not in _MATTERS
    )
