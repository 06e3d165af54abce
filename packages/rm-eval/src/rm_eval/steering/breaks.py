"""Which tokens open a thought: those with which an empty line is complete."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from rm_eval.steering.thoughts import Label, has_answered, label_of, reasoning_of

if TYPE_CHECKING:
    from torch import Tensor, device
    from transformers import ProcessorMixin

_EMPTY_LINE = "\n\n"
_AT_ONCE = 10_000


class Breaks:
    r"""The tokens of a vocabulary that open a thought, alone or after another.

    A tokenizer may have `\n\n` as one token, as the end of one (`.\n\n`), or as two (`\n`, `\n`).

    Args:
        processor: That of the model; its tokenizer decides.
        device: Where the tokens will be that are asked about.
    """

    def __init__(self, processor: ProcessorMixin, device: str | device = "cpu") -> None:
        import torch  # noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait

        self._tokenizer = cast("Any", processor).tokenizer
        texts = _texts(self._tokenizer)
        self._alone = torch.tensor([_EMPTY_LINE in text for text in texts], device=device)
        self._starts = torch.tensor([text.startswith("\n") for text in texts], device=device)
        self._ends = torch.tensor([text.endswith("\n") for text in texts], device=device)

    def opening(self, tokens: Tensor, after_newline: Tensor) -> Tensor:
        """Whether each token opens a thought; `after_newline`: whether a line ended before it."""
        known = self._known(tokens)
        return self._alone[known] | (self._starts[known] & after_newline)

    def ending_line(self, tokens: Tensor) -> Tensor:
        """Whether a line ends with each token."""
        return self._ends[self._known(tokens)]

    def text(self, tokens: Sequence[int]) -> str:
        """What these tokens say, `<think>` and other marks of the model included."""
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=False))

    def opened(self, reply: Sequence[int]) -> list[tuple[int, Label]]:
        """The thoughts in the tokens of a reply: the place of the token that opens each, its label.

        The same thoughts as `rm_eval.steering.thoughts.thoughts` finds in the text.
        """
        places = [*self._places(reply), len(reply)]
        if has_answered(self.text(reply[: places[0] + 1])):
            return []
        found: list[tuple[int, Label]] = []
        for start, stop in pairwise(places):
            text = self.text(reply[start + 1 : stop + 1])
            thought = reasoning_of(text).strip()
            if thought:
                found.append((start, label_of(thought)))
            if has_answered(text):
                break
        return found

    def _places(self, reply: Sequence[int]) -> list[int]:
        import torch  # noqa: PLC0415 - as above

        tokens = torch.tensor(list(reply), dtype=torch.long, device=self._ends.device)
        after = torch.cat([self._ends.new_zeros(1), self.ending_line(tokens)])[:-1]
        return [int(place) for place in self.opening(tokens, after).nonzero().flatten()]

    def _known(self, tokens: Tensor) -> Tensor:
        return tokens.clamp(max=len(self._ends) - 1)  # the model's table may be longer


def _texts(tokenizer: Any) -> list[str]:  # noqa: ANN401 - each family has a class of its own
    size = len(tokenizer)
    made: list[str] = []
    for first in range(0, size, _AT_ONCE):
        rows = [[number] for number in range(first, min(first + _AT_ONCE, size))]
        made += tokenizer.batch_decode(rows, clean_up_tokenization_spaces=False)
    return [*made, ""]  # for what stands beyond the tokenizer's own
