from __future__ import annotations

import pytest

from rm_curriculum import SCHEDULES, CurriculumError, Schedule, Stage


def test_rewardmap_goes_from_judgements_over_counting_to_planning() -> None:
    assert [stage.types for stage in SCHEDULES["rewardmap"].stages] == [
        ("TorF1", "TorF2"),
        ("Counting2", "Counting3"),
        ("Counting1",),
        ("planning",),
    ]


def test_reverse_is_rewardmap_backwards() -> None:
    assert SCHEDULES["reverse"].stages == SCHEDULES["rewardmap"].stages[::-1]


def test_coarse_keeps_the_five_reading_types_together() -> None:
    reading, planning = SCHEDULES["coarse"].stages
    assert sorted(reading.types) == ["Counting1", "Counting2", "Counting3", "TorF1", "TorF2"]
    assert planning.types == ("planning",)


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ((), "schedule 'mine': no stage, expected at least one"),
        ((Stage("a", ("x",)), Stage("a", ("y",))), "schedule 'mine': stage 'a' stands there twice"),
        ((Stage("a", ("x",)), Stage("b", ("x",))), "schedule 'mine': type 'x' stands there twice"),
        (
            (Stage("a", ("x",)), Stage("b")),
            "schedule 'mine': a stage without types takes all, so it must stand alone",
        ),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(
    stages: tuple[Stage, ...], said: str
) -> None:
    with pytest.raises(CurriculumError) as caught:
        Schedule("mine", stages)
    assert str(caught.value) == said
