"""`rm-data import`: networks from files of other forms."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rm_data.cities.styles import CITY_STYLES
from rm_data.importing.fixes import SHIPPED, read_fixes
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
from rm_data.placing.files import RenderOrder, write_rendered
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


_Origin = Annotated[
    Origin,
    typer.Argument(
        metavar="FORM",
        help="The form of SRC: reasonmap (published station lists), gtfs (a feed), or json (our "
        "own form, or {line: [station, ...]}).",
    ),
]
_Source = Annotated[
    Path,
    typer.Argument(
        metavar="SRC", help="A file, or a folder of <country>/<city>.json; gtfs: a zip, a folder."
    ),
]
_Fixes = Annotated[
    str | None,
    typer.Option(
        help="A TOML file of fixes; reasonmap is the one that comes along, and the default for "
        "reasonmap; none for no fixes.",
        show_default=False,
    ),
]
_Written = Annotated[str, typer.Option(help="Written into each network.")]
_Form = Annotated[Form, typer.Option(help="Write our own form, or the published lists.")]
_Types = Annotated[
    str,
    typer.Option(
        "--route-types", help="gtfs: metro, tram, monorail, rail, bus, or numbers, with commas."
    ),
]
_City = Annotated[str, typer.Option(help="gtfs: name of the network; the file's without.")]
_Country = Annotated[str, typer.Option(help="gtfs: the folder that it goes into.")]
_Render = Annotated[bool, typer.Option("--render", help="Draw each network, as `render` does.")]


def import_(
    origin: _Origin,
    src: _Source,
    out: Annotated[Path, typer.Option(help="A new folder for <country>/<city>.json.")],
    fixes: _Fixes = None,
    licence: _Written = "",
    source: _Written = "",
    form: _Form = Form.network,
    types: _Types = DEFAULT_TYPES,
    city: _City = "",
    country: _Country = "gtfs",
    render: _Render = False,
) -> None:
    """Write networks from elsewhere as network files, repaired, with their source and licence."""
    if render and form is Form.lists:
        raise typer.BadParameter("lists have no places for a picture", param_hint=["--render"])
    repair = read_fixes(fixes or (SHIPPED if origin is Origin.reasonmap else "none"))
    terms = Terms(source=source, licence=licence)
    if origin is Origin.gtfs:
        place = _place(country, city or src.stem)
        network, left_out = read_gtfs(
            src, types=_types(types), country=place[0], city=place[1], terms=terms
        )
        made = with_fixes(network, repair.of("/".join(place)), repair, str(src))
        made = Imported(made.networks, made.changes, (*left_out, *made.notes))
    else:
        usual = REASONMAP if origin is Origin.reasonmap else Terms()
        made = read_network_files(src, repair, terms.over(usual))
    notes = [*made.notes]
    if render:
        notes += _draw(made.networks, src, out)
    else:
        write_networks(made.networks, out, as_lists=form is Form.lists)
    if open_terms := sum(not network.licence for network in made.networks):
        notes.append(f"{open_terms} networks do not say their licence: --licence writes it")
    changes = f", {made.changes} fixes of {repair.name}" if made.changes else ""
    for line in (*notes, f"{out}: {len(made.networks)} networks{changes}"):
        typer.echo(line, err=True)


def _place(country: str, city: str) -> tuple[str, str]:
    for field, name in (("--city", city), ("--country", country)):
        if not name.isprintable() or name.startswith(".") or "/" in name or "\\" in name:
            message = f"found {name!r}, expected a name without slashes, or a dot in front"
            raise typer.BadParameter(message, param_hint=[field])
    return country, city


def _types(text: str) -> frozenset[int]:
    try:
        return route_types(text)
    except RecordError as error:
        message = f"found {error.found!r}, expected {error.expected}"
        raise typer.BadParameter(message, param_hint=["--route-types"]) from None


def _draw(networks: Sequence[Network], src: Path, out: Path) -> list[str]:
    """Draw and write the networks; gives what machines find wrong with the pictures."""
    for network in networks:
        require_sound(network, str(src))
    files = [NetworkFile(src, network) for network in networks]
    drawn = write_rendered(files, RenderOrder(look=CITY_STYLES["metro"].look), out)
    return [f"{'/'.join(one.place)}: {fault}" for one in drawn for fault in one.faults]
