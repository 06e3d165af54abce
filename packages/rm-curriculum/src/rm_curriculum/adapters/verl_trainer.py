# verl has no types; all that comes from it is taken as it comes.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false
"""verl 0.8 and later: its synchronous trainer, whose data loader a curriculum drives.

    export VERL_USE_EXTERNAL_MODULES=rm_curriculum.adapters.verl_trainer
    python3 -m verl.trainer.main_ppo ... trainer.v1.trainer_mode=sync \
        data.dataloader_num_workers=0 +data.curriculum.schedule=rewardmap +data.curriculum.seed=0

Importing this module puts the trainer in the place of verl's own under the mode `sync`. It is the
same class where the configuration has no `data.curriculum`. The asynchronous modes are left alone.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any, cast

from rm_curriculum.adapters.torch_sampler import CurriculumSampler
from rm_curriculum.adapters.verl_rows import curriculum_of, groups, items_of
from rm_curriculum.errors import CurriculumError

# verl has no types, and is not installed where this is checked
_queue: Any = import_module("transfer_queue")
_loading: Any = import_module("torchdata.stateful_dataloader")
_base: Any = import_module("verl.trainer.ppo.v1.trainer_base")
_Stock: Any = import_module("verl.trainer.ppo.v1.trainer_sync").PPOTrainerSync

PINNED = ("_init_dataloader", "_compute_advantage")
"""The methods that are overridden here, under the names that verl 0.9.1 calls them by."""


class CurriculumTrainerSync(_Stock):  # pyright: ignore[reportUntypedBaseClass]
    """verl's synchronous trainer with a curriculum, if `data.curriculum` is set.

    The scores are reported where the advantages are made, in the driver and before a checkpoint is
    written, so a resumed run goes on exactly. verl saves the loader's state, and the sampler's and
    the curriculum's with it.
    """

    _curriculum_sampler: CurriculumSampler | None = None

    def _init_dataloader(self) -> None:
        """As verl does, with the curriculum's sampler in the loader of the training data."""
        super()._init_dataloader()
        config: Any = self.config
        settings = config.data.get("curriculum", None)
        if settings is None:
            return
        if config.data.dataloader_num_workers != 0:
            raise CurriculumError(
                f"data.dataloader_num_workers: found {config.data.dataloader_num_workers}, "
                "expected 0: workers fetch batches ahead, before the scores they depend on are "
                "known"
            )
        loader: Any = self.train_dataloader
        items = items_of(self.train_dataset)
        sampler = CurriculumSampler(
            curriculum_of(items, settings, feedback=True),
            [str(item["id"]) for item in items],
            batch=config.data.train_batch_size,
        )
        self._curriculum_sampler = sampler
        self.train_dataloader = _loading.StatefulDataLoader(
            dataset=self.train_dataset,
            batch_size=loader.batch_size,
            num_workers=0,
            drop_last=True,
            collate_fn=_base.collate_fn,
            sampler=sampler,
        )
        self._check_length(len(sampler) // config.data.train_batch_size)

    def _check_length(self, batches: int) -> None:
        planned = cast("int", self.total_training_steps)
        if planned < batches:
            epochs = -(-batches // max(1, cast("int", self.steps_per_epoch)))
            warnings.warn(
                f"the curriculum has {batches} batches, but verl stops after {planned}: the last "
                f"ones, as a rule the hardest, are never asked. Set trainer.total_training_steps="
                f"{batches} trainer.total_epochs={epochs}",
                stacklevel=2,
            )
        if planned > batches:
            raise CurriculumError(
                f"trainer.total_training_steps: found {planned}, but the curriculum deals "
                f"{batches} batches; raise data.curriculum.epochs"
            )

    def _compute_advantage(self, batch: Any, metrics: dict[str, Any]) -> Any:  # noqa: ANN401
        """As verl does; then every group's scores are reported."""
        made: Any = super()._compute_advantage(batch, metrics)
        if self._curriculum_sampler is not None:
            keys = [
                key
                for key, tag in zip(batch.keys, batch.tags, strict=True)
                if not tag.get("is_padding", False)
            ]
            self._report(keys, batch.partition_id)
            numbers = self._curriculum_sampler.curriculum.metrics()
            metrics.update(
                {f"curriculum/{k}": v for k, v in numbers.items() if isinstance(v, int | float)}
            )
        return made

    def _report(self, keys: list[str], partition: str) -> None:
        fields = ["uid", "extra_info", "rm_scores", "extra_fields"]
        data: Any = _queue.kv_batch_get(keys=keys, partition_id=partition, select_fields=fields)
        uids = [str(uid) for uid in _plain(data["uid"])]
        ids = [str(info["id"]) for info in _plain(data["extra_info"])]
        scores = [float(row.sum()) for row in data["rm_scores"].unbind()]
        extras = cast("list[dict[str, Any]]", _plain(data["extra_fields"]))
        known: list[dict[str, Any]] = [one.get("reward_extra_info") or {} for one in extras]
        share = [float(one["acc"]) for one in known if "acc" in one]
        curriculum = cast("CurriculumSampler", self._curriculum_sampler).curriculum
        owner = dict(zip(uids, ids, strict=True))
        for uid, earned, accuracy in groups(
            uids, scores, share if len(share) == len(scores) else None
        ):
            curriculum.update(owner[uid], earned, accuracy, uid)


def _plain(column: Any) -> list[Any]:  # noqa: ANN401 - numpy, a list, or tensordict's stack
    return list(column.tolist()) if hasattr(column, "tolist") else list(column)


_base.TRAINER_REGISTRY["sync"] = CurriculumTrainerSync
