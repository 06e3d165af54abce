"""Questions a second of maps that are in memory; the bar is 100,000 a core."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from rm_data import PER_MAP, ask, generate, load_network
from rm_rewards import QUESTION_TYPES, Network, Question

Measure: TypeAlias = Callable[..., Any]
STATIONS = Path(__file__).resolve().parents[2] / "shared" / "reasonmap" / "stations"
ROUNDS = 40


def network_of(name: str) -> Network:
    if name in {"compact", "named"}:
        return generate(5, style=name)
    path = STATIONS / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return load_network(path)


def counted(questions: Iterable[Question]) -> int:
    """Taken one by one and let go, as they are when they are written to a file."""
    return sum(1 for _ in questions)


def copied(questions: Sequence[Question]) -> Callable[[], int]:
    return lambda: counted(replace(question) for question in questions)


@pytest.mark.parametrize("name", ["named", "singapore/singapore", "china/beijing"])
def test_the_published_number_of_each_type(measure: Measure, name: str) -> None:
    network = network_of(name)

    def work(seed: int) -> int:
        return counted(ask(network, seed=seed))

    made = list(ask(network, seed=ROUNDS))
    asked = measure(
        work,
        count=len(made),
        unit="questions",
        baseline=copied(made),
        named="a copy of each record",
        rounds=[(seed,) for seed in range(ROUNDS)],
    )
    assert asked == len(made) <= sum(PER_MAP.values())


@pytest.mark.parametrize("kind", QUESTION_TYPES)
def test_twenty_thousand_of_a_type_about_shanghai(measure: Measure, kind: str) -> None:
    network = network_of("china/shanghai")
    some = [question for question, _ in zip(ask(network, kind), range(30), strict=False)]

    def work(seed: int) -> int:
        return counted(ask(network, kind, seed, per_map=20_000))

    count = work(3)
    asked = measure(
        work,
        count=count,
        unit="questions",
        baseline=copied((some * count)[:count]),
        named="a copy of each record",
        rounds=[(seed,) for seed in range(3)],
    )
    assert abs(asked - count) <= 2  # chance says whether there is one "yes" more, or one "no"


@pytest.mark.parametrize("name", ["named", "china/beijing"])
def test_a_map_that_has_just_been_read(measure: Measure, name: str) -> None:
    network = network_of(name)

    def work(again: Network) -> int:
        return counted(ask(again))

    made = list(ask(network))
    asked = measure(
        work,
        count=len(made),
        unit="questions",
        baseline=copied(made),
        named="a copy of each record",
        rounds=[(replace(network),) for _ in range(10)],  # nothing remembered of them
    )
    assert asked == len(made)
