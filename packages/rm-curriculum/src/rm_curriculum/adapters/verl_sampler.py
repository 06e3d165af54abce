"""The sampler of verl up to 0.7.1, where `data.sampler` names a class whose `update` is called.

    data.sampler.class_path=pkg://rm_curriculum.adapters.verl_sampler
    data.sampler.class_name=VerlCurriculumSampler
    +data.sampler.schedule=rewardmap +data.sampler.seed=0
    data.dataloader_num_workers=0

verl removed this interface after 0.7.1; from 0.8.0 on there is `verl_trainer`. In both the rows of
the data need `extra_info.id` and `extra_info.type`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from rm_curriculum.adapters.torch_sampler import CurriculumSampler
from rm_curriculum.adapters.verl_rows import curriculum_of, groups, items_of

# verl has no types, and is not installed where this is checked
_Interface: Any = import_module("verl.experimental.dataset.sampler").AbstractCurriculumSampler


class VerlCurriculumSampler(
    CurriculumSampler,
    _Interface,  # pyright: ignore[reportUntypedBaseClass]
):
    """Asks verl's driver what comes next, and takes the scores that the driver holds.

    verl calls `update` after it has saved: a checkpoint lacks the scores of its own last batch. The
    order that follows is exact for schedules that do not react to rewards, and for the others lacks
    that one report.

    Args:
        data_source: verl's dataset.
        data_config: The node `data` of verl's configuration. Under `sampler` it takes `schedule`,
            `seed`, `epochs` and `options` (those of the schedule).

    Raises:
        CurriculumError: If a row has no id or type, or a setting is wrong.
    """

    def __init__(self, data_source: Any, data_config: Any) -> None:  # noqa: ANN401
        items = items_of(data_source)
        batch = data_config.get("gen_batch_size", None) or data_config.train_batch_size
        super().__init__(
            curriculum_of(items, data_config.sampler, feedback=False),
            [str(item["id"]) for item in items],
            batch=int(batch),
        )
        self._row_ids = [str(item["id"]) for item in items]

    def update(self, batch: Any) -> None:  # noqa: ANN401 - verl.DataProto
        """Report a batch: every reply's score is the sum of its tokens' scores."""
        columns = batch.non_tensor_batch
        names = [str(info["id"]) for info in columns["extra_info"]]
        uids = [str(uid) for uid in columns["uid"]]
        scores = cast("list[float]", batch.batch["token_level_scores"].sum(dim=-1).tolist())
        accuracy = [float(one) for one in columns["acc"]] if "acc" in columns else None
        owner = dict(zip(uids, names, strict=True))
        for uid, earned, share in groups(uids, scores, accuracy):
            self.curriculum.update(owner[uid], earned, share, uid)
