from pathlib import Path
from typing import Any, cast

import pytest
import torch
from PIL import Image

from rm_data import draw, generate
from rm_eval import load_processor
from rm_train.embedded import checkpoint_path
from rm_train.fitting import fitting
from rm_train.prompts import Pictures


def processor(max_pixels: int | None = None) -> Any:  # noqa: ANN401 - transformers types none
    return load_processor(checkpoint_path(), max_pixels=max_pixels)


@pytest.mark.parametrize("size", [(112, 112), (40, 30), (896, 896), (1400, 300), (333, 777)])
@pytest.mark.parametrize("max_pixels", [None, 100 * 28 * 28])
def test_a_fitted_picture_gives_the_processor_s_own_patches(
    size: tuple[int, int], max_pixels: int | None
) -> None:
    picture = draw(generate(3, style="named"), style="named").resize(size)
    images = processor(max_pixels).image_processor
    fitted = fitting(processor(max_pixels))(picture)
    whole = images([picture], return_tensors="pt")
    reduced = images([fitted], return_tensors="pt")
    assert torch.equal(whole["image_grid_thw"], reduced["image_grid_thw"])
    assert torch.equal(whole["pixel_values"], reduced["pixel_values"])


def test_another_kind_of_processor_gets_the_picture_as_it_is() -> None:
    other = cast("Any", type("Other", (), {"image_processor": object()})())
    picture = Image.new("RGB", (900, 900))
    assert fitting(other)(picture) is picture


def test_opened_pictures_are_fitted_once_and_transparency_is_paper(tmp_path: Path) -> None:
    file = tmp_path / "map.png"
    Image.new("RGBA", (1200, 600), (0, 0, 0, 0)).save(file)
    pictures = Pictures(fitting(processor(50_000)))
    once, again = pictures.of([file]), pictures.of([file])
    assert once[0] is again[0]
    assert once[0].width * once[0].height <= 50_000
    assert once[0].getpixel((0, 0)) == (255, 255, 255)
