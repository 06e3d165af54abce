from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from rm_eval import load_policy
from rm_train.shared_pictures import distinct, share_pictures


def features(model: Any, pixels: Tensor, grid: Tensor) -> Tensor:  # noqa: ANN401
    return torch.cat(model.model.get_image_features(pixels, grid).pooler_output)


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    small, large = torch.randn(16, 1176), torch.randn(32, 1176)
    grid = torch.tensor([[1, 4, 4], [1, 4, 8], [1, 4, 4], [1, 8, 4], [1, 4, 4]])
    return torch.cat([small, large, small, large, torch.randn(16, 1176)]), grid


def test_features_and_gradients_are_those_of_the_stock_tower(
    tiny_model: Path, batch: tuple[Tensor, Tensor]
) -> None:
    found: list[tuple[Tensor, Tensor]] = []
    for shared in (False, True):
        model = cast("Any", load_policy(tiny_model, dtype="float32").model)
        if shared:
            share_pictures(model)
        made = features(model, *batch)
        weights = torch.linspace(-1, 1, made.numel()).view_as(made)
        (made * weights).sum().backward()
        found.append((made.detach(), model.model.visual.patch_embed.proj.weight.grad))
    torch.testing.assert_close(found[1][0], found[0][0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found[1][1], found[0][1], atol=1e-3, rtol=1e-3)


def test_the_tower_sees_each_picture_once(
    tiny_model: Path, batch: tuple[Tensor, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = cast("Any", load_policy(tiny_model, dtype="float32").model)
    tower = model.model.visual
    seen: list[Any] = []
    stock = tower.forward

    def watched(pixels: Tensor, grid_thw: Tensor, **rest: object) -> object:
        seen.append(cast("Any", grid_thw).tolist())
        return stock(pixels, grid_thw=grid_thw, **rest)

    monkeypatch.setattr(tower, "forward", watched)
    share_pictures(model)
    share_pictures(model)
    features(model, *batch)
    # the fourth has the patches of the second, but another shape
    assert seen == [[[1, 4, 4], [1, 4, 8], [1, 8, 4], [1, 4, 4]]]


def test_pictures_with_equal_sums_but_other_pixels_are_kept_apart() -> None:
    first = torch.arange(6.0).view(3, 2)
    pictures = [first, first.flip(0), first.clone()]
    first_of, kept = distinct(pictures, [(1, 1, 3)] * 3)
    assert all(torch.equal(pictures[kept[p]], pictures[i]) for i, p in enumerate(first_of))
