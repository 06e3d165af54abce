import json
from pathlib import Path

import pytest

from rm_data.map_manifest import MapRow, read_manifest, write_manifest
from rm_rewards import RecordError


def row(city: str, **rejected: int) -> MapRow:
    return MapRow(
        city=city, look="metro", lines=4, stations=30, width=900, height=700, rejected=rejected
    )


def test_rows_are_written_as_they_come_with_their_sums_behind_them(tmp_path: Path) -> None:
    path = tmp_path / "maps.json"
    rows = [row("a", growth=2), row("b"), row("c", growth=1, badge=4)]
    told: list[int] = []
    made = write_manifest({"seed": 3}, iter(rows), path, told.append)
    assert (made.kept, made.rejected) == (3, {"badge": 4, "growth": 3})
    assert told == [1, 1, 1]
    assert json.loads(path.read_bytes())["seed"] == 3
    read = read_manifest(path)
    assert read.maps == tuple(rows)
    assert (read.kept, read.rejected) == (made.kept, made.rejected)
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(rows) + 2


def test_no_maps_are_a_manifest_too(tmp_path: Path) -> None:
    write_manifest({"seed": 0}, [], tmp_path / "maps.json", lambda _: None)
    assert read_manifest(tmp_path / "maps.json").maps == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line: found '{', expected a JSON object"),
        ('{"maps": [], "kept": "3", "rejected": {}}', "kept: found '3'"),
        ('{"maps": [{"city": 1}], "kept": 1, "rejected": {}}', "maps"),
    ],
)
def test_a_broken_manifest_is_told_with_file_and_field(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "maps.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError) as told:
        read_manifest(path)
    assert message in str(told.value)
    assert str(path) in str(told.value)
