"""What our GRPO does differently from TRL's: advantages and methods.

It overrides private methods of TRL 1.16 and transformers 5; a test pins their names, and the
package asks for `trl>=1.16,<1.17`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import torch
from torch import Tensor, nn

from rm_train.advantages import advantages, total_rewards
from rm_train.config import Advantage, Baseline, ConfigError
from rm_train.independent_sampling import own_streams
from rm_train.methods.method import Generate, Method, Rows
from rm_train.methods.rollouts import Rollouts
from rm_train.resuming import RESUMING, ResumingTrainer
from rm_train.rewards import Scorer
from rm_train.shared_pictures import share_pictures
from rm_train.step_log import AfterUpdate

PINNED: Final = (
    "_calculate_rewards",
    "_generate_and_score_completions",
    "_generate_single_turn",
    *RESUMING,
)
"""The methods that are overridden; TRL and transformers call them by these names."""

CALLED = ("_get_per_token_logps_and_entropies",)
"""Private methods of TRL's trainer that are called here."""

_SEEN = (
    "pixel_values", "image_grid_thw", "num_images", "pixel_attention_mask", "spatial_shapes",
    "num_tiles", "image_sizes", "token_type_ids", "mm_token_type_ids", "image_position_ids",
)  # fmt: skip
"""What a forward pass takes of a batch beside its tokens."""


class MapTrainer(ResumingTrainer):
    """GRPO on map questions.

    Args:
        scorer: What the reward functions share; keeps what the replies of a step earned.
        methods: What is done differently, in this order.
        scale: What the difference to the baseline is divided by.
        baseline: What a reply is compared with.
        weighted: Whether a question's difficulty weight multiplies its advantages.
        independent: Whether each reply is drawn from random numbers of its own.
        settings: What `ResumingTrainer` and TRL's trainer take.

    Raises:
        ConfigError: If a method does not go with the way the replies lie on the processes.
    """

    def __init__(
        self,
        *,
        scorer: Scorer,
        scale: Advantage,
        weighted: bool,
        baseline: Baseline = "mean",
        methods: Sequence[Method] = (),
        independent: bool = False,
        **settings: object,
    ) -> None:
        self.scorer = scorer
        self.methods = tuple(methods)
        self._scale: Advantage = scale
        self._baseline: Baseline = baseline
        self._weighted = weighted
        self._independent = independent
        self._columns = torch.empty(0)
        self._askings = 0
        super().__init__(**cast("Any", settings))
        share_pictures(cast("nn.Module", self.ref_model or self.model))
        self._check_groups()
        for method in self.methods:
            method.begin(self)
        self.add_callback(AfterUpdate(self._after_update))

    # -- advantages --------------------------------------------------------------------------------

    def _calculate_rewards(self, *args: object, **kwargs: object) -> Tensor:
        self._columns = cast("Any", super())._calculate_rewards(*args, **kwargs)
        return self._columns

    def _generate_and_score_completions(
        self, inputs: list[dict[str, Any]]
    ) -> dict[str, Tensor | Any]:
        self._askings = 0
        generate: Generate = self._rollouts
        for method in reversed(self.methods):
            generate = partial(method.rollouts, generate=generate)
        made = generate(inputs)
        self.scorer.last = made.of_all_processes()
        made.own["advantages"] = self._advantages(made)
        return made.own

    def _rollouts(self, rows: Rows) -> Rollouts:
        # TRL samples outside autocast, so float32 weights would sample in float32 under bfloat16
        with self.accelerator.autocast():
            own: dict[str, Any] = cast("Any", super())._generate_and_score_completions(list(rows))
        self._askings += 1
        training = cast("nn.Module", self.model).training
        group = cast("int", self.num_generations if training else self.num_generations_eval)
        rewards = total_rewards(self._columns, self.reward_weights.to(self._columns.device))
        return Rollouts(self, rows, own, self._columns, rewards, self.scorer.last, group)

    def _generate_single_turn(self, prompt_ids: list[list[int]], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        stock = cast("Any", super())._generate_single_turn
        if not self._independent:
            return stock(prompt_ids, *args, **kwargs)
        first = self.accelerator.process_index * len(prompt_ids)
        asking = f"{self.args.seed} {self.state.global_step} {self._askings}"
        streams = [f"{asking} {first + place}" for place in range(len(prompt_ids))]
        with own_streams(cast("Any", self.accelerator).unwrap_model(self.model), streams):
            return stock(prompt_ids, *args, **kwargs)

    def _advantages(self, made: Rollouts) -> Tensor:
        rewards = made.rewards
        for method in self.methods:
            rewards = method.rewards(rewards, made)
        found = self.compared(rewards, made.group)
        for method in self.methods:
            found = method.advantages(found, rewards, made)
        own = (found * self.weights(made))[made.place]
        for method in self.methods:
            own = method.token_advantages(own, made)
        return own

    def compared(self, rewards: Tensor, group: int) -> Tensor:
        """How much better than their group rewards are, as the run's settings compare them, (n,).

        Args:
            rewards: (n,), those of a group next to each other; NaN is left out and gets 0.
            group: How many a group has.
        """
        return advantages(rewards, group, scale=self._scale, baseline=self._baseline)

    def weights(self, made: Rollouts) -> Tensor:
        """What the run multiplies the advantages by, (n,): difficulty weights, or 1."""
        return made.weight if self._weighted else torch.ones_like(made.rewards)

    def logps(self, model: object, batch: Mapping[str, Any]) -> Tensor:
        """The log-probability of each token of a batch's replies under a model, (b, t).

        Args:
            model: The policy, or another model of its kind.
            batch: As TRL's trainer makes it: tokens, masks, picture tensors.
        """
        replies: Tensor = batch["completion_ids"]
        with torch.no_grad():
            found = cast("Any", self)._get_per_token_logps_and_entropies(
                model,
                torch.cat((batch["prompt_ids"], replies), dim=1),
                torch.cat((batch["prompt_mask"], batch["completion_mask"]), dim=1),
                replies.size(1),
                batch_size=self.args.per_device_train_batch_size,
                **{name: batch[name] for name in _SEEN if name in batch},
            )
        return found[0]

    def tell(self, name: str, value: float) -> None:
        """Add a number to the metrics of the step; several of one name are averaged."""
        self._metrics["train"][name].append(value)

    def _check_groups(self) -> None:
        passes = int(cast("Any", self.args).steps_per_generation)
        held = self.args.per_device_train_batch_size * passes
        group = cast("int", self.num_generations)
        split = [type(method).__name__ for method in self.methods if method.whole_groups]
        if split and held % group:
            raise ConfigError(
                f"method: {', '.join(split)} needs all {group} replies to a question on one "
                f"process, which holds {held}; set prompts_per_step to a multiple of the processes"
            )

    def _after_update(self, step: int) -> None:
        for method in self.methods:
            method.after_step(self, step)

    def save_own(self, checkpoint: Path) -> None:
        """Write what the methods need beside the weights."""
        for method in self.methods:
            method.save(self, checkpoint)

    def load_own(self, checkpoint: Path) -> None:
        """Read it back."""
        for method in self.methods:
            method.load(self, checkpoint)
