"""A run on disk: what was asked for, what was used, what came of it, and whether it may go on.

```
config.yaml      every setting, as resolved      metrics.jsonl   one line a step
versions.json    versions and fingerprints       samples.jsonl   replies with their rewards
checkpoints/     the newest complete ones        curves.png      reward and accuracy by step
model/           the trained model               warmup.jsonl    one line a step of the warm-up
alarms.jsonl     what the watchdog found         data/, warmup/, eval/   where the run makes them
```
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, cast

from rm_train.checkpoints import is_complete, newest
from rm_train.config import ConfigError, TrainConfig
from rm_train.config_file import from_yaml, to_yaml
from rm_train.provenance import package_versions
from rm_train.watchdog.settings import WatchConfig

_FREE: Final = frozenset(
    {
        "out",
        "resume",
        "doctor",
        "on_alarm",
        *(f"watch.{field.name}" for field in fields(WatchConfig)),
        "save_steps",
        "save_total_limit",
        "log_samples",
        "report_to",
        "run_name",
        "vllm_gpu_memory",
        "vllm_max_model_length",
        "vllm_tolerance",
        "vllm_server_base_url",
        "vllm_server_host",
        "vllm_server_port",
        "vllm_server_timeout",
        "vllm_group_port",
    }
)
"""Settings that may change when a run is resumed: they do not change what is learned."""

_EARLY: Final = ("data", ".data", "versions.json", ".versions.json", ".config.yaml")
"""What can stand in a run directory before its config.yaml, which is the start of the run."""


class RunError(RuntimeError):
    """A run that cannot start, go on or be written: where, why, and the way out."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run left behind.

    Attributes:
        out: The run directory.
        model: The folder of the trained model (or adapter), for `rm_eval.load_policy`.
        steps: How many steps the run has in all.
        reward: Mean reward over the first and over the last tenth of the steps.
        accuracy: Mean accuracy over the same steps.
    """

    out: Path
    model: Path
    steps: int
    reward: tuple[float, float]
    accuracy: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """The paths of a run."""

    path: Path

    @property
    def config(self) -> Path:
        """Every setting, as resolved."""
        return self.path / "config.yaml"

    @property
    def versions(self) -> Path:
        """Versions of packages, fingerprints of questions and model."""
        return self.path / "versions.json"

    @property
    def metrics(self) -> Path:
        """One JSON object a step."""
        return self.path / "metrics.jsonl"

    @property
    def samples(self) -> Path:
        """Replies with their rewards, some of each step."""
        return self.path / "samples.jsonl"

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """The trained model; appears when the run is done."""
        return self.path / "model"

    @property
    def warmup(self) -> Path:
        """The model after the warm-up; appears when that is done."""
        return self.path / "warmup"

    @property
    def warmup_metrics(self) -> Path:
        """One JSON object a step of the warm-up, or of `rm-train sft`."""
        return self.path / "warmup.jsonl"

    @property
    def warmup_checkpoints(self) -> Path:
        """The folder of the warm-up's checkpoints, while it goes."""
        return self.path / "warmup-checkpoints"

    @property
    def data(self) -> Path:
        """Maps and questions that the run made itself."""
        return self.path / "data"

    @property
    def alarms(self) -> Path:
        """What the watchdog found, one JSON object an alarm."""
        return self.path / "alarms.jsonl"

    @property
    def curves(self) -> Path:
        """The picture of reward and accuracy by step."""
        return self.path / "curves.png"

    @property
    def started(self) -> bool:
        """Whether a run has begun here."""
        return self.config.is_file()

    def stored(self) -> TrainConfig:
        """The configuration with which the run was started."""
        text = self.config.read_text(encoding="utf-8")
        return from_yaml(text, where=str(self.config))

    def admit(self, config: TrainConfig) -> Path | None:
        """Decide whether the run may start or go on here; gives the checkpoint to go on from.

        Raises:
            RunError: If the directory is in use, or belongs to a run with other settings.
        """
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"{self.path}: a file, expected a directory")
        if config.resume == "none":
            if self.path.is_dir() and any(self.path.iterdir()):
                raise RunError(
                    f"{self.path}: not empty; go on with `rm-train run --out {self.path} --resume "
                    "auto`, or choose another --out"
                )
            return None
        if not self.started:
            return self._nothing_to_resume(config)
        self._check_same(config)
        return self.checkpoint(config.resume)

    def _nothing_to_resume(self, config: TrainConfig) -> None:
        if config.resume != "auto":
            raise RunError(f"{self.path}: no run has begun here, so {config.resume} is not its own")
        foreign = [p.name for p in self.path.iterdir()] if self.path.is_dir() else []
        if any(not name.startswith(_EARLY) for name in foreign):
            raise RunError(f"{self.path}: not empty, and no run (config.yaml is missing)")

    def _check_same(self, config: TrainConfig) -> None:
        try:
            stored = _flat(asdict(self.stored()))
        except ConfigError as error:
            raise RunError(f"{error}; the run cannot be resumed") from None
        for name, value in _flat(asdict(config)).items():
            if name not in _FREE and value != stored[name]:
                raise RunError(
                    f"{self.path}: this run has {name} {stored[name]}, found {value}; resume it "
                    "with its own settings or choose another --out"
                )

    def checkpoint(self, resume: str) -> Path | None:
        """The checkpoint that the setting `resume` means, if there is one.

        Raises:
            RunError: If it is not a complete checkpoint of this run.
        """
        if resume == "none":
            return None
        if resume == "auto":
            return newest(self.checkpoints)
        checkpoint = Path(resume)
        if not is_complete(checkpoint):
            raise RunError(f"{checkpoint}: no complete checkpoint; --resume auto takes the newest")
        if checkpoint.resolve().parent != self.checkpoints.resolve():
            raise RunError(f"{checkpoint}: not a checkpoint of {self.path}")
        return checkpoint

    def begin(self, config: TrainConfig, fingerprints: Mapping[str, str]) -> None:
        """Write what the run is made of, or see that it still is.

        Raises:
            RunError: If questions or model are not those the run was started with.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.started:
            versions = {"python": platform.python_version(), "packages": package_versions()}
            write_text(
                self.versions,
                json.dumps({**versions, "fingerprints": dict(fingerprints)}, indent=2),
            )
            write_text(self.config, to_yaml(config))
            return
        stored = cast("dict[str, Any]", json.loads(self.versions.read_text(encoding="utf-8")))
        for name, value in fingerprints.items():
            if stored["fingerprints"].get(name) != value:
                raise RunError(
                    f"{self.path}: the {name} have changed since this run began; restore them or "
                    "choose another --out"
                )


def _flat(settings: Mapping[str, Any]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            inner = cast("dict[str, object]", value)
            flat |= {f"{name}.{key}": held for key, held in inner.items()}
        else:
            flat[name] = value
    return flat


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    beside.replace(path)
