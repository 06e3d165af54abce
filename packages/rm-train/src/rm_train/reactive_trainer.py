"""The trainer of schedules that react: what comes next depends on what was earned.

`rm_curriculum` deals each step's questions and is told, on every process the same, what the replies
of all processes earned. Its state lies in each checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast

from accelerate.utils import gather_object  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from torch import Tensor

from rm_curriculum import text_diversity
from rm_curriculum.adapters.trl_trainer import CurriculumGRPOTrainer
from rm_train.plan import Step
from rm_train.rewards import Scored
from rm_train.trainer import MapTrainer

ID_COLUMN = "id"
"""The dataset's column with the ids of the questions, which the curriculum knows them by."""


class ReactiveMapTrainer(MapTrainer, CurriculumGRPOTrainer):  # pyright: ignore[reportIncompatibleMethodOverride] - TRL's methods are typed in part
    """GRPO on map questions that a curriculum deals as the run goes.

    Args:
        settings: What `MapTrainer` takes, and `curriculum`, made with the ids of the dataset.

    Attributes:
        dealt: What the step at hand asks, as it was dealt.

    Raises:
        CurriculumError: If the dataset does not hold the curriculum's questions.
    """

    keeps_completions: ClassVar[bool] = True

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - handed on
        self.dealt = Step("", 0, ())
        self._seen: Sequence[Scored] = ()
        super().__init__(**settings, id_column=ID_COLUMN)

    def _generate_and_score_completions(
        self, inputs: list[dict[str, Any]]
    ) -> dict[str, Tensor | Any]:
        made = super()._generate_and_score_completions(inputs)
        stage = self.dealt.stage
        self.scorer.last = tuple(replace(scored, stage=stage) for scored in self.scorer.last)
        return made

    def report(self, sampler: Any, inputs: Sequence[Mapping[str, Any]], rewards: Tensor) -> None:  # noqa: ANN401
        """Tell the curriculum what was earned; what a method asks besides was not dealt."""
        if self._askings:
            return
        chunk = sampler.chunk(self._generation)
        self.dealt = Step(chunk.stage, chunk.epoch, chunk.ids)
        gather = cast("Any", gather_object)
        self._seen = cast("list[Scored]", gather(list(self.scorer.last)))
        super().report(sampler, inputs, rewards)

    def seen_in(self, group: Sequence[int], rewards: Tensor) -> tuple[float | None, float | None]:
        """The mean accuracy of the replies, and how much their texts differ."""
        del rewards
        scored = [self._seen[reply] for reply in group]
        accuracy = sum(one.reward.accuracy for one in scored) / len(scored)
        return accuracy, text_diversity([one.text for one in scored])
