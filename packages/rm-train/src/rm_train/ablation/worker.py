"""A process that carries out one run after the other, so that the libraries are loaded once.

It reads one order a line from standard input and answers with one line each. When the input ends,
also because the process that gave the orders was killed, it stops at once, in the middle of a run
if need be: the run can be resumed, and two processes never work in one folder.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TextIO

from rm_train.config_file import from_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a worker is to do.

    Attributes:
        name: Of the run.
        config: The settings of the run; none: only measure `model`.
        model: The model to measure; the run's own if there is a run.
        questions: The held-out questions.
        held_out: The folder for the held-out replies.
        grading: The reward specification that grades them.
        batch_size: Questions at a time.
        max_new_tokens: Longest reply.
        device: `auto`, `cpu` or `cuda`.
        min_pixels, max_pixels: As in the run's settings; 0 keeps the model's own.
        log: What is said on the way goes there.
    """

    name: str
    config: Mapping[str, Any] | None
    model: str
    questions: str
    held_out: str
    grading: str
    batch_size: int
    max_new_tokens: int
    device: str
    min_pixels: int
    max_pixels: int
    log: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How an order went: the reason in one line if it failed, else none."""

    name: str
    seconds: float
    reason: str


def carry_out(order: Order) -> None:
    """Train the run as far as it is not trained, and measure it as far as it is not measured."""
    # torch is loaded here, in the worker, and not by those who give orders
    from rm_eval import bench  # noqa: PLC0415
    from rm_train.training import train  # noqa: PLC0415

    if order.config is not None:
        train(from_mapping(order.config, where=order.name))
    bench(
        order.model,
        order.questions,
        order.held_out,
        batch_size=order.batch_size,
        max_new_tokens=order.max_new_tokens,
        reward=order.grading,
        device=_device(order.device),
        min_pixels=order.min_pixels or None,
        max_pixels=order.max_pixels or None,
    )


def _device(wanted: str) -> str:
    import torch  # noqa: PLC0415

    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def _attempt(order: Order) -> Answer:
    began = time.monotonic()
    with (
        Path(order.log).open("a", encoding="utf-8") as log,
        redirect_stdout(log),
        redirect_stderr(log),
    ):
        reason = _reason(order)
    return Answer(order.name, round(time.monotonic() - began, 2), reason)


def _reason(order: Order) -> str:
    try:
        carry_out(order)
    except Exception as error:  # one run's failure is reported, the others go on
        traceback.print_exc()
        return " ".join(f"{type(error).__name__}: {error}".split())
    return ""


def _orders(source: TextIO) -> Iterator[Order]:
    """The orders as they come; when there can be no more of them the process ends at once."""
    waiting: SimpleQueue[str] = SimpleQueue()

    def listen() -> None:
        for line in source:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield Order(**json.loads(waiting.get()))


def main() -> None:
    """Work until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1, encoding="utf-8")
    for order in _orders(sys.stdin):
        answers.write(json.dumps(asdict(_attempt(order))) + "\n")


if __name__ == "__main__":
    main()
