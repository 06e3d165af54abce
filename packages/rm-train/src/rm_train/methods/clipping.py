"""Whether the ratio of new to old probability can differ from 1, and so be clipped."""

from __future__ import annotations

from rm_train.config import TrainConfig


def clipping_acts(config: TrainConfig | None) -> str:
    """A clause for the head of a run.

    The first update from a step's replies has the ratio 1 everywhere: nothing is clipped, and the
    gradient is that of any other level or bound. Only later updates differ.
    """
    if config is None:
        return "acts on the later updates from a step's replies"
    if config.updates_per_step == 1:
        return (
            "does not act: one update from a step's replies has the ratio 1 everywhere; "
            "set minibatches or num_iterations above 1"
        )
    return f"acts from the second of a step's {config.updates_per_step} updates on"
