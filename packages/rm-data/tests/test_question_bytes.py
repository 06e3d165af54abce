"""The questions of the two oldest styles, by their hashes: checkpoints and figures rest on them."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import pytest

from rm_data import ask, generate
from rm_rewards import Question
from rm_rewards.jsonl import dump


def fingerprint(questions: Iterable[Question]) -> str:
    return sha256("".join(map(dump, questions)).encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("style", "seed", "default", "few", "many"),
    [
        ("compact", 0, "252bff881190519b", "c7230bbf88d2ecb2", "51dc64231730412e"),
        ("compact", 7, "7115b4c13cea49f1", "7369eb01b5eb8b3d", "fe9a257fdbeef998"),
        ("compact", 16, "f279b2d5376319ec", "dfd0e2809ad6a4b0", "fa8952b0afd1e027"),
        ("compact", 40, "041270bfdbe7423f", "02164f92ba59c326", "01f609d856faf3fb"),
        ("compact", 53, "6d19652e255d0e92", "de1ae1813ae60944", "4dbcdc07887c5580"),
        ("named", 0, "85ac0ef809ccb30a", "df42416fb6583885", "80b173b1b4f13877"),
        ("named", 7, "c1200e51c4365bb0", "e64b464b1fec46f2", "9e5d4e733101c7df"),
        ("named", 16, "5d7ce6ddf856ae08", "94531811411ee089", "e383339024b9a015"),
        ("named", 40, "2e6c9ce652335faa", "e735cf3451751296", "5ca27be242ba6226"),
        ("named", 53, "1bf6089b79fb45f5", "d0c6e27f43759353", "3cf14fee65c967ba"),
    ],
)
def test_questions_about_the_oldest_styles_never_change(
    style: str, seed: int, default: str, few: str, many: str
) -> None:
    network = generate(seed, style=style)
    assert fingerprint(ask(network, seed=seed)) == default
    assert fingerprint(ask(network, seed=1, per_map=6)) == few
    types = "TorF1,planning,Counting1"
    assert fingerprint(ask(network, types, seed=2, per_map=100, transfers=(1, 2))) == many
