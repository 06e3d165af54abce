"""Tries to win each reward undeservedly, on questions about every published map."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import pytest

from rm_data import ask, find_networks, load_network
from rm_rewards import PLANNING, Network, Question
from rm_rewards.attacks.outcome import Outcome
from rm_rewards.blind import blind_bounds, fillable
from rm_rewards.soundness import asked_of, sound_findings
from rm_rewards.specs import SPECS

STATIONS = Path(__file__).resolve().parents[2] / "shared/reasonmap/stations"
OURS = sorted(SPECS.keys() - {"reference", "paper"})
MANY = {"TorF1": 1, "TorF2": 1, "Counting1": 1, "Counting2": 1, "Counting3": 1, PLANNING: 3}
FEW = {"TorF1": 0, "TorF2": 0, "Counting1": 1, "Counting2": 0, "Counting3": 0, PLANNING: 2}
"""Attacks on the other types know nothing of the map, so that a few cities will do."""

pytestmark = pytest.mark.skipif(
    not STATIONS.is_dir(),
    reason="needs the published lists in ../shared/reasonmap/stations: docs/real-maps.md",
)
each_of_ours = pytest.mark.parametrize("reward", OURS)


@pytest.fixture(scope="module")
def networks() -> Mapping[tuple[str, str], Network]:
    found = [load_network(path) for path in find_networks([STATIONS])]
    return {(network.country, network.city): network for network in found}


@pytest.fixture(scope="module")
def questions(networks: Mapping[tuple[str, str], Network]) -> list[Question]:
    asked = (
        ask(network, per_map=FEW if i % 6 else MANY, transfers=(0, 2), seed=5)
        for i, network in enumerate(networks.values())
    )
    return list(chain.from_iterable(asked))


@each_of_ours
def test_no_attack_earns_as_much_as_honesty_on_any_map(
    reward: str, questions: list[Question], networks: Mapping[tuple[str, str], Network]
) -> None:
    assert len({question.city for question in questions}) == len(networks) == 18
    outcome = Outcome()
    for question in questions:
        outcome.attack(SPECS[reward], question, networks[question.country, question.city])
    assert outcome.questions == len(questions) > 60
    assert outcome.wins == {}


@each_of_ours
def test_right_answers_earn_full_marks_and_garbage_nothing_on_any_map(
    reward: str, questions: list[Question], networks: Mapping[tuple[str, str], Network]
) -> None:
    spec = SPECS[reward]
    for question in questions:
        network = networks[question.country, question.city]
        asked = asked_of(question.id, question, network, spec)
        assert list(sound_findings(spec, asked)) == []


@each_of_ours
def test_nothing_that_shapes_can_be_filled_without_the_maps(
    reward: str, questions: list[Question], networks: Mapping[tuple[str, str], Network]
) -> None:
    bounds = blind_bounds(reward, questions, network_of=lambda q: networks[q.country, q.city])
    assert fillable(bounds) == ()
