"""Runs of every benchmark without a model, from their rows to report and comparison."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import benchmark_files as files
import pytest

from rm_eval import Report, compare, read_samples
from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.server_settings import Server
from rm_eval.benchmarks import BENCHMARKS
from rm_eval.dataset import load_dataset
from rm_eval.grading import finish
from rm_eval.job import Job, checked_job
from rm_eval.manifest import Model, Settings
from rm_eval.map_score import is_long
from rm_eval.preparing import prepare
from rm_eval.run import measure
from rm_rewards import Question, RecordError

LEG: Final = {
    "route_name": "地铁1号线(A--D)",
    "departure_stop": "A",
    "arrival_stop": "D",
    "via_stops": ["B", "C"],
    "num_via_stops": "2",
}
ROUTE: Final = "Route Name: Line 1\nDeparture Stop: A站\nArrival Stop: D站"
LONG: Final = f"{ROUTE}\nNumber of Via Stops: 2"


def reasonmap() -> list[files.Cells]:
    """Three maps of another weight each, every question in its short and its long form."""
    return [
        {
            "country": "china",
            "city": city,
            "figure": files.picture(number),
            "json": json.dumps({"Line 1": ["A站", "B站", "C站", "D站"]}),
            "station_1": "A站",
            "station_2": "D站",
            "question_short": "How?",
            "question_long": "How? Say Number of Via Stops: too.",
            "routes": json.dumps({"1": [LEG]}),
            "difficulty_city": grade,
            "difficulty_question": "middle",
        }
        for number, (city, grade) in enumerate(
            [("beijing", "easy"), ("dalian", "middle"), ("wuhan", "hard")]
        )
    ]


def plus_with_pictures() -> list[files.Cells]:
    rows = zip(files.plus(), ("beijing", "rome") * 3, strict=False)
    return [
        {**row, "id": str(number), "city": city, "figure": None, "image": files.picture(number)}
        for number, (row, city) in enumerate(rows)
    ]


ROWS: Final[Mapping[str, Callable[[], list[files.Cells]]]] = {
    "seedbench2-plus": files.seed,
    "spatialeval": files.spatialeval,
    "vstar": files.vstar,
    "hrbench-4k": files.hrbench,
    "hrbench-8k": files.hrbench,
    "chartqa": files.chartqa,
    "mmstar": files.mmstar,
    "reasonmap-plus": plus_with_pictures,
    "reasonmap": reasonmap,
}
SUITE: Final = {"reasonmap-plus": "ReasonMap-Plus", "reasonmap": "ReasonMap planning"}


class Canned:
    """A backend that has its replies already, so that what is made of them can be told."""

    def __init__(self, replies: Mapping[str, str]) -> None:
        self._replies = replies

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        return [
            Reply(
                self._replies[one.question_id],
                5,
                "stop",
                visual_tokens=len(one.question_id),
                prompt_tokens=40,
                prompt_sha256="0" * 64,
            )
            for one in prompts
        ]

    def close(self) -> None:
        """Nothing to let go of."""


def job_of(data: Path, out: Path, at_once: int = 4) -> Job:
    settings = Settings(backend="openai", server=Server(), batch_size=at_once)
    return checked_job("model", load_dataset(data), settings, out)


def right(job: Job, question: Question) -> str:
    """A reply that is right under every reading."""
    item = job.dataset.items.get(question.id)
    if item is None:
        return LONG if is_long(question) else ROUTE
    boxed = item.form in ("yes_no", "number") or question.type == "Counting1"
    return f"\\boxed{{{item.answer}}}" if boxed else item.answer


def run_of(
    data: Path, out: Path, replies: Callable[[Job, int, Question], str], at_once: int = 4
) -> Report:
    job = job_of(data, out, at_once)
    made = {q.id: replies(job, place, q) for place, q in enumerate(job.dataset.questions)}
    model = Model(path="model", weights={}, files={"name": "model"}, repetition_penalty=1.0)
    return measure(job, model=model, opened_by=lambda _: Canned(made))


def prepared(task: str, folder: Path) -> Path:
    written = files.tsv if task not in SUITE else files.jsonl
    name = "rows.tsv" if task not in SUITE else "rows.jsonl"
    source = written(folder / name, ROWS[task]())
    prepare(task, source, folder / "data", any_version=True)
    return folder / "data"


def always(job: Job, place: int, question: Question) -> str:
    del place
    return right(job, question)


def never(job: Job, place: int, question: Question) -> str:
    del job, place, question
    return "I cannot tell"


def every_other(job: Job, place: int, question: Question) -> str:
    return right(job, question) if place % 2 else "I cannot tell"


@pytest.mark.parametrize("task", ROWS)
def test_each_benchmark_has_its_own_numbers_and_a_row_of_the_suite(
    task: str, tmp_path: Path
) -> None:
    data = prepared(task, tmp_path)
    before = run_of(data, tmp_path / "before", every_other)
    after = run_of(data, tmp_path / "after", always)

    held = after.benchmarks if task != "reasonmap" else after.routes
    assert held
    if task != "reasonmap":
        found = after.benchmark(task)
        assert found.title == BENCHMARKS[task].title
        assert found.guard  # a few rows are not the published benchmark
        for number in found.numbers:
            assert number.value == 1.0
            assert (number.clusters or 0) >= 1
            assert number.cluster_high == 1.0
        assert f"## {found.title}, read by {found.read_by}" in after.markdown()
        assert before.benchmark(task).numbers[0].value < 1.0
    comparison = compare(tmp_path / "before", tmp_path / "after")
    suite = [row for row in comparison.rows if row.family == "suite"]
    assert [row.name for row in suite] == [SUITE.get(task, task)]
    assert suite[0].gained == len(comparison.learned) > 0
    assert suite[0].lost == 0
    assert suite[0].decisive.difference > 0
    assert suite[0].adjusted == suite[0].decisive.p
    assert comparison.markdown().count(suite[0].name)


def test_the_quoted_number_of_a_benchmark_decides(tmp_path: Path) -> None:
    """One question in two orders, another in four: their mean over the orders is no plain share."""
    rows = files.hrbench()[:2] + files.hrbench()[4:]
    prepare("hrbench-4k", files.tsv(tmp_path / "r.tsv", rows), tmp_path / "data", any_version=True)

    def first_orders(job: Job, place: int, question: Question) -> str:
        return right(job, question) if place in (0, 1, 2, 3) else "I cannot tell"

    before = run_of(tmp_path / "data", tmp_path / "before", never)
    after = run_of(tmp_path / "data", tmp_path / "after", first_orders)
    assert before.benchmark("hrbench-4k").number("all").value == 0.0
    quoted = after.benchmark("hrbench-4k").number("all")
    assert (quoted.n, quoted.value, quoted.clusters) == (6, (1 + 1 + 0 + 0) / 4, 2)
    assert after.benchmark("hrbench-4k").number("all four orders right").n == 2
    row = compare(tmp_path / "before", tmp_path / "after").row("hrbench-4k")
    assert row.difference == 4 / 6
    assert row.decisive.difference == pytest.approx(0.5)
    assert row.decisive.clusters == 2
    parts = compare(tmp_path / "before", tmp_path / "after").rows
    assert [one.name for one in parts] == [
        *("all", "hrbench-4k", "hrbench-4k / cross", "hrbench-4k / single"),
        "hrbench-4k / all four orders right",
    ]


def test_reasonmap_is_scored_as_published_and_weighted(tmp_path: Path) -> None:
    data = prepared("reasonmap", tmp_path)
    report = run_of(data, tmp_path / "run", every_other)  # the long questions
    short, long = report.routes
    assert (short.form, short.weighted_accuracy, short.sum_of_weights) == ("short", 0.0, 6.0)
    assert (long.weighted_accuracy, long.weighted_low, long.clusters) == (
        1.0,
        pytest.approx(1 - 0.708, abs=0.01),
        3,
    )
    assert long.map_scores == {"compat": 20 + 1 + 2 + 2 + 4, "fixed": 20 + 1 + 2 + 2 + 4}
    page = report.markdown()
    assert "| long | 3 | 6 | 3 | 100.00 | 100.00 | " in page
    assert "- ReasonMap long: the weights sum to 6, those of the published test set to 576" in page
    sample = list(read_samples(tmp_path / "run"))[1]
    assert (sample.task, sample.category, sample.weight) == ("reasonmap", "long", 1.5)
    assert (sample.published_correct, sample.map_score, sample.map_score_fixed) == (True, 29, 29)


def test_the_authors_own_scorer_is_a_second_number_and_decides_nothing(tmp_path: Path) -> None:
    """MMStar's own looks at the beginning of a reply alone."""
    for folder in ("mmstar", "spatial"):
        (tmp_path / folder).mkdir()
    data = prepared("mmstar", tmp_path / "mmstar")

    def at_the_end(job: Job, place: int, question: Question) -> str:
        letter = job.dataset.items[question.id].answer
        return f"{letter}." if place < 4 else f"It must be {letter}"

    report = run_of(data, tmp_path / "run", at_the_end)
    (second,) = report.others
    n = report.n
    assert report.benchmark("mmstar").read_by == "vlmevalkit-b862cf76"
    assert report.benchmark("mmstar").number("all").value == 1.0
    assert (second.task, second.read_by) == ("mmstar", "official")
    assert (second.number("all").value, second.unparsed) == (4 / n, (n - 4) / n)
    assert "## MMStar, read by official" in report.markdown()
    assert {one.published_correct for one in read_samples(tmp_path / "run")} == {None}
    spatial = run_of(prepared("spatialeval", tmp_path / "spatial"), tmp_path / "other", never)
    assert [(one.task, one.number("mazenav").n) for one in spatial.others] == [("spatialeval", 1)]


def test_the_published_reading_stands_beside_the_reward(tmp_path: Path) -> None:
    data = prepared("reasonmap-plus", tmp_path)

    def loosely(job: Job, place: int, question: Question) -> str:
        item = job.dataset.items[question.id]
        return f"\\boxed{{\\text{{{item.answer}}}}}" if place < 2 else right(job, question)

    report = run_of(data, tmp_path / "run", loosely)
    assert report.score("ReasonMap-Plus").accuracy == 1.0  # the reward reads \text{yes}
    published = report.benchmark("reasonmap-plus")
    assert published.read_by == "official"
    assert published.number("all, not weighted").value == 3 / 5
    assert (published.number("all").sum_of_weights, published.number("TorF").value) == (7.0, 0.0)
    assert "ReasonMap-Plus all: the weights sum to 7, those of the published" in published.guard[0]
    assert [one.published_correct for one in read_samples(tmp_path / "run")] == [
        *(False, False, True, True, True)
    ]
    assert "The numbers to set beside the papers" in report.markdown()


def test_a_sample_tells_all_of_a_question(tmp_path: Path) -> None:
    data = prepared("vstar", tmp_path)
    run_of(data, tmp_path / "run", every_other)
    lines = (tmp_path / "run" / "samples.jsonl").read_text("utf-8").splitlines()
    first, second = json.loads(lines[0]), json.loads(lines[1])
    assert len(lines) == 5
    assert (first["task"], first["category"], first["weight"]) == ("vstar", "direct_attributes", 1)
    assert (first["path"], first["parsed"], first["correct"]) == ("none", None, False)
    assert (second["path"], second["parsed"], second["accuracy"]) == ("letter", "B", 1.0)
    assert (second["reply"], second["finish_reason"]) == ("B", "stop")
    assert (second["visual_tokens"], second["prompt_tokens"]) == (len("vstar:1"), 40)
    assert second["prompt_sha256"] == "0" * 64
    assert len(second["picture_sha256"]) == 64 != first["picture_sha256"]
    assert (tmp_path / "run" / second["figure"]).is_file()
    told = (tmp_path / "run" / "batches.jsonl").read_text("utf-8").splitlines()
    batches = [json.loads(line) for line in told]
    assert [len(batch["visual_tokens"]) for batch in batches] == [4, 1]
    assert [batch["prompt_lengths"] for batch in batches] == [[40] * 4, [40]]


def test_the_noise_floor_stands_beside_each_difference(tmp_path: Path) -> None:
    data = prepared("vstar", tmp_path)
    for name, replies in (("a", every_other), ("b", always)):
        run_of(data, tmp_path / name, replies)
    plain = compare(tmp_path / "a", tmp_path / "b")
    assert plain.row("vstar").noise is None
    assert "by noise" not in plain.markdown()
    noise = {"flip_rate": 0.04, "n": 50, "repeats": 2}
    (tmp_path / "a" / "noise.json").write_text(json.dumps(noise))
    found = compare(tmp_path / "a", tmp_path / "b")
    assert found.row("vstar").noise == pytest.approx(0.04 * 5)
    assert "| gained | lost | by noise | McNemar p |" in found.markdown()
    assert "| 3 | 0 | 0.2 | 0.25 |" in found.markdown()
    (tmp_path / "a" / "noise.json").write_text('{"flip_rate": "few"}')
    with pytest.raises(RecordError, match=r"a/noise.json: flip_rate: found 'few'"):
        compare(tmp_path / "a", tmp_path / "b")


COLOURS: Final = """\
name: colours
form: choice
prompt: vlmevalkit
columns: {question: question, image: image, answer: answer, options: [A, B, C, D],
  category: kind, weight: weight}
metric: letter
"""


def test_a_task_of_ones_own_is_compared_by_its_weights(tmp_path: Path) -> None:
    (tmp_path / "colours.yaml").write_text(COLOURS)
    rows = [files.choices(n, kind="ab"[n % 2], weight=1 + 2 * (n % 2)) for n in range(6)]
    source = files.tsv(tmp_path / "rows.tsv", rows)
    prepare(str(tmp_path / "colours.yaml"), source, tmp_path / "data")
    before = run_of(tmp_path / "data", tmp_path / "before", never)
    after = run_of(tmp_path / "data", tmp_path / "after", every_other)
    assert before.benchmark("colours").numbers[0].value == 0.0
    assert after.benchmark("colours").numbers[0].value == 9 / 12
    row = compare(tmp_path / "before", tmp_path / "after").row("colours")
    assert (row.family, row.difference, row.decisive.difference) == ("suite", 0.5, 0.75)


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def many(folder: Path, count: int) -> Path:
    """Questions about a chart, in ten clusters."""
    folder.mkdir(parents=True)
    (folder / "1.png").write_bytes(files.png())
    ids = [f"chartqa:{n}" for n in range(count)]
    asked = {"type": "chartqa", "question": "How much is it? " * 10, "figure": "1.png"}
    item = {"task": "chartqa", "form": "text", "answer": "1"}
    files.jsonl(folder / "questions.jsonl", [{"id": one, **asked} for one in ids])
    rows = [
        {"id": one, **item, "category": ("human", "augmented")[n % 2], "cluster": f"c{n % 10}"}
        for n, one in enumerate(ids)
    ]
    files.jsonl(folder / "items.jsonl", rows)
    return folder


def long_reply(job: Job, place: int, question: Question) -> str:
    del job, question
    return "1" if place % 3 else "x" * 1000


def peaks(folder: Path, count: int) -> tuple[int, int]:
    """The most memory that is taken beside the questions, in bytes: grading, then comparing."""
    data = many(folder / "data", count)
    for name in ("a", "b"):
        run_of(data, folder / name, long_reply, at_once=256)
    job = job_of(data, folder / "a", at_once=256)
    manifest = job.manifest()
    return (
        peak(lambda: finish(job, manifest)),
        peak(lambda: compare(folder / "a", folder / "b")),
    )


def test_grading_and_comparing_keep_a_few_bytes_of_each_reply(tmp_path: Path) -> None:
    few, more = (peaks(tmp_path / str(count), count) for count in (100, 700))
    for less, greater in zip(few, more, strict=True):
        assert (greater - less) / 600 < 300  # a reply alone has 334 bytes on average
