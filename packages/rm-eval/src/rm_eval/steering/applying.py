r"""The vector added while a model replies.

SEAL adds alpha * S to the hidden state of each token that opens a thought, at the layer that S was
taken from, so that this token's own prediction and all later attention to it are changed:

    h <- h + alpha * S

Only tokens of the reply count, and only until its reasoning is closed by `</think>`, if ever.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rm_eval.errors import EvalError
from rm_eval.steering.breaks import Breaks
from rm_eval.steering.layers import decoder_layer, hidden_size, states_in
from rm_eval.steering.thoughts import has_answered
from rm_eval.steering.vector import SteeringVector, read_vector

if TYPE_CHECKING:
    from torch import Tensor

    from rm_eval.backends.steering_settings import Steering
    from rm_eval.policy import Policy


class Steered:
    """A model that can be steered; nothing of it is changed outside `generating`.

    Args:
        policy: The model and its processor.
        vector: What is added.
        strength: How many times.

    Raises:
        EvalError: If the vector is not as wide as the model's states, or the layer does not exist.
    """

    def __init__(self, policy: Policy, vector: SteeringVector, strength: float) -> None:
        import torch  # noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait

        width = hidden_size(policy.model)
        if len(vector.values) != width:
            raise EvalError(
                f"steering vector: found {len(vector.values)} numbers, expected {width}: it was "
                "made for another model"
            )
        self._model = cast("Any", policy.model)
        self._layer = cast("Any", decoder_layer(policy.model, vector.origin.layer))
        self._breaks = Breaks(policy.processor, self._model.device)
        self._added = (strength * torch.from_numpy(vector.values)).to(self._model.device)

    @contextmanager
    def generating(self) -> Generator[None]:
        """Steer one call of `generate` inside; the hooks are gone afterwards, whatever happens."""
        reply = _Reply(self._breaks, self._added)
        handles = (
            self._model.register_forward_pre_hook(reply.read, with_kwargs=True),
            self._layer.register_forward_hook(reply.steer),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


def opened_steering(policy: Policy, steering: Steering) -> Steered:
    """What steers that model as the settings of a run say.

    Raises:
        EvalError, OSError: As `read_vector` and `Steered`.
    """
    return Steered(policy, read_vector(Path(steering.file)), steering.strength)


class _Reply:
    """A batch of replies while they are made, token by token."""

    def __init__(self, breaks: Breaks, added: Tensor) -> None:
        self._breaks = breaks
        self._added = added
        self._tokens: list[Tensor] = []
        self._after_newline: Tensor | None = None
        self._rows: list[int] = []

    def read(self, _model: object, _arguments: object, inputs: dict[str, Any]) -> None:
        """Before a forward pass: which rows are at a token that opens a thought."""
        tokens = cast("Tensor", inputs["input_ids"])[:, -1]
        if self._after_newline is None:  # the prompt
            self._after_newline = tokens.new_zeros(tokens.shape).bool()
            return
        opening = self._breaks.opening(tokens, self._after_newline)
        self._after_newline = self._breaks.ending_line(tokens)
        self._tokens.append(tokens)
        rows = cast("list[int]", opening.nonzero().flatten().tolist())
        self._rows = [row for row in rows if self._still_thinking(row)]

    def steer(self, _layer: object, _arguments: object, output: object) -> object:
        """After the layer: the states with the vector added in those rows; None changes nothing."""
        if not self._rows:
            return None
        states = states_in(output).clone()
        states[self._rows, -1] += self._added.to(states)
        return (states, *output[1:]) if isinstance(output, tuple) else states  # pyright: ignore[reportUnknownVariableType]

    def _still_thinking(self, row: int) -> bool:
        return not has_answered(self._breaks.text([int(one[row]) for one in self._tokens]))
