"""A training watched from outside: each saved model asked the same questions, while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.options import Options, settings_of
from rm_eval.run import bench
from rm_eval.training_time.checkpoints import Training
from rm_eval.training_time.curve import Curve
from rm_eval.training_time.holding import Held
from rm_eval.training_time.looks import check_asking, is_finished
from rm_eval.training_time.plan import ASKED, LookPlan, folder_of
from rm_eval.training_time.record import write_record
from rm_eval.training_time.summary import look_line

POLL: Final = 10.0
"""Seconds between two looks into the training's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched, and how.

    Attributes:
        run: A run directory of rm-train, or a folder with `checkpoint-N`.
        questions: A questions file, or a folder that holds one.
        out: Where the looks and the curve go.
        plan: What is fixed before the first look.
        start: The model at step 0; None: the first checkpoint is what the others are held against.
        until: The last step to look at; None: until the training says that it is done.
        once: Look at what is there now, and end.
        asking: How it is asked, as `bench` takes it: backend, device, max_new_tokens, ...
    """

    run: Path
    questions: Path
    out: Path
    plan: LookPlan
    start: str | None = None
    until: int | None = None
    once: bool = False
    asking: Options

    @property
    def fixed(self) -> LookPlan:
        """The plan, bound to this training."""
        return replace(self.plan, training=str(self.run.resolve()), start=self.start or "")


def watch(
    watched: Watch,
    *,
    tell: Callable[[str], None] = lambda _line: None,
    pause: Callable[[], None] = lambda: time.sleep(POLL),
) -> Curve:
    """Ask each saved model that is due, until the training is done; gives the curve.

    Called again it goes on: no question is asked twice of the same weights. Nothing is written into
    the training's folder.

    Args:
        watched: What to watch.
        tell: Told of each look, in one line.
        pause: Waits until it is time to look again.

    Raises:
        EvalError: If there is no such folder, the plan cannot be used or is another than before, or
            nothing was there to ask (`once`).
        PolicyError, RecordError, OSError: As `bench`.
    """
    if not watched.run.is_dir():
        raise EvalError(f"{watched.run}: no such folder, expected that of a training")
    watched.fixed.settle(watched.questions, watched.out)
    check_asking(watched.out, settings_of(watched.asking))
    held = Held(Training(watched.run), watched.plan, watched.out, watched.until)
    if watched.start is not None and not is_finished(folder_of(watched.out, 0)):
        _ask(watched, held, 0, watched.start, tell)
    while True:
        done = watched.once or _is_done(watched)  # before the look: what comes after is seen next
        held.take()
        for saved in held.waiting():
            _ask(watched, held, saved.step, str(saved.folder), tell)
            held.release(saved)
        if held.waiting():
            continue
        if done:
            return _curve(watched)
        pause()


def _is_done(watched: Watch) -> bool:
    training = Training(watched.run)
    last = training.last_step()
    if watched.until is None:
        return last is not None
    seen = [one.step for one in training.whole()]
    return last is not None or max(seen, default=0) >= watched.until


def _ask(watched: Watch, held: Held, step: int, model: str, tell: Callable[[str], None]) -> None:
    def progress(_answered: int, _total: int) -> None:
        held.take()

    folder = folder_of(watched.out, step)
    bench(model, watched.out / ASKED, folder, **watched.asking, progress=progress)
    tell(look_line(write_record(watched.out), step))


def _curve(watched: Watch) -> Curve:
    try:
        return write_record(watched.out)
    except EvalError:
        raise EvalError(
            f"{watched.run}: no checkpoint to look at (every {watched.plan.every} steps"
            + ("" if watched.until is None else f", up to {watched.until}")
            + "); expected checkpoint-N folders, whole and at such steps"
        ) from None
