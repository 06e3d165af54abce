from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from rm_data import find_networks, generate, validate
from rm_data.findings import CODES
from rm_data.findings.finding import finding
from rm_data.spelling import name_key
from rm_rewards.jsonl import dump

GOOD = {
    "One": ["A Station", "B Station (Transfer Station)"],
    "Two": ["B Station (Transfer Station)", "C Station"],
}

DEFECTS: dict[str, tuple[dict[str, list[str]], str, str]] = {
    "branch_glued": ({"L": ["A", "F (Branch-starting Station)", "B", "C"]}, "L", "F"),
    "station_twice": ({"L": ["A", "B", "C", "B"]}, "L", "B"),
    "line_short": ({"L": ["A"], "M": ["A", "B"]}, "L", ""),
    "blank": ({"L": ["A", "B "]}, "L", "'B '"),
    "disconnected": ({"L": ["A", "B", "C"], "M": ["P", "Q"]}, "M", "P"),
    "spelled_alike": ({"L": ["西单", "东单站"], "M": ["东单站", "西单站"]}, "", "西单站"),
    "spelled_close": (
        {"L": ["Little Tokyo/Arts Dist", "X"], "M": ["X", "Little Tokyo/Arts District"]},
        "",
        "Little Tokyo/Arts Dist",
    ),
    "ending": ({"L": [f"Stop {n} Station" for n in range(12)] + ["Old Staton"]}, "", "Old Staton"),
    "transfer_mark": ({"L": ["A", "B (Transfer Station)"], "M": ["B", "C"]}, "L", "B"),
    "one_name": (
        {
            "F": ["14 St", "23 St", "34 St"],
            "R": ["8 St", "23 St", "28 St"],
            "L": ["14 St (Transfer Station)", "8 St"],
        },
        "F",
        "23 St",
    ),
    "line_same": ({"L": ["A", "B", "C"], "M": ["C", "B", "A"]}, "M", ""),
    "line_subset": ({"J": ["A", "B", "C", "D"], "Z": ["A", "C", "D"]}, "Z", ""),
    "loop_open": (
        {"Ring": [*"ABCDEFGHIJKL"], "Cross": ["A", "X", "Y", "L"]},
        "Ring",
        "L",
    ),
    "branch_unmarked": (
        {"Five": [*"AFBCDEGPQ"], "Four": ["A", "F", "P", "Q", "R"]},
        "Five",
        "P",
    ),
    "letter": ({"L": ["lbn Battuta", "Energy"]}, "", "lbn Battuta"),
}


def written(folder: Path, content: object) -> Path:
    path = folder / "town.json"
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("code", DEFECTS)
def test_a_defect_is_found_with_its_place(tmp_path: Path, code: str) -> None:
    lists, line, station = DEFECTS[code]
    path = written(tmp_path, lists)
    found = [f for f in validate(path) if f.code == code]
    assert (str(path), line, station) in {(f.file, f.line, f.station) for f in found}
    assert str(found[0]).startswith(f"{path}: ")
    assert str(found[0]).endswith(f"[{code}]")
    assert code in CODES


def test_a_sound_list_and_a_synthetic_map_have_no_findings(tmp_path: Path) -> None:
    assert validate(written(tmp_path, GOOD)) == []
    for style in ("compact", "named"):
        assert validate(written(tmp_path, dump(generate(3, style=style)))) == []


def test_an_express_line_that_skips_a_few_stations_is_no_branch(tmp_path: Path) -> None:
    local, express = [*"ABCDEFGH"], [*"ABFGH"]
    found = validate(written(tmp_path, {"Local": local, "Express": express}))
    assert {f.code for f in found} == {"line_subset"}


def test_a_false_edge_is_found_by_its_length_where_positions_are_known(tmp_path: Path) -> None:
    network: dict[str, object] = {
        "city": "c",
        "lines": [{"name": "L", "paths": [[*"ABCDEFGHIJ"]]}],
        "stations": [{"id": s, "name": s} for s in "ABCDEFGHIJ"],
        "positions": {
            **{s: (float(i), 0.0) for i, s in enumerate("ABCDEFGH")},
            "I": (1.0, 1.0),
            "J": (1.0, 2.0),
        },
    }
    (found,) = validate(written(tmp_path, network))
    assert (found.code, found.line, found.station) == ("branch_unmarked", "L", "I")
    assert "it lies next to 'B'" in found.message


def test_a_part_without_a_way_to_the_others_is_told_once(tmp_path: Path) -> None:
    (found,) = validate(written(tmp_path, {"L": [*"ABCD"], "M": [*"PQ"], "N": [*"QR"]}))
    assert (found.line, found.station) == ("M", "P")
    assert (
        found.message == "no way from here and 2 stations more to the 4 stations of the main part"
    )


def test_every_kind_of_finding_is_explained_and_no_other_can_be_made() -> None:
    with pytest.raises(ValueError, match="expected one of line_twice"):
        finding("odd", "?")


def test_too_many_names_are_told_and_not_compared(tmp_path: Path) -> None:
    names = ["".join(chr(97 + n // 26**k % 26) for k in range(9)) for n in range(4000)]
    found = validate(written(tmp_path, {"L": names}))
    assert [f.code for f in found] == ["unchecked"]


def test_a_closed_loop_has_no_station_twice(tmp_path: Path) -> None:
    assert validate(written(tmp_path, {"Ring": ["A", "B", "C", "D", "A"]})) == []


def test_a_line_that_stands_twice_in_a_file_is_found(tmp_path: Path) -> None:
    found = validate(written(tmp_path, '{"L": ["A", "B"], "L": ["A", "C"]}'))
    assert [(f.code, f.line) for f in found] == [("line_twice", "L")]


def test_defects_of_our_own_form_are_found(tmp_path: Path) -> None:
    network = {
        "city": "c",
        "lines": [
            {"name": "L", "paths": [["1", "2", "1"]]},
            {"name": "M", "paths": [["2"]]},
            {"name": "Cut", "paths": [["1", "2"], ["3"]]},
        ],
        "stations": [{"id": i, "name": n} for i, n in zip("1234", "ABBD", strict=True)],
    }
    found = {(f.code, f.line, f.station) for f in validate(written(tmp_path, network))}
    assert found == {
        ("station_twice", "L", "A"),
        ("line_short", "M", ""),
        ("line_subset", "L", ""),
        ("line_in_pieces", "Cut", ""),
        ("name_twice", "", "B"),
        ("no_line", "", "D"),
    }


MARKS = {
    "on one line only": {"L": ["A", "B (Transfer Station)"]},
    "not on M": {"L": ["A", "B (Transfer Station)"], "M": ["B", "C"]},
    "on L, M, but not marked": {
        "L": ["A", "B", "C （换乘站）"],
        "M": ["A（换乘站）", "B", "D"],
        "N": ["C（换乘站）", "E"],
        "O": ["A （换乘站）", "F"],
    },
}


@pytest.mark.parametrize("message", MARKS)
def test_a_mark_that_contradicts_the_lists_is_explained(tmp_path: Path, message: str) -> None:
    found = next(f for f in validate(written(tmp_path, MARKS[message])) if f.station == "B")
    assert found.code == "transfer_mark"
    assert found.message.endswith(message) or message in found.message


def test_east_and_west_and_numbers_tell_stations_apart(tmp_path: Path) -> None:
    lists = {
        "L": ["East Falls Church", "West Falls Church", "Avenue Number 12", "Avenue Number 13"]
    }
    assert validate(written(tmp_path, lists)) == []


def test_the_audited_defects_of_the_published_lists_are_found(station_lists: Path) -> None:
    files = find_networks([station_lists])
    found = [f for path in files for f in validate(path)]
    glued = Counter(Path(f.file).stem for f in found if f.code == "branch_glued")
    marked = {
        "dalian": 1,
        "hefei": 1,
        "kunming": 1,
        "shanghai": 3,
        "singapore": 1,
        "dubai": 1,
        "rome": 1,
        "hangzhou": 2,
    }
    assert glued == {city: marked[city] for city in marked if city in {file.stem for file in files}}
    alike = {f.station for f in found if f.code == "spelled_alike"}
    assert {name for name in alike if name.endswith("站")} == {"西单站", "长沙火车南站站"}
    assert {f.station for f in found if f.code == "ending"} >= {
        "富丰桥",
        "看丹",
        "UAE Exchange Staton",
    }


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Union Station Station", "union"),
        ("UNION  station", "union"),
        ("西单站（换乘站）", "西单"),
        ("Station", "station"),
        ("34 St-Penn", "34stpenn"),
    ],
)
def test_names_that_differ_in_case_blanks_and_endings_have_one_key(name: str, key: str) -> None:
    assert name_key(name) == key
