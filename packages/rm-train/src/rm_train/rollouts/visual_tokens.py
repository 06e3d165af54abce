"""How much of its pictures a model sees: a line for the head of a run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from statistics import median

from transformers import ProcessorMixin

from rm_train.doctor.processor_facts import seen_picture
from rm_train.rollouts.generation import pixel_bounds


def picture_line(processor: ProcessorMixin, pictures: Iterable[Path]) -> str:
    """How many tokens the pictures become, and between which numbers of pixels they are scaled.

    Example: `5 pictures: 256 / 1024 / 1260 visual tokens (least / median / most), scaled to 3,136
    to 1,003,520 pixels`.

    Args:
        processor: That of the run, with the run's own bounds.
        pictures: Of the questions; each distinct one counts once.
    """
    tokens = [seen_picture(processor, path).tokens for path in dict.fromkeys(pictures)]
    bounds = pixel_bounds(processor)
    scaled = f", scaled to {bounds[0]:,} to {bounds[1]:,} pixels" if bounds else ""
    counted = "1 picture" if len(tokens) == 1 else f"{len(tokens)} pictures"
    return (
        f"{counted}: {min(tokens)} / {median(tokens):g} / {max(tokens)} visual tokens "
        f"(least / median / most){scaled}"
    )
