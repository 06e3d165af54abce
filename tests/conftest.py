import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from rm_train.embedded import checkpoint_path


class Call(Protocol):
    def __call__(self, *arguments: object, code: int = 0) -> str: ...


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """What a user's shell has after activation; one thread is fastest for models of this size."""
    scripts = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture(scope="session")
def call(environment: dict[str, str]) -> Call:
    """Runs one of the five commands as a user does; gives what it wrote to standard output."""

    def run(*arguments: object, code: int = 0) -> str:
        words = [str(argument) for argument in arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
        said = f"$ {' '.join(words)}\n{done.stdout}{done.stderr}"
        assert done.returncode == code, said
        assert "Traceback" not in done.stderr, said
        return done.stdout

    return run


@pytest.fixture(scope="session")
def policy() -> Path:
    """The model that comes along."""
    return checkpoint_path()
