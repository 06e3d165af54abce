"""A recipe for verl on disk: `recipe.yaml`, `reward.py`, `run.sh`, `README.md` and `data/`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import yaml

from rm_train import embedded
from rm_train.config import EMBEDDED, ConfigError, TrainConfig
from rm_train.embedded_data import embedded_questions
from rm_train.exporting.data import Data, write_data
from rm_train.exporting.learning import Learning, Settings, learning
from rm_train.exporting.placing import Cluster, batches, course, model, nested, records, sampling
from rm_train.exporting.refusals import notes
from rm_train.exporting.reward import reward_file
from rm_train.exporting.words import readme, run_script
from rm_train.iterating.phase import absolute
from rm_train.plan import Plan, plan_of
from rm_train.prompts import Material, read_material
from rm_train.run_directory import RunError

VERL: Final = "0.9.1"
"""The version of verl whose settings are written."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was written.

    Attributes:
        out: The folder.
        steps: How many steps verl will take.
        notes: What verl does otherwise, or not at all, a line each.
    """

    out: Path
    steps: int
    notes: tuple[str, ...]


def export_verl(config: TrainConfig, *, nodes: int = 1, gpus: int = 8) -> Recipe:
    """Write the run as a recipe for verl into `config.out`, which appears whole.

    Paths in it are absolute, so it is written where it will run: on storage that all nodes see.

    Args:
        config: The run. Every setting is mapped, told in a note, or refused.
        nodes: Machines of the cluster.
        gpus: GPUs of each.

    Raises:
        ConfigError: For a setting that verl cannot follow.
        RunError: If `config.out` holds something.
        RecordError: If a question, picture or network cannot be used.
        OSError: If a file cannot be read or written.
    """
    cluster = Cluster(nodes=nodes, gpus=gpus)
    told, learns = notes(config), learning(config)
    config, out = absolute(config), config.out.absolute()
    fixed = _fixed(config, learns, cluster, out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RunError(f"{out}: not empty; choose another --out")
    had = out.is_dir()
    try:
        recipe = _write(config, learns, fixed, told, out)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        if had:
            out.mkdir()
        raise
    return recipe


def _fixed(config: TrainConfig, learns: Learning, cluster: Cluster, out: Path) -> Settings:
    """Settings that need no look at the questions, so that what cannot be is found at once."""
    if config.sft.steps:
        raise ConfigError(
            f"sft.steps: found {config.sft.steps}, but verl's recipe has no warm-up; run `rm-train "
            "sft` first and give its model with --sft-steps 0"
        )
    path = str(embedded.checkpoint_path()) if config.model == EMBEDDED else config.model
    return {
        **learns.settings,
        **batches(config, cluster),
        **model(config, path),
        **records(config, out, cluster),
        "reward.custom_reward_function.path": str(out / "reward.py"),
        "reward.custom_reward_function.name": "compute_score",
    }


def _write(
    config: TrainConfig, learns: Learning, fixed: Settings, told: tuple[str, ...], out: Path
) -> Recipe:
    with TemporaryDirectory() as scratch:
        held_out = config.eval_questions
        if config.questions is None:
            made, own = embedded_questions(Path(scratch) / "data", config.seed)
            config, held_out = replace(config, questions=made), held_out or own
        assert config.questions is not None
        material = read_material(config.questions, config.maps)
        plan = plan_of(material.questions, config)
        out.mkdir(parents=True, exist_ok=True)
        data = write_data(config, material, held_out, out / "data")
    settings = {
        **fixed,
        **_rows(data),
        **sampling(config, data.longest),
        **course(config, plan.length, _epochs(config, material, plan), data.held_out is not None),
    }
    lines = (*learns.notes, *told)
    (out / "recipe.yaml").write_text(recipe_yaml(settings), encoding="utf-8")
    (out / "reward.py").write_text(reward_file(config, weighted=learns.weighted), encoding="utf-8")
    script = out / "run.sh"
    script.write_text(run_script(), encoding="utf-8")
    script.chmod(0o755)
    (out / "README.md").write_text(readme(config, plan.length, lines, VERL), encoding="utf-8")
    return Recipe(out, plan.length, lines)


def _rows(data: Data) -> Settings:
    held_out = data.held_out or data.train  # verl wants some; without held-out ones it asks none
    return {"data.train_files": str(data.train), "data.val_files": str(held_out)}


def _epochs(config: TrainConfig, material: Material, plan: Plan) -> int:
    """How often the curriculum goes through the questions in so many steps."""
    if plan.steps:
        return plan.steps[-1].epoch + 1
    asked = plan.length * config.prompts_per_step
    return max(config.epochs, -(-asked // len(material.questions)))


def recipe_yaml(settings: Settings) -> str:
    """Verl's own configuration with these settings over it, as Hydra reads it."""
    head = {
        "hydra": {"searchpath": ["pkg://verl.trainer.config"]},
        "defaults": ["ppo_trainer", "_self_"],
    }
    body = yaml.safe_dump(nested(settings), sort_keys=True, allow_unicode=True)
    return yaml.safe_dump(head, sort_keys=False) + body
