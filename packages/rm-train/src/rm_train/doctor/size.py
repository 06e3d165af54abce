"""How large a run is: weights, gradients, optimizer, activations, checkpoints, in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FLOAT32: Final = 4
BFLOAT16: Final = 2
FOUR_BITS: Final = 0.5625
"""A weight in 4 bits and its share of a block's scale (4 bytes for 64 weights)."""


_ACTIVATION: Final = 17
"""Numbers kept for the backward pass by one layer for each token and unit of width, with attention
that does not keep its matrix: 34 bytes at 2 bytes a number (Korthikanti et al. 2022, eq. 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What the size of a run follows from.

    Attributes:
        parameters: Of the whole model.
        trained: Parameters that are trained: all, or those of the adapters.
        weight_bytes: A frozen weight's bytes; trained ones are float32.
        compute_bytes: An activation's bytes: the type of the arithmetic.
        width, layers, vocabulary: Of the language model.
        replies: In one forward pass on one device.
        length: Tokens of the longest prompt and reply together.
        completion: Tokens of the longest reply.
        checkpointing: Whether activations are computed again in the backward pass.
        reference: Whether a second copy of the weights serves the KL term.
        copies: Slow copies of the trained weights that methods hold, in float32.
        shards: Devices over which weights, gradients and optimizer are divided.
    """

    parameters: int
    trained: int
    weight_bytes: float = FLOAT32
    compute_bytes: int = FLOAT32
    width: int = 1
    layers: int = 1
    vocabulary: int = 1
    replies: int = 1
    length: int = 1
    completion: int = 1
    checkpointing: bool = False
    reference: bool = False
    copies: int = 0
    shards: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes on one device, at the peak of a step.

    Attributes:
        held: What stays: weights, gradients, optimizer, reference.
        passing: What a forward and backward pass adds: activations and logits.
    """

    weights: float
    gradients: float
    optimizer: float
    reference: float
    activations: float
    logits: float

    @property
    def held(self) -> float:
        """What stays there through the whole run; known exactly."""
        return self.weights + self.gradients + self.optimizer + self.reference

    @property
    def passing(self) -> float:
        """What a pass adds; an estimate."""
        return self.activations + self.logits

    @property
    def total(self) -> float:
        """All of it."""
        return self.held + self.passing


def memory_of(size: Size) -> Memory:
    r"""The memory of one device.

    With $N$ parameters, $T$ of them trained, $b$ bytes a frozen weight, $c$ bytes an activation,
    $D$ shards, $r$ replies a pass, $L$ tokens each of which $L_r$ of the reply, width $h$, $l$
    layers and vocabulary $V$:

    - weights $(4T + b(N - T_{own})) / D$, where $T_{own}$ is $N$ when all is trained and 0 for
      adapters, which come on top; gradients $4T / D$; AdamW's two moments $8T / D$;
    - reference $4N / D$, if there is one (adapters need none: they are switched off), and $4T$
      for each slow copy that a method holds;
    - activations $17 c r L h l$ (Korthikanti et al. 2022, without the attention matrix), or
      $c r L h (l + 17)$ when they are computed again;
    - logits $2 \cdot 4 r L_r V$: the logits of a reply in float32 and their gradient.

    The vision tower's activations are left out: a few per cent for maps of 1,000 to 2,000 tokens.
    """
    whole = size.trained >= size.parameters
    frozen = 0 if whole else size.weight_bytes * size.parameters
    tokens = size.replies * size.length
    each = size.compute_bytes * tokens * size.width
    reference = size.parameters if size.reference else 0
    kept = size.layers + _ACTIVATION if size.checkpointing else size.layers * _ACTIVATION
    return Memory(
        weights=(frozen + FLOAT32 * size.trained) / size.shards,
        gradients=FLOAT32 * size.trained / size.shards,
        optimizer=2 * FLOAT32 * size.trained / size.shards,
        reference=FLOAT32 * (reference / size.shards + size.copies * size.trained),
        activations=float(each * kept),
        logits=2.0 * FLOAT32 * size.replies * size.completion * size.vocabulary,
    )


def checkpoint_bytes(trained: int) -> int:
    """One checkpoint: trained weights and AdamW's two moments, in float32: 12 bytes each."""
    return 3 * FLOAT32 * trained


def run_bytes(trained: int, checkpoints: int) -> int:
    """What a run writes at the most: so many checkpoints at a time, and the final model."""
    return checkpoints * checkpoint_bytes(trained) + FLOAT32 * trained


def checkpoints_at_once(updates: int, every: int, keep: int) -> int:
    """How many checkpoints lie on the disk at the most.

    Those that are kept, and the new one that is written before the oldest goes.

    Args:
        updates: Of the whole run.
        every: Updates between two checkpoints; 0 saves none.
        keep: How many are kept.
    """
    return min(keep + 1, updates // every) if every else 0
