"""What verl's rows, settings and batches tell a curriculum; nothing of verl is imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from rm_curriculum.adapters.row_fields import question_fields
from rm_curriculum.curriculum import Curriculum
from rm_curriculum.errors import CurriculumError
from rm_curriculum.schedules import find_schedule

Settings = Mapping[str, Any]


def items_of(dataset: Any) -> list[dict[str, object]]:  # noqa: ANN401 - verl's dataset
    """Id, type and difficulty of every row: from `extra_info`, else from a label in JSON.

    `extra_info` needs `id` and `type`, as `rm-data export --to verl` writes them; without `id` the
    ground truth is read, if it is the record of a question.

    Raises:
        CurriculumError: If a row has neither.
    """
    columns: Any = dataset.dataframe
    pairs = zip(columns["extra_info"], columns["reward_model"], strict=True)
    return [
        _item(place, {"extra_info": info, "reward_model": label})
        for place, (info, label) in enumerate(pairs)
    ]


def curriculum_of(
    items: Iterable[Mapping[str, object]], settings: Settings, *, feedback: bool
) -> Curriculum:
    """The curriculum that the settings ask for.

    Args:
        items: The questions.
        settings: `schedule`, `seed`, `epochs`, and `options`, those of the schedule.
        feedback: As `Curriculum`.

    Raises:
        CurriculumError: If a setting is unknown or out of range.
    """
    options = cast("Mapping[str, Any]", settings.get("options") or {})
    schedule = find_schedule(str(settings.get("schedule", "rewardmap")), **dict(options))
    return Curriculum(
        items,
        schedule,
        int(settings.get("seed", 0)),
        epochs=int(settings.get("epochs", 1)),
        feedback=feedback,
    )


def groups(
    names: Sequence[str], scores: Sequence[float], accuracies: Sequence[float] | None = None
) -> Iterator[tuple[str, list[float], float | None]]:
    """Name, scores and mean accuracy of each group, in the order in which they come first."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name, []).append(place)
    for name, places in found.items():
        mean = None
        if accuracies is not None:
            mean = sum(accuracies[place] for place in places) / len(places)
        yield name, [scores[place] for place in places], mean


def _item(place: int, row: Mapping[str, object]) -> dict[str, object]:
    found = question_fields(row)
    if not found.get("id") or not found.get("type"):
        raise CurriculumError(
            f"row {place}: extra_info: found {row.get('extra_info')!r}, expected `id` and `type` "
            "in it; `rm-data export --to verl` writes them"
        )
    return {key: value for key, value in found.items() if key in _FIELDS and value is not None}


_FIELDS = ("id", "type", "city", "difficulty", "difficulty_question", "difficulty_city")
