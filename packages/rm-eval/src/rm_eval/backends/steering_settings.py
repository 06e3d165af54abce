"""How a run is steered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Steering:
    """A steering vector, and how much of it is added.

    Attributes:
        file: The vector, as `rm-eval steer make` wrote it.
        sha256: Of that file.
        model_fingerprint: Of the weights of the model that it was made for.
        layer: The decoder layer, 1 for the first, to whose output it is added.
        strength: alpha: what is added is alpha times the vector.
    """

    file: str
    sha256: str
    model_fingerprint: str
    layer: int
    strength: float = 1.0
