"""`check-claim` and `published`: scores of others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Annotated, Literal

import typer

from rm_eval.errors import EvalError
from rm_eval.published import (
    Claim,
    Definition,
    Finding,
    Published,
    check_claim,
    definitions_of,
    published_scores,
)
from rm_eval.published.definitions import HALF, benchmark_named, plain
from rm_rewards.command_line import FAILED


def check_claim_command(
    task: Annotated[str, typer.Option(help="A benchmark, such as V* or ReasonMap-Plus.")],
    score: Annotated[str, typer.Option(help="The claimed score in %, all its decimals: 80.10.")],
    part: Annotated[
        str | None, typer.Option(help="Only this part of the benchmark, such as map.")
    ] = None,
    n: Annotated[
        int | None, typer.Option("--n", min=1, help="Questions, in place of the benchmark's.")
    ] = None,
    sum_of_weights: Annotated[
        float | None, typer.Option(min=1.0, help="Sum of weights in steps of 0.5, likewise.")
    ] = None,
) -> None:
    """Tell whether a claimed score is a possible share of the benchmark's questions or weights.

    Exit 1 if it is not: for the benchmark as a whole, or for the part or number that is given.
    """
    try:
        claim = Claim.read(score)
        definitions = _definitions(task, part, n, sum_of_weights)
    except EvalError as error:
        raise typer.BadParameter(str(error)) from None
    findings = [check_claim(claim, one) for one in definitions]
    typer.echo("\n".join(_told(claim, findings)))
    if not findings[0].fits:
        raise typer.Exit(FAILED)


def published_command(
    task: Annotated[
        str | None, typer.Argument(metavar="TASK", help="A benchmark. Default: all.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Only models whose name holds this.")] = None,
    form: Annotated[
        Literal["markdown", "json"], typer.Option("--format", help="What goes to stdout.")
    ] = "markdown",
) -> None:
    """Show published scores with their sources."""
    found = [
        one
        for one in published_scores()
        if (task is None or plain(one.benchmark) == plain(benchmark_named(task) or task))
        and (model is None or model.lower() in one.model.lower())
    ]
    if not found:
        names = dict.fromkeys(one.benchmark for one in published_scores())
        raise typer.BadParameter(
            f"no published score of {task or 'any task'} for {model or 'any model'}; "
            f"there are {', '.join(names)}"
        )
    if form == "json":
        typer.echo(json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False))
        return
    for line in _table(found):
        typer.echo(line)


def _definitions(
    task: str, part: str | None, n: int | None, sum_of_weights: float | None
) -> tuple[Definition, ...]:
    if n is not None and sum_of_weights is not None:
        raise EvalError("found --n and --sum-of-weights, expected one of them")
    if n is not None:
        return (Definition(task, part or "overall", Fraction(n)),)
    if sum_of_weights is not None:
        if not (2 * sum_of_weights).is_integer():
            raise EvalError(f"sum of weights: found {sum_of_weights}, expected steps of 0.5")
        return (Definition(task, part or "overall", Fraction(sum_of_weights), HALF),)
    return definitions_of(task, part)


def _told(claim: Claim, findings: Sequence[Finding]) -> Iterator[str]:
    first = findings[0]
    yield f"{first.definition.benchmark}: can a score be {claim.text} %?"
    for one in findings:
        total = f"{float(one.definition.total):g}"
        of = f"weights of {total}" if one.definition.weighted else f"{total} questions"
        yield f"- {one.definition.part}, {of}: {_answer(claim, one)}"
    notes = dict.fromkeys(one.definition.note for one in findings if one.definition.note)
    yield from notes
    share = f"{100 * first.chance:.3g}"
    places = f"{claim.decimals} decimal{'' if claim.decimals == 1 else 's'}"
    yield f"Of all numbers with {places}, {share} % are possible for {first.definition.part}" + (
        ": this check says nothing; give more decimals." if first.chance > 0.99 else "."
    )


def _answer(claim: Claim, finding: Finding) -> str:
    def shown(shares: Sequence[tuple[float, float]]) -> str:
        more = max(claim.decimals, 2)
        return " and ".join(f"{k:g} ({percent:.{more}f} %)" for k, percent in shares)

    if finding.fits:
        return f"yes, {shown(finding.fits[:3])}" + (" and more" if len(finding.fits) > 3 else "")
    return f"no; the nearest are {shown(finding.nearest)}"


def _table(scores: Sequence[Published]) -> Iterator[str]:
    yield "| benchmark | part | metric | model | training | score | source |"
    yield "|---|---|---|---|---|--:|---|"
    for one in scores:
        mark = "" if one.mark == "run" else f" ({one.mark})"
        cells = (one.benchmark, one.part, one.metric, one.model, one.training, one.score)
        yield "| " + " | ".join(cells) + f" | {one.source}{mark} |"
