import io
from pathlib import Path

import pytest
from PIL import Image

from rm_data.contact_sheet import contact_sheet
from rm_rewards import RecordError


def picture(folder: Path, name: str, size: tuple[int, int], colour: str) -> Path:
    path = folder / f"{name}.png"
    Image.new("RGB", size, colour).save(path)
    return path


def test_pictures_stand_in_rows_under_one_another(tmp_path: Path) -> None:
    red = picture(tmp_path, "a", (400, 200), "#ff0000")
    blue = picture(tmp_path, "b", (100, 400), "#0000ff")
    green = picture(tmp_path, "c", (50, 50), "#00ff00")
    with Image.open(io.BytesIO(contact_sheet([red, blue, green], columns=2, side=200))) as made:
        sheet = made.convert("RGB")
    assert sheet.width == 2 * 200 + 3 * 12
    places = {(112, 112): "red", (324, 112): "blue", (112, 280): "green"}
    wanted = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 255, 0)}
    for place, colour in places.items():
        assert sheet.getpixel(place) == wanted[colour]


def test_a_sheet_needs_pictures(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="at least one picture"):
        contact_sheet([])
    (tmp_path / "x.png").write_text("no")
    with pytest.raises(RecordError, match=r"x\.png"):
        contact_sheet([tmp_path / "x.png"])
