import timeit
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

T = TypeVar("T")
_TOLD = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TOLD] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in config.stash[_TOLD]:
        terminalreporter.write_line(line)


def _rounded(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.2g}"


def _beside(ratio: float) -> str:
    return f"{ratio:.1f} x the time of" if ratio > 0.5 else f"{1 / ratio:.0f} x as fast as"


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Takes a line that is printed at the end."""
    return request.config.stash[_TOLD].append


@pytest.fixture
def measure(benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Times `work`, which makes `count` of `unit`, beside a baseline that is `named`.

    Both run on the same machine within seconds of each other, so their ratio says more than the
    seconds do. The fastest round of each counts. With `rounds`, each round has arguments of its
    own, so that no work is done twice; else `work` takes none.
    """

    def run(
        work: Callable[..., T],
        *,
        count: int,
        unit: str,
        baseline: Callable[[], object],
        named: str,
        rounds: Sequence[tuple[object, ...]] | None = None,
    ) -> T:
        floor = min(timeit.repeat(baseline, number=1, repeat=20))
        result: T
        if rounds is None:
            result = cast("Any", benchmark)(work)
        else:
            given = iter([(arguments, dict[str, object]()) for arguments in rounds])
            pedantic = cast("Any", benchmark).pedantic
            result = pedantic(work, setup=lambda: next(given), rounds=len(rounds))
        stats = cast("Any", benchmark).stats
        if stats is not None:  # None with --benchmark-disable
            best: float = stats.stats.min
            ratio = best / floor
            rate = {"per_second": count / best, "unit": unit, "baseline": named, "ratio": ratio}
            cast("Any", benchmark).extra_info.update(rate)
            request.config.stash[_TOLD].append(
                f"{request.node.name}: {_rounded(count / best)} {unit} a second; "
                f"{_beside(ratio)} {named}"
            )
        return result

    return run
