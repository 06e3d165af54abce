import json
import re
from dataclasses import replace
from math import inf

import pytest

from rm_rewards import RecordError, RewardSpec, reward_spec
from rm_rewards.credit import PlanningPoints
from rm_rewards.specs import METHODS, SPECS


def test_the_names_stand_for_the_published_formulas() -> None:
    assert set(SPECS) == {"rewardmap", "sparse", "reference", "paper", *METHODS}
    assert reward_spec("rewardmap").alpha == 0.5
    assert reward_spec("sparse").alpha == 0.0
    assert [name for name, spec in SPECS.items() if spec.weighted] == ["reference"]


def test_the_bounds_are_declared() -> None:
    bounds = {name: spec.bounds for name, spec in SPECS.items()}
    assert bounds == {
        "rewardmap": (0.0, 2.5),
        "sparse": (0.0, 2.0),
        "reference": (-inf, 30.0),
        "paper": (-inf, 16.0),
        "star-r1": (0.0, 3.0),
        "hfrrf": (0.0, 1.0),
        "observe-r1": (0.0, 1.5),
        "grounded-prm": (-1.0, 1.0),
    }


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(RecordError, match="'dense', expected one of rewardmap, sparse, reference"):
        reward_spec("dense")


def test_a_version_is_name_semver_and_hash() -> None:
    for spec in SPECS.values():
        assert re.fullmatch(rf"{spec.name}-\d+\.\d+\.\d+\+[0-9a-f]{{8}}", spec.version)
    assert len({spec.version for spec in SPECS.values()}) == len(SPECS)


def test_a_version_changes_with_every_constant() -> None:
    spec = reward_spec("rewardmap")
    variants = [
        replace(spec, alpha=0.3),
        replace(spec, accept="any"),
        replace(spec, wrong_cap=0.5),
        replace(spec, points=PlanningPoints(line=4.0)),
    ]
    assert len({spec.version, *(v.version for v in variants)}) == 5
    assert replace(spec, alpha=0.5).version == spec.version


def test_the_canonical_form_is_json_with_every_constant() -> None:
    loaded = json.loads(reward_spec("rewardmap").canonical())
    assert loaded["alpha"] == 0.5
    assert loaded["points"]["line"] == 3.0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"accept": "longest"}, "accept"),
        ({"grader": "magic"}, "grader"),
        ({"alpha": -1.0}, "alpha"),
        ({"alpha": inf}, "alpha"),
        ({"format": 2.0}, "format"),
        ({"wrong_cap": 1.5}, "format"),
    ],
)
def test_a_specification_that_cannot_be_kept_is_refused(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(RecordError) as raised:
        RewardSpec(**{"name": "mine", "alpha": 0.5, **changes})  # pyright: ignore[reportArgumentType]
    assert raised.value.field == field
