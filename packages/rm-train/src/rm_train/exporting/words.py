"""What a recipe tells people and the shell."""

from __future__ import annotations

from collections.abc import Sequence

from rm_train.config import TrainConfig

_RUN = """\
#!/usr/bin/env bash
# Train with verl on the Ray cluster of this machine (RAY_ADDRESS for another one).
# Settings may be added: ./run.sh trainer.n_gpus_per_node=4
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export VERL_USE_EXTERNAL_MODULES=rm_curriculum.adapters.verl_trainer
exec "${PYTHON:-python3}" -m verl.trainer.main_ppo --config-path "$here" --config-name recipe "$@"
"""

_README = """\
# {name}: a recipe for verl {version}

`{model}`, {steps} steps of {prompts} questions x {replies} replies, written by
`rm-train export verl`.

| file | what it is |
|---|---|
| `recipe.yaml` | the settings, over verl's own `ppo_trainer` |
| `reward.py` | the function that verl calls for each reply |
| `data/` | questions as parquet, with pictures and networks |
| `run.sh` | starts the training |

On every node: `pip install verl=={version} vllm rm-rewards rm-curriculum`. This folder has to lie
under the same path on all nodes; the paths in it are absolute. On the head node `ray start --head`,
on the others `ray start --address=HEAD:6379`, then:

```
rm-rewards labels data/train.parquet    # tries every label
./run.sh
```

The curriculum comes through `VERL_USE_EXTERNAL_MODULES`, which `run.sh` sets: where Ray runs
already, set it for its workers too. The length of prompts is counted as Qwen2.5-VL counts pictures.

{notes}"""


def run_script() -> str:
    """The text of `run.sh`."""
    return _RUN


def readme(config: TrainConfig, steps: int, notes: Sequence[str], version: str) -> str:
    """The text of `README.md`."""
    lines = "".join(f"- {note}\n" for note in notes)
    differs = "## What differs from `rm-train run`\n\n" + lines if notes else ""
    return _README.format(
        name=config.run_name or config.out.name,
        version=version,
        model=config.model,
        steps=steps,
        prompts=config.prompts_per_step,
        replies=config.num_generations,
        notes=differs,
    )
