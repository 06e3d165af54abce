"""Replies drawn from random numbers of their own: the same ones on any number of processes.

A batch is sampled from one stream of random numbers, so what a reply becomes depends on the replies
beside it, and these on how a step is divided among processes. Here every reply has a stream of its
own, which seed, step, asking and place in the step decide.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from transformers.generation.logits_process import LogitsProcessor, LogitsProcessorList

HOOKED: Final = "_get_logits_processor"
"""The method of transformers' models that lists what is done to the scores of the next token."""


class OwnStreams(LogitsProcessor):
    """Draws the next token of each row, and leaves no other to sample.

    A token of probability p is drawn where p / e is greatest, with e from an exponential
    distribution for each token: this is an exact sample. Streams are of the CPU on every device, so
    that a GPU draws from the same numbers.

    Args:
        streams: What tells the stream of each row, in the order of the rows.
    """

    def __init__(self, streams: Sequence[str]) -> None:
        self._streams = [torch.Generator().manual_seed(_number(name)) for name in streams]

    def __call__(self, input_ids: Any, scores: Any) -> Any:  # noqa: ANN401 - tensors, as its parent
        """Scores (rows, vocabulary) with 0 for the drawn token and -inf for the others."""
        del input_ids
        size: int = scores.size(1)
        noise = torch.stack([torch.empty(size).exponential_(generator=s) for s in self._streams])
        chances: Tensor = scores.float().softmax(dim=-1)
        drawn = (chances / noise.to(scores.device)).argmax(dim=-1, keepdim=True)
        return torch.full_like(scores, -torch.inf).scatter(1, drawn, 0.0)


@contextmanager
def own_streams(model: nn.Module, streams: Sequence[str]) -> Generator[None]:
    """While this holds, what the model samples comes from these streams, one a row.

    Greedy replies stay what they are. After temperature, top-p and the like.
    """
    base = cast("Any", model)
    base = base.get_base_model() if hasattr(base, "get_base_model") else base  # of adapters
    stock = getattr(base, HOOKED)

    def listed(generation_config: Any, *args: object, **given: object) -> LogitsProcessorList:  # noqa: ANN401
        found: LogitsProcessorList = stock(generation_config, *args, **given)
        if generation_config.do_sample:
            found.append(OwnStreams(streams))
        return found

    setattr(base, HOOKED, listed)
    try:
        yield
    finally:
        delattr(base, HOOKED)


def _number(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big") >> 1
