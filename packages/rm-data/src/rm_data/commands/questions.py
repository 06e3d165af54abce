"""`rm-data questions`: ask about networks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from rm_data.asking import (
    Asked,
    AskOrder,
    ByCity,
    Job,
    Levels,
    OneFile,
    Sides,
    places_of,
    side_path,
    write_questions,
)
from rm_data.cli_values import per_map_value, range_value, types_value
from rm_data.commands.arguments import Networks, Seed, progress
from rm_data.kinds import kinds as known_kinds
from rm_data.kinds import load_kinds
from rm_data.networks import find_networks
from rm_data.sheet import Shortfall

_OTHERS: Final = ", ".join(known_kinds())


class Split(StrEnum):
    """Into which files the questions go."""

    city = "city"
    levels = "levels"


class Form(StrEnum):
    """What planning questions ask for: `rm_data.planning.PLANNING_FORMS`."""

    short = "short"
    long = "long"
    long_stops = "long-stops"
    mixed = "mixed"
    both = "both"


class Quota(StrEnum):
    """`rm_data.quotas.QUOTAS`."""

    paper = "paper"


@dataclass(frozen=True, slots=True)
class _Split:
    kind: Split | None
    share: float
    seed: int
    unseen: str

    def sides(self, paths: tuple[Path, ...], types: tuple[str, ...]) -> Sides:
        if self.kind is None:
            return OneFile()
        test = places_of(paths, share=self.share, seed=self.seed)
        if self.kind is Split.city:
            return ByCity(test)
        unseen = types_value(self.unseen, "--unseen-types")
        if not set(types) - set(unseen):
            message = f"found {self.unseen!r}, expected at least one of --types to be trained on"
            raise typer.BadParameter(message, param_hint=["--unseen-types"])
        return Levels(test, unseen, self.share, self.seed)


def questions(
    paths: Networks,
    out: Annotated[Path, typer.Option(help="The questions file; - is standard output.")],
    types: Annotated[
        str,
        typer.Option(help=f"all (the published six), or names with commas: also {_OTHERS}."),
    ] = "all",
    seed: Seed = 0,
    maps: Annotated[
        Path | None,
        typer.Option(help="Folder of the pictures <country>/<city>.png; each must be there."),
    ] = None,
    per_map: Annotated[
        str | None, typer.Option(help="Questions of a map: 10, or TorF1=4,planning=6.")
    ] = None,
    quota: Annotated[
        Quota | None, typer.Option(help="Questions of a map as published; --per-map comes first.")
    ] = None,
    transfers: Annotated[
        str | None, typer.Option(help="Transfers of the planning questions: 1, or 0-2.")
    ] = None,
    planning: Annotated[
        Form,
        typer.Option(help="What planning asks for; mixed: one at random, both: short and a long."),
    ] = Form.short,
    kinds: Annotated[
        list[Path] | None, typer.Option(help="A Python file that registers types of your own.")
    ] = None,
    split: Annotated[
        Split | None,
        typer.Option(help="city: OUT's .train and .test.jsonl; levels: .train, .level1 to 3."),
    ] = None,
    test_share: Annotated[
        float, typer.Option(min=0, max=1, help="With --split: share of the cities for test.")
    ] = 0.2,
    unseen_types: Annotated[
        str, typer.Option(help="With --split levels: the types of level 3 only.")
    ] = "ChoiceNextStop",
    workers: Annotated[int, typer.Option(min=1, help="Processes at the same time.")] = 1,
    ray: Annotated[
        str | None,
        typer.Option(help="Ask on a Ray cluster at this address instead; local starts one here."),
    ] = None,
) -> None:
    """Ask questions about networks; the truth comes from their graphs.

    The bytes depend on the networks, the options and the seed, not on --workers. A run that was
    killed is taken up where it stopped when the same command is given again.
    """
    own = tuple(kinds or ())
    for place in own:
        load_kinds(place)
    chosen = types_value(types)
    order = AskOrder(
        types=chosen,
        seed=seed,
        per_map=per_map_value(per_map),
        transfers=range_value(transfers, "--transfers"),
        planning=planning.value,
        quota=None if quota is None else quota.value,
        kinds=tuple(place.absolute() for place in own),
    )
    if split is not None and str(out) == "-":
        raise typer.BadParameter("a split has several files: give a file", param_hint=["--out"])
    found = find_networks(paths)
    sides = _Split(split, test_share, seed, unseen_types).sides(found, chosen)
    base = Path.cwd() if str(out) == "-" else out.absolute().parent
    job = Job(order=order, paths=found, base=base, maps=maps, sides=sides)
    with progress(len(found), "questions") as done:
        asked = write_questions(job, out, workers=workers, ray=ray, done=done)
    for line in _told(out, asked):
        typer.echo(line, err=True)


def _told(out: Path, asked: Asked) -> list[str]:
    lines = [f"{side_path(out, side)}: {count} questions" for side, count in asked.counts.items()]
    if asked.kept:
        lines.append(f"taken up again: {asked.kept} of {asked.parts} parts were there")
    return [*lines, *_missing(asked.short)]


def _missing(short: tuple[Shortfall, ...]) -> list[str]:
    """What the maps could not give, summed over the maps."""
    kinds = dict.fromkeys((s.type, s.difficulty) for s in short)
    lines: list[str] = []
    for kind in kinds:
        of_kind = [s for s in short if (s.type, s.difficulty) == kind]
        made, wanted = sum(s.made for s in of_kind), sum(s.wanted for s in of_kind)
        name = " ".join(filter(None, kind))
        cities = ", ".join(s.city for s in of_kind[:3]) + (", ..." if len(of_kind) > 3 else "")
        lines.append(f"short: {name}: {made} of {wanted} ({len(of_kind)} of the maps: {cities})")
    return lines
