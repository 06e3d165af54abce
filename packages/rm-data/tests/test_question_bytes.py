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
        ("compact", 0, "63da503356554692", "61f373eb4cb6568b", "d2c32e7b7f229773"),
        ("compact", 7, "c6a846180f0269c8", "cddf41602420f65f", "a26cb7cdfce8dafb"),
        ("compact", 16, "7247ae0507873fd9", "769ceac4e5b67aad", "4a96cf68be4bbcc5"),
        ("compact", 40, "f1d77bd99380931d", "191866f88672e1de", "3280b5f5ab23b422"),
        ("compact", 53, "fcfcee52f3f3c39d", "734a35ddf8b5df45", "6b07d006c8ea8e6d"),
        ("named", 0, "4e9a1e449b92bb7b", "98d43c848b062369", "909febdce8f3f31f"),
        ("named", 7, "52472eafdeca6d97", "a69cd39645e99325", "8cf52c265e487425"),
        ("named", 16, "f4393422cc3ae625", "0f3b096240007b95", "4b2b7064c34af992"),
        ("named", 40, "9032d631e701b1d7", "e52fa63ff49a9d40", "07375023ef9fa996"),
        ("named", 53, "90f11b8d04b92ceb", "d1b3fac9651b9788", "d3702d550144d0a7"),
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
