from __future__ import annotations

import pytest

from rm_eval import TASKS, EvalError
from rm_eval.tasks import types_of_tasks


@pytest.mark.parametrize(
    ("tasks", "types"),
    [
        (["reasonmap"], ("planning",)),
        (["planning", "reasonmap"], ("planning",)),
        (["reasonmap-plus"], ("TorF1", "TorF2", "Counting1", "Counting2", "Counting3")),
        (["Counting3", "TorF2"], ("TorF2", "Counting3")),
        (["mmstar", "TorF2"], ("TorF2", "mmstar")),
        (
            ["six"],
            ("seedbench2-plus", "spatialeval", "vstar", "hrbench-4k", "chartqa", "mmstar"),
        ),
    ],
)
def test_tasks_stand_for_question_types(tasks: list[str], types: tuple[str, ...]) -> None:
    assert types_of_tasks(tasks) == types


@pytest.mark.parametrize("tasks", [["seven"], ["reasonmap", "docvqa"], [""], []])
def test_an_unknown_task_is_answered_by_the_list(tasks: list[str]) -> None:
    with pytest.raises(EvalError) as caught:
        types_of_tasks(tasks)
    assert str(caught.value).endswith(f"expected some of {', '.join(TASKS)}")
