from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_eval import EvalError
from rm_eval.benchmark_numbers import BenchmarkNumbers, Number
from rm_eval.published import (
    DEFINITIONS,
    Claim,
    Definition,
    check_claim,
    definitions_of,
    published_scores,
)
from rm_eval.published.beside import beside
from rm_eval.published.definitions import HALF, benchmark_named
from rm_eval.route_tally import RouteNumbers

COMMAND = Path(sys.executable).parent / "rm-eval"


def fits(benchmark: str, part: str, score: str) -> tuple[float, ...]:
    finding = check_claim(Claim.read(score), definitions_of(benchmark, part)[0])
    return tuple(right for right, _ in finding.fits)


@pytest.mark.parametrize(
    ("task", "part", "score", "right"),
    [  # how many of the questions are right, as the RewardMap paper's Table 2 allows it
        ("SEED-Bench-2-Plus", "map", "60.97", (492,)),
        ("SEED-Bench-2-Plus", "overall", "60.97", ()),
        ("SEED-Bench-2-Plus", "map", "61.96", (500,)),
        ("SpatialEval", "overall", "57.30", (2656,)),
        ("SpatialEval", "overall", "70.81", (3282,)),
        ("V*", "overall", "78.01", (149,)),
        ("V*", "overall", "80.10", (153,)),
        ("V*", "direct_attributes", "62.6087", (72,)),
        ("V*", "relative_position", "64.4737", (49,)),
        ("V*", "overall", "80.00", ()),
        ("HRBench4K", "overall", "71.25", (570,)),
        ("ChartQA", "overall", "87.24", (2181,)),
        ("MMStar", "overall", "62.27", (934,)),
        ("MMStar", "math", "62.27", ()),
        # weights: 153 steps of 0.5 of 576 make 13.28 %
        ("ReasonMap", "short", "13.28", (76.5,)),
        ("ReasonMap", "short", "13.29", ()),
        ("V*", "overall", "100", (191,)),
        ("V*", "overall", "0", (0,)),
    ],
)
def test_a_claim_is_possible_or_not(
    task: str, part: str, score: str, right: tuple[float, ...]
) -> None:
    assert fits(task, part, score) == right


def test_every_published_accuracy_that_was_run_is_a_possible_share() -> None:
    known = {(one.benchmark, one.part): one for one in DEFINITIONS}
    checked = 0
    for one in published_scores():
        definition = known.get((one.benchmark, one.part))
        if definition is None or one.metric == "weighted map score" or one.mark != "run":
            continue
        checked += 1
        assert check_claim(Claim.read(one.score), definition).fits, one
    assert checked > 150


def test_the_map_column_of_the_paper_is_not_the_whole_benchmark() -> None:
    scores = [
        one.score
        for one in published_scores()
        if (one.benchmark, one.part) == ("SEED-Bench-2-Plus", "map")
    ]
    assert scores == ["58.49", "58.86", "60.97", "61.59", "61.96"]
    assert not any(fits("SEED-Bench-2-Plus", "overall", score) for score in scores)


def test_the_halves_of_hrbench_make_another_row_than_the_one_beside_them() -> None:
    # 88.00 single and 54.00 cross are 352 + 216 = 568 of 800 = 71.00: the row SFT then RL, not the
    # 71.25 of RewardMap.
    single, cross = fits("HRBench4K", "single", "88.00"), fits("HRBench4K", "cross", "54.00")
    assert (single, cross) == ((352,), (216,))
    assert fits("HRBench4K", "overall", "71.00") == (single[0] + cross[0],)


@given(st.integers(1, 3000), st.data(), st.integers(0, 4))
def test_every_true_share_is_possible_as_it_is_printed(
    n: int, data: st.DataObject, decimals: int
) -> None:
    k = data.draw(st.integers(0, n))
    printed = f"{100 * k / n:.{decimals}f}"
    finding = check_claim(Claim.read(printed), Definition("any", "overall", Fraction(n)))
    exact = Fraction(100 * k, n)
    assert any(
        abs(Fraction(share) - exact) <= Fraction(1, 10**decimals) for _, share in finding.fits
    )
    assert 0 < finding.chance <= 1
    if len(finding.fits) < 10:
        assert float(k) in {right for right, _ in finding.fits}


@given(st.integers(1, 400), st.integers(0, 10_000))
def test_what_does_not_fit_lies_between_its_neighbours(n: int, hundredths: int) -> None:
    claim = Claim.read(f"{hundredths // 100}.{hundredths % 100:02}")
    finding = check_claim(claim, Definition("any", "overall", Fraction(n)))
    if finding.fits:
        assert all(abs(share - float(claim.value)) <= 0.0050001 for _, share in finding.fits)
    else:
        (_, below), (_, above) = finding.nearest
        assert below < claim.value < above
        assert above - below == pytest.approx(100 / n)


def test_half_a_weight_can_be_neither_gained_nor_missed() -> None:
    definition = Definition("any", "overall", Fraction(10), HALF)
    possible = [
        k / 2
        for k in range(21)
        if any(right == k / 2 for right, _ in check_claim(Claim.read(f"{5 * k}"), definition).fits)
    ]
    assert possible == [0, *(k / 2 for k in range(2, 19)), 10]


def test_a_check_that_cannot_fail_says_so() -> None:
    assert check_claim(Claim.read("80.1"), definitions_of("ChartQA")[0]).chance == 1.0
    assert check_claim(Claim.read("80.10"), definitions_of("V*")[0]).chance < 0.02


@pytest.mark.parametrize("text", ["", "x", "-1", "100.01", "1e1", "nan", "8,1", "٨", "1.2.3", "."])
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(EvalError, match="score: found"):
        Claim.read(text)


@pytest.mark.parametrize("text", ["80.10", "80.10%", " 80.10 % "])
def test_a_percent_sign_does_not_matter(text: str) -> None:
    assert Claim.read(text) == Claim("80.10", Fraction("80.1"), 2)


def test_benchmarks_are_found_however_they_are_spelt() -> None:
    for text in ("V*", "v star", "VStar-Bench", "vstar"):
        assert benchmark_named(text) == "V*"
    assert benchmark_named("seed_bench_2_plus") == "SEED-Bench-2-Plus"
    assert benchmark_named("reasonmap") == "ReasonMap"
    assert benchmark_named("chart") is None
    with pytest.raises(EvalError, match="part: found 'x', expected one of overall, direct_attr"):
        definitions_of("V*", "x")


def test_every_published_score_is_a_number_and_tells_its_source() -> None:
    seen: set[tuple[str, ...]] = set()
    for one in published_scores():
        assert 0 < float(one.score) <= 100
        assert one.source
        assert one.mark in ("run", "copied", "unverified")
        key = (one.benchmark, one.part, one.metric, one.model, one.training, one.source)
        assert key not in seen
        seen.add(key)


def numbers(task: str, **held: tuple[int, float, float | None]) -> BenchmarkNumbers:
    """Numbers of a benchmark: n, value, sum of weights by name."""
    return BenchmarkNumbers(
        task=task,
        title=task,
        read_by="official",
        numbers=tuple(
            Number(name=name, n=n, value=value, low=None, high=None, sum_of_weights=weights)
            for name, (n, value, weights) in held.items()
        ),
        unparsed=0.0,
        guard=(),
    )


def routes(form: str, weights: float) -> RouteNumbers:
    return RouteNumbers(
        form=form,
        n=312,
        accuracy=0.1,
        weighted_accuracy=0.1,
        weighted_low=0.05,
        weighted_high=0.15,
        map_scores={"compat": 4.0, "fixed": 5.0},
        map_intervals={"compat": (3.0, 5.0), "fixed": (4.0, 6.0)},
        clusters=11,
        unparsed=0.0,
        sum_of_weights=weights,
    )


def test_a_run_on_the_published_questions_stands_beside_the_published_scores() -> None:
    plus = numbers(
        "reasonmap-plus", all=(1448, 0.5, 2212.0), TorF=(9, 0.25, 1083.5), TorF1=(4, 0.2, 80.0)
    )
    lines = beside([plus], [routes("short", 576.0), routes("long", 24.0)])
    assert lines == [
        "",
        "| published | measure | this run | Qwen2.5-VL-3B, as released "
        "| Qwen2.5-VL-7B, as released | Qwen2.5-VL-7B, SFT then RL "
        "| Qwen2.5-VL-7B, RL (both sets) | Qwen2.5-VL-7B, RewardMap |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
        "| ReasonMap-Plus, overall | weighted accuracy | 50.00 | 37.61 | 44.21 | 60.53 | 67.61 "
        "| 74.25 |",
        "| ReasonMap-Plus, TorF | weighted accuracy | 25.00 | 53.16 | 51.32 | 65.90 | 66.82 "
        "| 76.42 |",
        "| ReasonMap, short | weighted accuracy | 10.00 | 8.68 | 13.28 | 28.82 | 29.51 | 31.51 |",
        "| ReasonMap, short | weighted map score | 4.00 | 2.75 | 4.01 | 5.88 | 6.00 | 6.21 |",
        "",
        "- ReasonMap, long: not beside the published scores, since these are other questions: "
        "their weights sum to 24, those of the published test set 576.",
    ]
    assert beside([], []) == []


def test_the_map_column_stands_beside_the_maps_and_copied_scores_say_so() -> None:
    seed = numbers("seedbench2-plus", all=(2277, 0.7, None), map=(807, 0.6, None))
    lines = beside([seed, numbers("chartqa", all=(2500, 0.8, None))], [])
    assert lines[3:] == [
        "| SEED-Bench-2-Plus, overall | accuracy | 70.00 | 67.6 (unverified) | 70.4 (unverified) "
        "|  |  |",
        "| SEED-Bench-2-Plus, map | accuracy | 60.00 | 58.86 | 60.97 | 61.59 | 61.96 |",
        "| ChartQA, overall | accuracy | 80.00 | 84.00 (copied) | 86.12 | 86.92 | 87.24 |",
    ]


def test_a_part_of_a_benchmark_and_a_blind_run_stand_beside_nothing() -> None:
    part = numbers("vstar", all=(5, 0.2, None), direct_attributes=(3, 0.0, None))
    assert beside([part], []) == [
        "",
        "- V*, overall: not beside the published scores, since these are other questions: their "
        "questions number 5, those of the published test set 191.",
    ]
    blind = beside([numbers("vstar", all=(191, 0.2, None))], [], blind=True)
    assert blind == ["", "- A blind run: not beside the published scores, which saw the pictures."]
    assert beside([numbers("colours", all=(3, 1.0, None))], []) == []


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)


def test_check_claim_on_the_command_line() -> None:
    right = call("check-claim", "--task", "V*", "--score", "80.10")
    assert (right.returncode, right.stderr) == (0, "")
    assert "- overall, 191 questions: yes, 153 (80.10 %)" in right.stdout
    wrong = call("check-claim", "--task", "SEED-Bench-2-Plus", "--score", "60.97")
    assert (wrong.returncode, wrong.stderr) == (1, "")
    assert "- overall, 2277 questions: no; the nearest are 1388 (60.96 %) and 1389" in wrong.stdout
    assert "- map, 807 questions: yes, 492 (60.97 %)" in wrong.stdout
    assert call("check-claim", "--task", "any", "--score", "33.3", "--n", "3").returncode == 0
    assert call("check-claim", "--task", "any", "--score", "33.4", "--n", "3").returncode == 1
    weights = ("--sum-of-weights", "1128.5")
    assert call("check-claim", "--task", "any", "--score", "37.39", *weights).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check-claim", "--task", "V*", "--score", "lots"), "found 'lots', expected a number in"),
        (("check-claim", "--task", "Q*", "--score", "1"), "task: found 'Q*', expected one of SEED"),
        (
            ("check-claim", "--task", "q", "--score", "1", "--sum-of-weights", "7.3"),
            "sum of weights: found 7.3, expected steps of 0.5",
        ),
        (
            ("check-claim", "--task", "q", "--score", "1", "--sum-of-weights", "inf"),
            "sum of weights: found inf",
        ),
        (("published", "chess"), "no published score of chess for any model; there are ReasonMap"),
    ],
)
def test_a_claim_about_nothing_known_ends_in_one_line(
    arguments: tuple[str, ...], said: str
) -> None:
    ran = call(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_published_on_the_command_line() -> None:
    table = call("published", "vstar", "--model", "7b")
    assert "| V* | overall | accuracy | Qwen2.5-VL-7B | RewardMap | 80.10 |" in table.stdout
    assert "ChartQA" not in table.stdout
    rows = json.loads(call("published", "--format", "json").stdout)
    assert len(rows) == len(published_scores())
