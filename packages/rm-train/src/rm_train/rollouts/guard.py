"""Before the first step: are vLLM's replies samples of the policy that is trained?

A few replies to questions of the run, with their pictures, go the way that all rollouts take. The
policy must give their tokens the log-probabilities that vLLM sampled them with. Where it does not
(other pictures, another template, other weights), training goes on without an error and learns
from replies that are not its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import torch
from torch import Tensor
from transformers import TrainerCallback
from trl import GRPOTrainer  # pyright: ignore[reportPrivateImportUsage]

from rm_train.run_directory import RunError

_QUESTIONS: Final = 4
_TOKENS: Final = 64
_AS_SAMPLED: Final = {"top_p": 1.0, "top_k": 0, "min_p": None, "repetition_penalty": 1.0}
"""While measuring, vLLM's probabilities are the model's own, whatever the run samples from."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near vLLM's log-probabilities of sampled tokens are to the policy's.

    Attributes:
        mean: Mean absolute difference, in nats a token.
        largest: The largest of them.
        tokens: How many tokens were compared.
    """

    mean: float
    largest: float
    tokens: int


def measure(trainer: GRPOTrainer, rows: Sequence[Mapping[str, Any]]) -> Agreement:
    """Sample replies to the rows as in training, and compare; nothing is learned or written down.

    Args:
        trainer: Samples with vLLM; all its processes must call this.
        rows: Of its dataset; to each a whole group of replies is sampled.
    """
    group = cast("int", trainer.num_generations)
    inputs = [dict(row) for row in rows for _ in range(group)]
    with _aside(trainer), torch.no_grad(), trainer.accelerator.autocast():
        made = cast("Any", GRPOTrainer)._generate_and_score_completions(trainer, inputs)
    apart = (made["old_per_token_logps"] - made["sampling_per_token_logps"]).abs()
    apart = apart[made["completion_mask"].bool()]
    everywhere = cast("Any", trainer.accelerator).gather(
        torch.tensor([[apart.sum(), apart.numel(), apart.max()]], device=apart.device)
    )
    return _agreement(everywhere)


def _agreement(parts: Tensor) -> Agreement:
    total, count = float(parts[:, 0].sum()), int(parts[:, 1].sum())
    return Agreement(total / count, float(parts[:, 2].max()), count)


@contextmanager
def _aside(trainer: GRPOTrainer) -> Generator[None]:
    """Short replies from the whole distribution, without dropout and with no trace in the logs."""
    own, generation = cast("Any", trainer), cast("Any", trainer).vllm_generation
    longest = min(int(generation.max_completion_length), _TOKENS)
    changes = [
        (generation, {**_AS_SAMPLED, "max_completion_length": longest}),
        (own, {"vllm_importance_sampling_correction": True, "mask_truncated_completions": False}),
    ]
    before = [(one, {name: getattr(one, name) for name in new}) for one, new in changes]
    training = bool(own.model.training)
    _set(changes)
    own.model.eval()
    try:
        yield
    finally:
        own.model.train(training)
        _set(before)
        own._metrics["eval"].clear()
        for logged in own._logs.values():
            logged.clear()


def _set(values: Sequence[tuple[object, Mapping[str, object]]]) -> None:
    for one, new in values:
        for name, value in new.items():
            setattr(one, name, value)


def refusal(found: Agreement, limit: float) -> str | None:
    """Why a run must not start with this agreement; None where it may."""
    if found.mean <= limit:
        return None
    return (
        f"vllm_tolerance: vLLM's replies are not this model's own: over {found.tokens} sampled "
        f"tokens the log-probabilities differ by {found.mean:.4f} on average (largest "
        f"{found.largest:.3f}), expected {limit} at most; likely the pictures differ (expanded "
        "twice, other pixel bounds), the weights, or the number type (dtype); --no-use-vllm "
        "samples in the trainer, a larger --vllm-tolerance lets it pass"
    )


class RolloutGuard(TrainerCallback):
    """Measures once, when training begins, and refuses the run if need be.

    Args:
        trainer: Whose rollouts are measured.
        limit: The largest mean difference, in nats a token.
        tell: Told what was measured.
    """

    def __init__(self, trainer: GRPOTrainer, limit: float, tell: Callable[[str], None]) -> None:
        self._trainer = trainer
        self._limit = limit
        self._tell = tell

    def on_train_begin(self, *_args: object, **_settings: object) -> None:
        """Raises RunError where vLLM samples from another model than the policy."""
        found = measure(self._trainer, self._rows())
        reason = refusal(found, self._limit)
        if reason is not None:
            raise RunError(reason)
        self._tell(
            f"rollouts: vLLM, {found.mean:.2g} from the policy's log-probabilities on average "
            f"({found.tokens} tokens, largest {found.largest:.2g}, limit {self._limit})"
        )

    def _rows(self) -> list[Mapping[str, Any]]:
        dataset = cast("Any", self._trainer.train_dataset)
        count = min(_QUESTIONS, len(dataset))
        return [dataset[number * len(dataset) // count] for number in range(count)]
