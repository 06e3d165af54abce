"""The shipped fixes of the twelve published lists that do not lie beside the repository.

Their lists are looked for in `shared/reasonmap/stations` and in the folder that the environment
variable `REASONMAP_STATIONS` names.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from rm_data.findings import of_network
from rm_data.importing.fixes import SHIPPED, Confirm, Cut, Known, Split, read_fixes
from rm_data.importing.network_files import REASONMAP, read_network_files
from rm_data.picture.fonts import missing_characters
from rm_rewards import Network

FIXES = read_fixes(SHIPPED)

TWELVE = (
    "america/los_angeles",
    "america/new_york",
    "canada/toronto",
    "china/changzhou",
    "china/hangzhou",
    "china/nanning",
    "china/xian",
    "italy/rome",
    "malaysia/kl",
    "new_zealand/auckland",
    "norway/oslo",
    "portugal/lisboa",
)

EIGHTEEN = (
    *(f"america/{city}" for city in ("miami", "washington")),
    "australia/sydney",
    *(f"china/{city}" for city in ("beijing", "changsha", "dalian", "guiyang", "hefei")),
    *(f"china/{city}" for city in ("huhehaote", "jinan", "kunming", "nanchang", "shanghai")),
    "china/shenzhen",
    "hungary/budapest",
    "singapore/singapore",
    "switzerland/geneva",
    "united_arab_emirates/dubai",
)


def published(place: str) -> Path:
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "reasonmap" / "stations"
    folders = (Path(os.environ.get("REASONMAP_STATIONS") or beside), beside)
    for file in (folder / f"{place}.json" for folder in folders):
        if file.is_file():
            return file
    pytest.skip(f"{place}.json is in none of {', '.join(sorted({*map(str, folders)}))}")


def imported(place: str) -> Network:
    (network,) = read_network_files(published(place), FIXES, REASONMAP).networks
    return network


def names_near(network: Network, line: str, station: str) -> set[str]:
    """The names of the neighbours of all stations of that name on the line."""
    near = network.neighbours[line]
    return {
        network.names[other]
        for stop, around in near.items()
        for other in around
        if network.names[stop] == station
    }


def test_the_shipped_fixes_are_of_published_cities_and_give_their_reasons_in_sentences() -> None:
    assert len({*TWELVE, *EIGHTEEN}) == 30
    assert {*FIXES.networks()} <= {*TWELVE, *EIGHTEEN}
    reasons = [(placed.where, placed.fix.reason) for placed in FIXES.placed]
    assert [one for one in reasons if not one[1].endswith(".") or len(one[1]) < 15] == []


def test_every_branch_that_the_shipped_fixes_cut_off_is_joined_again() -> None:
    for fix in (placed.fix for placed in FIXES.placed):
        if isinstance(fix, Cut):
            of_line = [
                placed.fix
                for placed in FIXES.of(fix.network)
                if not isinstance(placed.fix, (Known, Confirm, Split))
            ]
            behind = of_line[of_line.index(fix) + 1]
            assert getattr(behind, "line", "") == fix.line
            assert {*getattr(behind, "path", ())} & {*fix.between}


def test_fixes_of_cities_that_are_not_in_the_source_are_passed_over(tmp_path: Path) -> None:
    source = tmp_path / "china" / "nanning.json"
    source.parent.mkdir()
    source.write_text(json.dumps({"Line 4": ["洪运路站", "那历村站"]}), encoding="utf-8")
    made = read_network_files(tmp_path, FIXES, REASONMAP)
    assert (made.changes, made.notes) == (0, ())
    assert [network.city for network in made.networks] == ["nanning"]


@pytest.mark.parametrize("place", TWELVE)
def test_a_list_is_repaired_and_nothing_is_found_but_what_is_confirmed(place: str) -> None:
    made = read_network_files(published(place), FIXES, REASONMAP)
    (network,) = made.networks
    fixes = [placed.fix for placed in FIXES.of(place)]
    confirmed = [fix for fix in fixes if isinstance(fix, Confirm)]
    known = [fix for fix in fixes if isinstance(fix, Known)]
    assert [
        one
        for one in of_network(network)
        if not any(fix.covers(one.code, one.line, one.station) for fix in confirmed)
    ] == []
    assert made.changes == len(fixes) - len(confirmed) - len(known)
    assert len(made.notes) == len(known)


@pytest.mark.parametrize("place", TWELVE)
def test_the_names_of_a_list_can_be_drawn(place: str) -> None:
    assert missing_characters(published(place).read_text(encoding="utf-8")) == ""


NEAR = {
    ("italy/rome", "Line B", "Bologna Station"): {
        "Policlinico Station",
        "Tiburtina Station",
        "S. Agnese Annibaliano Station",
    },
    ("italy/rome", "Line B", "Rebibbia Station"): {"Ponte Mammolo Station"},
    ("norway/oslo", "Line 5", "Ullevål stadion Station"): {
        "Forskningsparken Station",
        "Nydalen Station",
        "Berg Station",
    },
    ("norway/oslo", "Line 5", "Sinsen Station"): {"Storo Station", "Carl Berners plass Station"},
    ("china/hangzhou", "Line 3", "留下站"): {"西溪湿地南站", "屏峰站"},
    ("china/hangzhou", "Line 6", "霞鸣街站"): {"美院象山站", "科海路站"},
    ("china/xian", "Line 8", "省体育馆站"): {"木塔寺西站", "山门口站"},
    ("malaysia/kl", "Line 4", "Awan Besar Station"): {"Sri Petaling Station", "Muhibbah Station"},
    ("america/new_york", "M", "Delancey St/Essex St Station"): {
        "Marcy Av Station",
        "Broadway-Lafayette St Station",
    },
}


@pytest.mark.parametrize("case", NEAR)
def test_a_repaired_station_has_the_neighbours_of_the_network(case: tuple[str, str, str]) -> None:
    place, line, station = case
    assert names_near(imported(place), line, station) == NEAR[case]


LINES = {
    ("america/los_angeles", "Union Station"): [("Line A", "Line B", "Line D")],
    ("america/los_angeles", "Little Tokyo/Arts Dist Station"): [("Line A", "Line E")],
    ("america/new_york", "23 St Station"): [
        ("1",),
        ("6",),
        ("C", "E"),
        ("F", "M"),
        ("R", "W"),
    ],
    ("america/new_york", "34 St-Penn Station"): [("1", "2", "3"), ("A", "C", "E")],
    ("america/new_york", "36 St Station"): [("D", "N", "R"), ("M", "R")],
    ("america/new_york", "7 Av Station"): [("B", "D", "E"), ("B", "Q"), ("F", "G")],
    ("america/new_york", "135 St Station"): [("2", "3"), ("B", "C")],
    ("america/new_york", "14 St-Union Sq Station"): [("4", "5", "6", "L", "N", "Q", "R", "W")],
    ("malaysia/kl", "Sentul Station"): [("Line 1",), ("Line 3", "Line 4")],
}


@pytest.mark.parametrize("case", LINES)
def test_stations_of_a_name_have_the_lines_of_the_network(case: tuple[str, str]) -> None:
    place, name = case
    network = imported(place)
    found = [network.lines_at[stop] for stop, known in network.names.items() if known == name]
    assert sorted(found) == LINES[case]


def test_only_the_two_stations_named_alike_stand_twice_on_a_line_of_new_york() -> None:
    network = imported("america/new_york")
    twice = {
        (line.name, name)
        for line in network.lines
        for name, times in Counter(
            network.names[stop] for path in line.paths for stop in path
        ).items()
        if times > 1
    }
    assert twice == {("B", "7 Av Station"), ("R", "36 St Station")}
    assert all(len(line.paths) == 1 for line in network.lines)
