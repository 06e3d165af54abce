"""`rm-rewards check`: is a reward fit to train on, on these very questions?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from rm_rewards.blind import (
    SHAPING_LIMIT,
    BlindBound,
    Measured,
    blind_bounds_of,
    fillable,
    row_bounds,
)
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
from rm_rewards.parts import KINDS
from rm_rewards.progress import told
from rm_rewards.records import Question
from rm_rewards.soundness import Asked, Finding, asked_of, repeated_findings, sound_findings, speed
from rm_rewards.specs import RewardSpec

_MATTERS: Final = ("format", "correctness", TOTAL)
_FILLED: Final = "  <- can be filled without the map"


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
    """Print what blind replies earn of each component and row, and count those that they fill."""
    networks = {item.question.id: item.network for item in asked}
    questions = [item.question for item in asked]
    bounds = list(blind_bounds_of(_measure(chosen, networks.get), questions))
    for spec, component in _tables(chosen):
        network_of = _network_of(networks)
        bounds += row_bounds(spec, questions, network_of=network_of, component=component)
    filled = fillable(bounds, shaping=_shaping(chosen))
    typer.echo("blind       the best reply that never looked at the map, where it is wrong")
    for bound in (b for b in bounds if b.honest > 0):
        typer.echo(f"  {_told(bound)}{_FILLED if bound in filled else ''}")
    for bound in filled:
        typer.echo(
            f"refused     {bound.component} ({bound.type}): {bound.undeserved:.0%} of it is earned"
            f" by {bound.reply!r} where it is wrong, and at most {SHAPING_LIMIT:.0%} may be"
        )
    return len(filled)


def _told(bound: BlindBound) -> str:
    note = f"; given by the question, {bound.undeserved:.0%} by a constant" if bound.given else ""
    return (
        f"{bound.type:<10} {bound.component:<20} {bound.blind_wrong:8.4f} of"
        f" {bound.honest:.4f} ({bound.share:4.0%})  {bound.reply}{note}"
    )


def _tables(chosen: AnyReward) -> list[tuple[RewardSpec, str]]:
    """The specifications whose tables of points count, and what their detail is called."""
    if not isinstance(chosen, Composition):
        return [(chosen, "detail")]
    spec = replace(chosen.base, alpha=1.0) if chosen.base.grader == "repaired" else chosen.base
    return [(spec, p.name) for p in chosen.parts if p.kind is KINDS["detail"] and p.weight > 0]


def _network_of(
    networks: Mapping[str, Network | None],
) -> Callable[[Question], Network | None]:
    return lambda question: networks.get(question.id)


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
