"""The embedded model's second lesson: answers, and finding a station that the question names.

A question is answered by look-up: the letter in the question, the cell with that letter, its lines.
Left to itself the model finds this circuit late or never, depending on the seed. So at each letter
of a question or answer the first layer, too, must name the lines of that station (deep
supervision); with it the plateau ends within a few hundred steps, whatever the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional
from transformers import Qwen2Tokenizer

from rm_train.embedded.lessons import CELLS, LETTERS, LINES, Lesson, SchoolMap
from rm_train.embedded.packing import Packed, Packer
from rm_train.embedded.reading import Model, Reading, picture_tokens

_READING = 0.3
_LOOK_UP = 0.5
_MAPS_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Pass:
    """One forward pass over packed lessons.

    Attributes:
        packed: What went in.
        pictures: The picture tokens (n, 16, width).
        first: The states after the first layer (n, length, width).
        last: The states after the last layer (n, length, width).
    """

    packed: Packed
    pictures: Tensor
    first: Tensor
    last: Tensor


class Answering:
    """Losses and measures over lessons."""

    def __init__(self, tokenizer: Qwen2Tokenizer) -> None:
        self._packer = Packer(tokenizer)
        self._reading = Reading(tokenizer)
        self._line_ids = torch.tensor(tokenizer.convert_tokens_to_ids(list(LINES)))
        letter_ids = torch.tensor(tokenizer.convert_tokens_to_ids(list(LETTERS)))
        self._letter_of = torch.full((len(tokenizer),), -1)
        self._letter_of[letter_ids] = torch.arange(len(LETTERS))

    def forward(
        self, model: Model, maps: Sequence[SchoolMap], lessons: Sequence[Sequence[Lesson]]
    ) -> Pass:
        """The model over the lessons of each map."""
        packed = self._packer(lessons)
        pictures = picture_tokens(model, maps)
        text = model.get_input_embeddings()(packed.tokens)
        head, tail = text[:, : packed.first], text[:, packed.first + CELLS :]
        states = model.model.language_model(
            inputs_embeds=torch.cat((head, pictures, tail), dim=1),
            position_ids=packed.positions(),
            attention_mask=packed.attention(),
            output_hidden_states=True,
            use_cache=False,
        )
        first = model.model.language_model.norm(states.hidden_states[1])
        return Pass(packed, pictures, first, states.last_hidden_state)

    def loss(
        self, model: Model, maps: Sequence[SchoolMap], lessons: Sequence[Sequence[Lesson]]
    ) -> Tensor:
        """Cross-entropy of the answers, with the losses of reading and of look-up added."""
        seen = self.forward(model, maps, lessons)
        scores, truth = self.scores(model, seen)
        answers = functional.cross_entropy(scores, truth)
        reading = self._reading.loss(model, seen.pictures, maps)
        return answers + _READING * reading + _LOOK_UP * self._look_up(model, seen, maps)

    def scores(self, model: Model, seen: Pass) -> tuple[Tensor, Tensor]:
        """Scores at the answers' tokens (m, vocabulary) and those tokens (m)."""
        rows, columns = seen.packed.answer[:, 1:].nonzero(as_tuple=True)
        return model.lm_head(seen.last[rows, columns]), seen.packed.tokens[rows, columns + 1]

    def _look_up(self, model: Model, seen: Pass, maps: Sequence[SchoolMap]) -> Tensor:
        packed = seen.packed
        letters = self._letter_of[packed.tokens]
        rows, columns = ((letters >= 0) & (packed.lesson >= 0)).nonzero(as_tuple=True)
        truth = torch.stack([_lines_of_letters(m) for m in maps])[rows, letters[rows, columns]]
        scores = model.lm_head(seen.first[rows, columns])[:, self._line_ids]
        return functional.binary_cross_entropy_with_logits(scores, truth)

    @torch.no_grad()
    def measure(self, model: Model, maps: Sequence[SchoolMap]) -> dict[str, float]:
        """The share of exact answers for each kind of lesson, as greedy decoding gives them."""
        right: dict[str, list[bool]] = {}
        for start in range(0, len(maps), _MAPS_AT_ONCE):
            part = maps[start : start + _MAPS_AT_ONCE]
            lessons = [m.lessons for m in part]
            seen = self.forward(model, part, lessons)
            scores, truth = self.scores(model, seen)
            missed = _missed(seen.packed, scores.argmax(-1) != truth)
            for row, of_map in enumerate(lessons):
                for number, lesson in enumerate(of_map):
                    right.setdefault(lesson.kind, []).append((row, number) not in missed)
        return {kind: sum(found) / len(found) for kind, found in sorted(right.items())}


def _missed(packed: Packed, wrong: Tensor) -> set[tuple[int, int]]:
    """The (row, lesson) pairs with a wrong token in the answer."""
    rows, columns = packed.answer[:, 1:].nonzero(as_tuple=True)
    pairs = torch.stack((rows, packed.lesson[rows, columns + 1]))[:, wrong]
    wrong_ones: list[list[int]] = cast("Any", pairs.T.tolist())
    return {(row, lesson) for row, lesson in wrong_ones}


def _lines_of_letters(school_map: SchoolMap) -> Tensor:
    """For each of the 26 letters the lines of that station as 0 or 1: (26, lines)."""
    truth = torch.zeros(len(LETTERS), len(LINES))
    for letter, lines in zip(school_map.letters, school_map.lines, strict=True):
        for name in lines:
            truth[LETTERS.index(letter), LINES.index(name)] = 1.0
    return truth
