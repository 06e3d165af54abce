"""`rm-data import`: networks from files of other forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rm_data.cities.styles import CITY_STYLES
from rm_data.importing.fixes import SHIPPED, Fixes, read_fixes
from rm_data.importing.gtfs.feed import read_gtfs
from rm_data.importing.gtfs.routes import DEFAULT_TYPES, route_types
from rm_data.importing.network_files import (
    REASONMAP,
    Imported,
    Terms,
    read_network_files,
    with_fixes,
)
from rm_data.importing.writing import require_sound, write_networks
from rm_data.networks import NetworkFile
from rm_data.placing.files import Drawn, RenderOrder, write_rendered
from rm_rewards import Network, RecordError


class Origin(StrEnum):
    """What can be imported."""

    reasonmap = "reasonmap"
    gtfs = "gtfs"
    json = "json"


class Form(StrEnum):
    """What the files that are written look like."""

    network = "network"
    lists = "lists"


def import_(
    origin: Annotated[
        Origin,
        typer.Argument(
            metavar="FORM",
            help="The form of SRC: reasonmap (published station lists), gtfs (a feed), or json "
            "(our own form, or {line: [station, ...]}).",
        ),
    ],
    src: Annotated[
        Path, typer.Argument(metavar="SRC", help="A file, or a folder of <country>/<city>.json.")
    ],
    out: Annotated[Path, typer.Option(help="A new folder for <country>/<city>.json.")],
    fixes: Annotated[
        str | None,
        typer.Option(
            help="A TOML file of fixes; reasonmap is the one that comes along, and the default "
            "for reasonmap; none for no fixes.",
            show_default=False,
        ),
    ] = None,
    licence: Annotated[str, typer.Option(help="Written into each network.")] = "",
    source: Annotated[str, typer.Option(help="Written into each network.")] = "",
    form: Annotated[
        Form, typer.Option(help="Write our own form, or the published lists.")
    ] = Form.network,
    route_types_: Annotated[
        str,
        typer.Option(
            "--route-types", help="gtfs: metro, tram, monorail, rail, bus, or numbers, with commas."
        ),
    ] = DEFAULT_TYPES,
    city: Annotated[str, typer.Option(help="gtfs: name of the network; the file's without.")] = "",
    country: Annotated[str, typer.Option(help="gtfs: the folder that it goes into.")] = "gtfs",
    render: Annotated[
        bool, typer.Option("--render", help="Draw each network too, as `rm-data render` does.")
    ] = False,
) -> None:
    """Write networks from elsewhere as network files, repaired, with their source and licence."""
    if render and form is Form.lists:
        raise typer.BadParameter("lists have no places for a picture", param_hint=["--render"])
    repair = read_fixes(fixes or (SHIPPED if origin is Origin.reasonmap else "none"))
    terms = Terms(source=source, licence=licence)
    if origin is Origin.gtfs:
        order = _Feed(src, route_types_, city or src.stem, country)
        made = _of_feed(order, repair, terms)
    elif origin is Origin.reasonmap:
        usual = Terms(source=source or REASONMAP.source, licence=licence or REASONMAP.licence)
        made = read_network_files(src, repair, usual)
    else:
        made = read_network_files(src, repair, terms)
    if render:
        drawn = _drawn(made.networks, src, out)
        count, notes = len(drawn), (*made.notes, *_faults(drawn))
    else:
        count, notes = write_networks(made.networks, out, as_lists=form is Form.lists), made.notes
    if open_terms := sum(not network.licence for network in made.networks):
        notes = (*notes, f"{open_terms} networks do not say their licence: --licence writes it")
    for note in notes:
        typer.echo(note, err=True)
    changes = f", {made.changes} fixes of {repair.name}" if made.changes else ""
    typer.echo(f"{out}: {count} networks{changes}", err=True)


def _drawn(networks: Sequence[Network], src: Path, out: Path) -> list[Drawn]:
    for network in networks:
        require_sound(network, str(src))
    files = [NetworkFile(src, network) for network in networks]
    return write_rendered(files, RenderOrder(look=CITY_STYLES["metro"].look), out)


def _faults(drawn: Sequence[Drawn]) -> list[str]:
    return [f"{'/'.join(one.place)}: {fault}" for one in drawn for fault in one.faults]


@dataclass(frozen=True, slots=True)
class _Feed:
    path: Path
    types: str
    city: str
    country: str


def _of_feed(feed: _Feed, fixes: Fixes, terms: Terms) -> Imported:
    for field, name in (("--city", feed.city), ("--country", feed.country)):
        if not name.isprintable() or name.startswith(".") or "/" in name or "\\" in name:
            raise RecordError(field, name, "a name without slashes, or a dot in front")
    network, notes = read_gtfs(
        feed.path,
        types=route_types(feed.types),
        city=feed.city,
        country=feed.country,
        terms=terms,
    )
    placed = fixes.of(f"{feed.country}/{feed.city}")
    made = with_fixes(network, placed, fixes, str(feed.path))
    return Imported(made.networks, made.changes, (*notes, *made.notes))
