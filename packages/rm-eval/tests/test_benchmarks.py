from __future__ import annotations

from collections.abc import Sequence

import pytest

from rm_eval.benchmarks import BENCHMARKS, SIX, Measure, Scored
from rm_eval.benchmarks.mmstar import MACRO
from rm_eval.benchmarks.reasonmap import SUM_OF_WEIGHTS
from rm_eval.benchmarks.reasonmap_plus import SUMS, sums_of_weights
from rm_eval.item import Item, item_of
from rm_eval.sources.row import Row
from rm_rewards import Difficulty, Question


def scored(
    task: str, category: str, *, right: bool, leaf: str = "", cluster: str = "", cycle: str = ""
) -> Scored:
    item = Item(
        id="1",
        task=task,
        form="choice",
        answer="A",
        category=category,
        leaf=leaf,
        cluster=cluster,
        cycle=cycle,
    )
    return Scored(item, right)


def values(task: str, ones: Sequence[Scored]) -> dict[str, float]:
    return {measure.name: measure.value for measure in BENCHMARKS[task].measures(ones)}


def test_a_category_is_a_share_with_its_interval() -> None:
    ones = [scored("vstar", "direct_attributes", right=n < 72) for n in range(115)]
    ones += [scored("vstar", "relative_position", right=n < 49) for n in range(76)]
    whole, direct, relative = BENCHMARKS["vstar"].measures(ones)
    assert (round(100 * direct.value, 4), round(100 * relative.value, 4)) == (62.6087, 64.4737)
    assert (whole.name, whole.n, whole.value) == ("all", 191, 121 / 191)
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low < whole.value < whole.high
    assert BENCHMARKS["vstar"].guard([whole, direct, relative]) == []
    assert BENCHMARKS["vstar"].guard([whole, direct]) == [
        "V*Bench relative_position: 0 items, the published benchmark has 76"
    ]


def test_seed_bench_gives_the_map_column_that_the_paper_quotes() -> None:
    ones = [
        scored("seedbench2-plus", kind, right=number < right)
        for kind, n, right in (("chart", 810, 529), ("map", 807, 492), ("web", 660, 523))
        for number in range(n)
    ]
    found = values("seedbench2-plus", ones)
    assert round(100 * found["map"], 2) == 60.97
    assert found["all"] == (529 + 492 + 523) / 2277
    assert BENCHMARKS["seedbench2-plus"].guard(BENCHMARKS["seedbench2-plus"].measures(ones)) == []


def test_hrbench_is_the_mean_over_the_orders_and_all_four_stand_beside_it() -> None:
    right = {"q1": (1, 1, 1, 1), "q2": (1, 0, 1, 1), "q3": (0, 0, 0, 1)}
    categories = {"q1": "single", "q2": "single", "q3": "cross"}
    ones = [
        scored("hrbench-4k", categories[name], right=bool(one), cluster=name, cycle=str(cycle))
        for name, row in right.items()
        for cycle, one in enumerate(row)
    ]
    found = values("hrbench-4k", ones)
    assert found["single"] == pytest.approx(7 / 8)
    assert found["cross"] == pytest.approx(1 / 4)
    assert found["all"] == pytest.approx(8 / 12)
    assert found["all four orders right"] == pytest.approx(1 / 3)


def test_orders_that_are_not_equally_many_weigh_the_same() -> None:
    cycles = [("0", True), ("0", True), ("0", True), ("1", False)]
    ones = [
        scored("hrbench-8k", "single", right=right, cluster=str(number), cycle=cycle)
        for number, (cycle, right) in enumerate(cycles)
    ]
    assert values("hrbench-8k", ones)["all"] == 0.5


def test_mmstar_gives_the_share_and_the_mean_of_leaves() -> None:
    ones = [
        *(scored("mmstar", "math", leaf="geometry", right=True) for _ in range(3)),
        scored("mmstar", "math", leaf="statistical reasoning", right=False),
    ]
    found = values("mmstar", ones)
    assert list(found) == [
        *("all", MACRO, "math", "math / geometry", "math / statistical reasoning"),
        "math, mean of leaves",
    ]
    assert (found["all"], found[MACRO], found["math"]) == (0.75, 0.5, 0.75)
    assert found["math, mean of leaves"] == 0.5


def test_the_leaves_of_a_category_are_not_those_of_another() -> None:
    ones = [
        *(scored("mmstar", "math", leaf=leaf, right=True) for leaf in ("a", "b", "b")),
        *(scored("mmstar", "math / more", leaf=leaf, right=False) for leaf in ("a", "c")),
        scored("mmstar", "logic", leaf="a", right=False),
    ]
    found = values("mmstar", ones)
    assert found["math, mean of leaves"] == 1.0
    assert found["math / more, mean of leaves"] == 0.0
    assert found[MACRO] == 2 / 5


def test_spatialeval_is_counted_by_task_and_modality() -> None:
    ones = [
        scored("spatialeval", "mazenav", cycle="vqa", right=True),
        scored("spatialeval", "mazenav", cycle="vtqa", right=False),
        scored("spatialeval", "spatialreal", cycle="vqa", right=True),
    ]
    found = values("spatialeval", ones)
    assert (found["mazenav"], found["mazenav / vqa"], found["mazenav / vtqa"]) == (0.5, 1, 0)


def plus(kind: str, grade: Difficulty, *, right: bool) -> Scored:
    item = item_of(
        Question(id="1", type=kind, question="?", answer=1, difficulty_city=grade, city="rome")
    )
    assert item is not None
    return Scored(item, right)


def test_plus_is_weighted_and_its_sums_are_told() -> None:
    ones = [
        plus("TorF1", "easy", right=True),
        plus("TorF2", "hard", right=False),
        plus("Counting2", "middle", right=True),
    ]
    found = values("reasonmap-plus", ones)
    assert found["all"] == 2.5 / 4.5
    assert (found["TorF"], found["Counting"]) == (1 / 3, 1)
    assert found["all, not weighted"] == 2 / 3
    assert sums_of_weights(ones) == {"all": 4.5, "Counting": 1.5, "TorF": 3.0}


def test_the_published_sums_agree_with_the_published_table() -> None:
    assert SUMS["all"] == SUMS["Counting"] + SUMS["TorF"]
    for whole, counting, torf in ((44.21, 37.39, 51.32), (74.25, 72.18, 76.42)):
        mixed = (counting * SUMS["Counting"] + torf * SUMS["TorF"]) / SUMS["all"]
        assert mixed == pytest.approx(whole, abs=0.011)
    for value in (13.28, 26.22, 31.51, 31.77):
        steps = round(value / 100 * SUM_OF_WEIGHTS * 2) / 2
        assert round(100 * steps / SUM_OF_WEIGHTS, 2) == value


def test_the_six_are_there_with_the_file_of_the_paper() -> None:
    for name in SIX:
        published = BENCHMARKS[name].published
        assert published is not None
        assert len(published.md5) == 32
        assert published.name.endswith(".tsv")


def test_a_measure_without_items_is_zero_of_none() -> None:
    assert BENCHMARKS["vstar"].measures([]) == [
        Measure(name="all", n=0, value=0.0, low=0.0, high=1.0)
    ]


@pytest.mark.parametrize(
    ("task", "row", "prompt"),
    [
        (
            "vstar",
            {"question_id": "1", "text": "  Is it? (A)yes (B)  no ", "label": "A"},
            "Is it?\nA. yes\nB. no\n"
            "Answer with the option's letter from the given choices directly.",
        ),
        (
            "hrbench-4k",
            {"index": 1, "question": " Which?\n", "answer": "A", "A": "red", "B": "blue"},
            "Which?\nA. red\nB. blue\nAnswer the option letter directly.",
        ),
        (
            "seedbench2-plus",
            {
                "question_id": "1",
                "question": "Q <img>? ",
                "choice_A": "a.png",
                "choice_B": " x ",
                "choice_C": "file.jpg here",
                "choice_D": "d",
                "answer": "B",
            },
            "Q <img>? \nA. <image>\nB.  x \nC. <image>\nD. d\n"
            "Answer with the option's letter from the given choices directly.",
        ),
        (
            "mmstar",
            {
                "index": 1,
                "question": " Is it? Please answer yes or no.\nOptions: A: yes, B: no, C: a, D: b",
                "answer": "A",
            },
            "Is it?\nOptions: A: yes, B: no, C: a, D: b\n"
            "Answer with the option's letter from the given choices directly",
        ),
        (
            "chartqa",
            {"question": "How\nmuch? ", "answer": "1", "type": "human_test"},
            "How\nmuch? \nAnswer the question with a single word.",
        ),
    ],
)
def test_lmms_evals_prompts_are_what_its_own_functions_give(
    task: str, row: dict[str, object], prompt: str
) -> None:
    # the expected texts are what the functions of lmms-eval 75571cfe returned for these rows
    held = {"category": "x", "l2_category": "y", "cycle_category": 0, **row}
    (entry,) = BENCHMARKS[task].entries(Row("row", held, 1), "lmms-eval")
    assert entry.question.question == prompt


@pytest.mark.parametrize("task", ["seedbench2-plus", "vstar", "hrbench-8k", "mmstar"])
@pytest.mark.parametrize(
    ("row", "prompt"),
    [
        (
            {"question": " Which?\nreally <image 1>?", "A": "a ", "B": "b\nc", "E": "e"},
            "Question:  Which?\nreally <image 1>?\nOptions:\nA. a \nB. b\nc\nE. e\n"
            "Please select the correct answer from the options above. \n",
        ),
        (
            {"question": "{x}", "A": "red", "B": "blue", "hint": "Look."},
            "Hint: Look.\nQuestion: {x}\nOptions:\nA. red\nB. blue\n"
            "Please select the correct answer from the options above. \n",
        ),
    ],
)
def test_vlmevalkits_prompts_are_what_its_own_function_gives(
    task: str, row: dict[str, object], prompt: str
) -> None:
    # as VLMEvalKit e8e78f05 returned them
    held = {"index": 1, "answer": "A", "category": "x", "l2_category": "y", "cycle_category": 0}
    (entry,) = BENCHMARKS[task].entries(Row("row", {**held, **row}, 1), "vlmevalkit")
    assert entry.question.question == prompt


@pytest.mark.parametrize(
    ("row", "task"),
    [
        ({"id": "mazenav.vqa.7.2"}, "mazenav"),
        ({"id": "1", "category": "Maze-Nav"}, "mazenav"),
        ({"id": "1", "task": "spatial_grid"}, "spatialgrid"),
        ({"id": "1", "category": "Other kind"}, "Other kind"),
    ],
)
def test_spatialevals_tasks_are_known_however_they_are_spelt(
    row: dict[str, object], task: str
) -> None:
    held = {"text": "Which?", "A": "x", "B": "y", "answer": "A", **row}
    (entry,) = BENCHMARKS["spatialeval"].entries(Row("row", held, 1), "vlmevalkit")
    assert entry.item is not None
    assert entry.item.category == task


def test_chartqa_is_told_by_who_wrote_the_question() -> None:
    ones = [
        scored("chartqa", category, right=number < right)
        for category, n, right in (("human", 1250, 1000), ("augmented", 1250, 1153))
        for number in range(n)
    ]
    found = values("chartqa", ones)
    assert found == {"all": 2153 / 2500, "augmented": 1153 / 1250, "human": 0.8}
    assert round(100 * found["all"], 2) == 86.12  # as the paper prints it
    assert BENCHMARKS["chartqa"].guard(BENCHMARKS["chartqa"].measures(ones)) == []
