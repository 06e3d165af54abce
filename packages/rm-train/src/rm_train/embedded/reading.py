"""The embedded model's first lesson: each picture token names what stands in its own cell.

Supervised answers alone do not teach a model with random weights to read within minutes. So the
merged picture tokens are sent through the language model's own output layer and must name the
letter and the lines of their cell: a stand-in for a pre-trained vision tower.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2Tokenizer

from rm_train.embedded.lessons import CELLS, GRID, LETTERS, LINES, SchoolMap

Model: TypeAlias = Qwen2_5_VLForConditionalGeneration

# the picture processor of Qwen2.5-VL; a test holds `patches` against the real one
_MEAN: Final = np.array((0.48145466, 0.4578275, 0.40821073), dtype=np.float32)
_STD: Final = np.array((0.26862954, 0.26130258, 0.27577711), dtype=np.float32)
_PATCH: Final = 14
_PATCHES: Final = 4 * CELLS

_EMPTY: Final = "<|vision_pad|>"


def patches(pictures: NDArray[np.uint8]) -> Tensor:
    """Pictures (n, 112, 112, 3) as the processor gives them: (n * 64, 1176), float32."""
    scaled = (pictures.astype(np.float32) / 255 - _MEAN) / _STD
    grouped = scaled.reshape(len(pictures), GRID, 2, _PATCH, GRID, 2, _PATCH, 3)
    ordered = grouped.transpose(0, 1, 4, 2, 5, 7, 3, 6)  # group, patch in group, channel, y, x
    flat = ordered.reshape(len(pictures) * _PATCHES, 3, 1, _PATCH * _PATCH).repeat(2, axis=2)
    return torch.from_numpy(np.ascontiguousarray(flat.reshape(len(flat), -1)))


def picture_tokens(model: Model, maps: Sequence[SchoolMap]) -> Tensor:
    """The merged picture tokens of each map: (n, 16, width), one a cell, row by row."""
    grid = torch.tensor([[1, 2 * GRID, 2 * GRID]] * len(maps))
    pixels = patches(np.stack([m.picture for m in maps]))
    merged: Tensor = model.model.visual(pixels, grid_thw=grid).pooler_output
    return merged.reshape(len(maps), CELLS, -1)


class Reading:
    """What the picture tokens say about their cells, and how right that is."""

    def __init__(self, tokenizer: Qwen2Tokenizer) -> None:
        self._letter_ids = torch.tensor(tokenizer.convert_tokens_to_ids([*LETTERS, _EMPTY]))
        self._line_ids = torch.tensor(tokenizer.convert_tokens_to_ids(list(LINES)))

    def loss(self, model: Model, tokens: Tensor, maps: Sequence[SchoolMap]) -> Tensor:
        """Cross-entropy of the letter (or "empty") plus that of each line, over all cells."""
        letters, lines = self._scores(model, tokens)
        true_letters, true_lines = _truth(maps)
        named = functional.cross_entropy(letters.flatten(0, 1), true_letters.flatten())
        return named + functional.binary_cross_entropy_with_logits(lines, true_lines)

    @torch.no_grad()
    def measure(self, model: Model, maps: Sequence[SchoolMap]) -> dict[str, float]:
        """The share of stations whose letter is right, and whose lines are all right."""
        letters, lines = self._scores(model, picture_tokens(model, maps))
        true_letters, true_lines = _truth(maps)
        station = true_letters < len(LETTERS)
        named = (letters.argmax(-1) == true_letters)[station].float().mean()
        served = ((lines > 0) == (true_lines > 0)).all(-1)[station].float().mean()
        return {"letters": float(named), "lines": float(served)}

    def _scores(self, model: Model, tokens: Tensor) -> tuple[Tensor, Tensor]:
        scores: Tensor = model.lm_head(tokens)
        return scores[..., self._letter_ids], scores[..., self._line_ids]


def _truth(maps: Sequence[SchoolMap]) -> tuple[Tensor, Tensor]:
    """The index of each cell's letter (n, 16) and its lines as 0 or 1 (n, 16, lines)."""
    known = [*LETTERS, ""]
    letters = [[known.index(letter) for letter in m.letters] for m in maps]
    lines = [[[float(name in at) for name in LINES] for at in m.lines] for m in maps]
    return torch.tensor(letters), torch.tensor(lines)
