"""Curricula inside trainers: one module a trainer, which alone imports what that trainer needs.

`torch_sampler` is a `torch.utils.data.Sampler`; `trl_trainer` GRPO with TRL; `verl_sampler` the
sampler of verl up to 0.7.1, `verl_trainer` the trainer of verl 0.8 and later. For trainers that
only read a file in its order there is the command `rm-curriculum plan`, and no adapter is needed.
"""

from __future__ import annotations

__all__: list[str] = []
