"""Many lessons about one map in one row: the picture is read once, the lessons hidden from another.

To rounding this gives what a batch of single questions gives (a test compares the two), at less
than half the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from transformers import Qwen2Tokenizer

from rm_train.embedded.lessons import CELLS, GRID, Lesson

_SHARED = -1
_PADDING = -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Rows of lessons behind a picture; every tensor is (n, length).

    Attributes:
        tokens: Token ids, padded on the right.
        lesson: The lesson of each token: -1 before and in the picture, -2 in the padding.
        position: The rotary position of each token behind the picture.
        answer: Whether the token is part of an answer.
        first: Where the picture's 16 tokens begin.
    """

    tokens: Tensor
    lesson: Tensor
    position: Tensor
    answer: Tensor
    first: int

    def positions(self) -> Tensor:
        """Qwen2.5-VL's rotary positions: (time, row, column), each (n, length)."""
        cells = torch.arange(CELLS)
        spread = self.position.expand(3, -1, -1).clone()
        spread[:, :, : self.first] = torch.arange(self.first)
        picture = torch.stack((torch.zeros_like(cells), cells // GRID, cells % GRID))
        spread[:, :, self.first : self.first + CELLS] = (picture + self.first).unsqueeze(1)
        return spread

    def attention(self) -> Tensor:
        """What each token may look at: all before it in the shared part and in its own lesson."""
        length = self.tokens.shape[1]
        earlier = torch.ones(length, length, dtype=torch.bool).tril()
        same = self.lesson.unsqueeze(2) == self.lesson.unsqueeze(1)
        shared = (self.lesson == _SHARED).unsqueeze(1)
        return ((same | shared) & earlier).unsqueeze(1)


@dataclass(slots=True)
class Packer:
    """Turns lessons into rows; remembers the tokens of texts, most of which come again."""

    tokenizer: Qwen2Tokenizer
    _known: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def __call__(self, lessons: Sequence[Sequence[Lesson]]) -> Packed:
        """The lessons of each map in one row, behind its picture."""
        before = self.encode("<|im_start|>user\n<|vision_start|>")
        picture = self.encode("<|image_pad|>") * CELLS
        rows = [self._row(of_map, [*before, *picture], len(before) + GRID) for of_map in lessons]
        pad = self.encode("<|endoftext|>")[0]
        return Packed(
            tokens=_padded([row.tokens for row in rows], pad),
            lesson=_padded([row.lesson for row in rows], _PADDING),
            position=_padded([row.position for row in rows], 0),
            answer=_padded([row.answer for row in rows], 0).bool(),
            first=len(before),
        )

    def encode(self, text: str) -> list[int]:
        """The tokens of a text."""
        if text not in self._known:
            self._known[text] = self.tokenizer(text).input_ids
        return self._known[text]

    def _row(self, lessons: Sequence[Lesson], shared: list[int], start: int) -> _Row:
        count = len(shared)
        row = _Row([*shared], [_SHARED] * count, [0] * count, [0] * count)
        for number, lesson in enumerate(lessons):
            asked = (
                self.encode("<|vision_end|>")
                + self.encode(lesson.prompt)
                + self.encode("<|im_end|>\n<|im_start|>assistant\n")
            )
            answer = self.encode(lesson.answer + "<|im_end|>")
            row.tokens.extend(asked + answer)
            row.lesson.extend([number] * (len(asked) + len(answer)))
            row.position.extend(range(start, start + len(asked) + len(answer)))
            row.answer.extend([0] * len(asked) + [1] * len(answer))
        return row


@dataclass(frozen=True, slots=True)
class _Row:
    tokens: list[int]
    lesson: list[int]
    position: list[int]
    answer: list[int]


def _padded(rows: Sequence[Sequence[int]], value: int) -> Tensor:
    length = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (length - len(row))] for row in rows])
