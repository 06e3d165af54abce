import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # for `tiny_world` and `rounds`


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tiny_world import tiny_model  # noqa: PLC0415 - torch, which collecting need not wait for

    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def questions(tmp_path: Path) -> Callable[..., Path]:
    """A file of questions, as `tiny_world.questions` makes it."""
    from tiny_world import questions  # noqa: PLC0415 - likewise

    def made(*, pictures: int, asked: int, side: int) -> Path:
        return questions(tmp_path / "data", pictures=pictures, asked=asked, side=side)

    return made
