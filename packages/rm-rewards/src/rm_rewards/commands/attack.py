"""`rm-rewards attack`: does any undeserving reply earn as much as an honest one?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

import typer

from rm_rewards.attacks.outcome import Outcome, Win
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
from rm_rewards.progress import told

_SHOWN: Final = 160


def attack(
    questions: NeededQuestions,
    reward: RewardName = "rewardmap",
    networks: NetworksPath = None,
    limit: Limit = None,
    show: Annotated[
        int, typer.Option("--show", min=0, help="Print at most N of the attacks that won.")
    ] = 10,
) -> None:
    """Try replies that do not deserve a reward, and compare what they earn with an honest reply.

    Ends with 1 if an attack earns as much in total, or more of a component, than honesty does.
    """
    chosen = reward_of(reward)
    asked = questions_of(questions, limit)
    find = networks_of(questions.parent, networks)
    outcomes: dict[str, Outcome] = {}
    for where, question in told(asked, "questions"):
        with placed(where):
            network = network_of(find, question)
            outcomes.setdefault(question.type, Outcome()).attack(chosen, question, network)
    typer.echo(f"reward {chosen.version}")
    for kind, outcome in outcomes.items():
        typer.echo("\n" + "\n".join(_table(kind, outcome)))
    wins = [win for outcome in outcomes.values() for win in outcome.wins.values()]
    for win in sorted(wins, key=lambda w: w.honest - w.earned)[:show]:
        typer.echo("\n" + _told_win(win))
    verdict = f"{len(wins)} attacks beat an honest reply" if wins else "no attack beats honesty"
    typer.echo(f"\n{verdict}")
    if wins:
        raise typer.Exit(FAILED)


def _table(kind: str, outcome: Outcome) -> Iterator[str]:
    honest, families = outcome.honest, outcome.families
    yield (
        f"{kind}: {outcome.questions} questions, {outcome.replies} attacks, mean of the best attack"
        f" on each question; 100 kB take {outcome.slowest_s * 1000:.1f} ms at most"
    )
    width = max(len(name) for name in ("the best attack", *families))
    yield _row("", width, {part: part for part in honest})
    yield _row("honest", width, _figures(honest))
    for name, means in families.items():
        yield _row(name, width, _figures(means))
    best = {part: max(means[part] for means in families.values()) for part in honest}
    yield _row("the best attack", width, _figures(best))


def _row(name: str, width: int, cells: Mapping[str, str]) -> str:
    return f"  {name:<{width}}" + "".join(
        f"  {cell:>{max(11, len(part))}}" for part, cell in cells.items()
    )


def _figures(means: Mapping[str, float]) -> Mapping[str, str]:
    return {part: f"{value:.4f}" for part, value in means.items()}


def _told_win(win: Win) -> str:
    text = repr(win.text)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(win.text)} characters)"
    return (
        f"{win.family}: {win.part} {win.earned:.4f} against {win.honest:.4f}"
        f" (question {win.question_id})\n  {shown}"
    )
