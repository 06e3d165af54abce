"""An ablation on disk: the runs, what each of them answered, and what came of it.

```
ablation.yaml   the design, as resolved         runs/NAME/      ordinary run directories
data/           synthetic maps, if any          held-out/NAME/  replies, as `rm-eval bench`
configs/        each run's settings             before/NAME/    likewise, of the models at the start
logs/           what each run said              report/         tables and pictures
```
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_train.run_directory import RunError

_PATIENCE: Final = 20.0
"""Seconds in which the workers of an ablation that was killed have ended."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The paths of an ablation."""

    path: Path

    @property
    def design(self) -> Path:
        """The design, as resolved."""
        return self.path / "ablation.yaml"

    @property
    def data(self) -> Path:
        """Synthetic maps and questions."""
        return self.path / "data"

    @property
    def report(self) -> Path:
        """Tables and pictures."""
        return self.path / "report"

    def run(self, name: str) -> Path:
        """The run directory of a trial."""
        return self.path / "runs" / name

    def held_out(self, name: str) -> Path:
        """A trial's replies to the held-out questions."""
        return self.path / "held-out" / name

    def before(self, name: str) -> Path:
        """The replies of a model before it is trained."""
        return self.path / "before" / name

    def config(self, name: str) -> Path:
        """A trial's settings."""
        return self.path / "configs" / f"{name}.yaml"

    def log(self, name: str) -> Path:
        """What a trial said."""
        return self.path / "logs" / f"{name}.log"

    def begin(self) -> None:
        """Make the folders.

        Raises:
            RunError: If something else lies there.
        """
        if self.path.exists() and not self.path.is_dir():
            raise RunError(f"{self.path}: a file, expected a directory")
        own = {"ablation.yaml", "configs", "data", "logs"}
        if self.path.is_dir():
            found = {entry.name for entry in self.path.iterdir() if entry.name[0] != "."}
            if found and not found & own:
                raise RunError(f"{self.path}: not empty, and no ablation; choose another --out")
        for name in ("runs", "configs", "logs", "data"):
            (self.path / name).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Generator[int]:
        """Keep other ablations out. Gives the lock, which ends when all who hold it have ended.

        Raises:
            RunError: If another ablation works here.
        """
        with (self.path / ".lock").open("a") as lock:
            began = time.monotonic()
            while not _taken(lock.fileno()):
                if time.monotonic() - began > _PATIENCE:
                    raise RunError(
                        f"{self.path}: another ablate works here; wait for it, or choose another "
                        "--out"
                    )
                time.sleep(0.2)
            yield lock.fileno()


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def finished(held_out: Path) -> bool:
    """Whether a folder holds all replies and their grades."""
    return (held_out / "rewards.jsonl").is_file() and (held_out / "report.json").is_file()
