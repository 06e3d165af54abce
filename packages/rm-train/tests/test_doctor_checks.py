from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_train.doctor.answers import (
    GoldLength,
    mark_findings,
    reach_findings,
    soundness_findings,
)
from rm_train.doctor.columns import Column, column_findings, correlation
from rm_train.doctor.dialogue import (
    Dialogue,
    arithmetic_findings,
    dialogue_findings,
    quoted_token_findings,
)
from rm_train.doctor.factors import Factors, factor_findings
from rm_train.doctor.finding import Finding, errors_in, gravest_first, some_of
from rm_train.doctor.groups import Batch, group_findings
from rm_train.doctor.leakage import AskedAbout, duplicate_findings, leakage_findings
from rm_train.doctor.lengths import PromptLength, encoder_findings, length_findings
from rm_train.doctor.pictures import SeenPicture, picture_findings
from rm_train.doctor.room import disk_findings, memory_findings, readable
from rm_train.doctor.size import (
    Memory,
    Size,
    checkpoint_bytes,
    checkpoints_at_once,
    memory_of,
    run_bytes,
)
from rm_train.doctor.verdict import counted, refuse, tell_findings
from rm_train.run_directory import RunError


def told(findings: Iterable[Finding]) -> list[str]:
    """Level and code of each finding that is no note."""
    return [f"{f.level} {f.code}" for f in findings if f.level != "note"]


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        (Batch(prompts=16, group=8), []),
        (Batch(prompts=16, group=8, world=8), []),
        (Batch(prompts=16, group=1), ["error group-size"]),
        (Batch(prompts=16, group=2), ["warning group-size"]),
        (Batch(prompts=1, group=8), ["warning batch-size"]),
        (Batch(prompts=2, group=8, world=3), ["error batch-division"]),
        (Batch(prompts=2, group=8, world=4), []),
        (Batch(prompts=2, group=8, world=4, whole=("GrpoCare",)), ["error split-groups"]),
        (Batch(prompts=4, group=8, world=4, whole=("GrpoCare",)), []),
    ],
)
def test_groups_have_to_suit_batch_and_processes(batch: Batch, expected: list[str]) -> None:
    assert told(group_findings(batch)) == expected


def test_groups_on_two_processes_are_noted_where_they_do_no_harm() -> None:
    (finding,) = group_findings(Batch(prompts=2, group=8, world=4))
    assert finding.line() == (
        "note: split-groups: 4 replies on each of 4 processes, groups of 8: some groups lie on two "
        "processes; advantages are right all the same, since rewards are gathered first; make "
        "prompts_per_step (2) a multiple of 4"
    )


PROMPTS = [
    PromptLength(question="a", text=100, visual=256),
    PromptLength(question="b", text=300, visual=1024),
]


@pytest.mark.parametrize(
    ("completion", "limits", "expected"),
    [
        (100, {"the model": 1424}, []),
        (101, {"the model": 1424}, ["error prompt-length"]),
        (101, {"the model": 1424, "vLLM": 400}, ["error prompt-length"] * 2),
        (4000, {}, []),
    ],
)
def test_prompt_and_reply_have_to_fit_together(
    completion: int, limits: Mapping[str, int], expected: list[str]
) -> None:
    assert told(length_findings(PROMPTS, completion, limits)) == expected


def test_a_prompt_that_is_too_long_is_told_with_its_parts() -> None:
    found = list(length_findings(PROMPTS, 200, {"the model": 1400}))
    assert [finding.found for finding in found] == [
        "prompts of 356 to 1,324 tokens (median 840); with 200 for the reply 1,524 at most",
        "question 'b': 300 tokens of text + 1,024 of its picture + 200 for the reply are more than "
        "the model, 1,400; so it is for 1 of 2 ('b')",
    ]


def test_pictures_larger_than_a_batch_of_vllm_are_told() -> None:
    assert told(encoder_findings([256, 4096])) == []
    assert told(encoder_findings([256, 4097])) == ["warning vllm-batch"]


def seen(width: int, height: int, pixels: int | None) -> SeenPicture:
    return SeenPicture(name="m.png", width=width, height=height, tokens=9, seen=pixels)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (seen(1000, 1000, 1_000_000), []),
        (seen(1000, 1000, 250_000), []),
        (seen(1000, 1000, 249_000), ["warning reduced-pictures"]),
        (seen(100, 100, 22_400), []),
        (seen(100, 100, 23_000), ["warning enlarged-pictures"]),
        (seen(5000, 5000, None), []),
    ],
)
def test_pictures_that_are_scaled_too_far_are_told(
    picture: SeenPicture, expected: list[str]
) -> None:
    assert told(picture_findings([picture])) == expected


def test_legibility_is_told_in_pixels_of_a_label() -> None:
    finding = list(picture_findings([seen(4000, 2000, 320_000), seen(100, 100, 10_000)]))[1]
    assert finding.found == (
        "1 pictures are reduced to less than half their width; most of all 'm.png', 4000 x 2000, "
        "to 20%: a label of 20 pixels becomes one of 4.0"
    )


GOOD = Dialogue(
    pad="<pad>", eos="<end>", stops=("<end>",), turn_end="<end>", placeholders=1, token="<image>"
)


@pytest.mark.parametrize(
    ("dialogue", "expected"),
    [
        (GOOD, []),
        (replace(GOOD, turn_end=""), []),
        (replace(GOOD, pad=None), ["warning pad-token"]),
        (replace(GOOD, eos=None, stops=()), ["error eos-token"]),
        (replace(GOOD, turn_end="<im_end>"), ["warning eos-token"]),
        (replace(GOOD, turn_end="<im_end>", stops=("<end>", "<im_end>")), []),
        (replace(GOOD, placeholders=0), ["error picture-token"]),
        (replace(GOOD, placeholders=2), ["error picture-token"]),
    ],
)
def test_a_dialogue_has_to_hold_the_picture_and_to_end(
    dialogue: Dialogue, expected: list[str]
) -> None:
    assert told(dialogue_findings(dialogue)) == expected


def test_questions_that_quote_the_pictures_token_are_refused() -> None:
    assert told(quoted_token_findings("<image>", [])) == []
    assert told(quoted_token_findings("<image>", ["q"])) == ["error picture-token"]


def test_a_processor_may_make_no_more_tokens_than_are_counted() -> None:
    assert told(arithmetic_findings("q", 10, 10)) == []
    assert told(arithmetic_findings("q", 11, 10)) == ["warning prompt-length"]


def golds(*tokens: int, kind: str = "planning") -> list[GoldLength]:
    return [GoldLength(question=str(i), type=kind, tokens=n) for i, n in enumerate(tokens)]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        (golds(10, 20, 32), []),
        (golds(*[10] * 19, 33), ["warning unreachable-answers"]),
        (golds(*[10] * 8, 33), ["error unreachable-answers"]),
        ([*golds(*[10] * 30), *golds(33, kind="TorF1")], ["error unreachable-answers"]),
    ],
)
def test_answers_have_to_fit_into_a_reply(lengths: list[GoldLength], expected: list[str]) -> None:
    assert told(reach_findings(lengths, 32)) == expected


def test_types_whose_answers_cannot_be_reached_are_counted() -> None:
    finding = list(reach_findings([*golds(5, kind="TorF1"), *golds(40, 50)], 32))[1]
    assert finding.found.endswith("(planning 2 of 2; '0', '1')")
    assert finding.way_out.startswith("set max_completion_length to 50 at least")


def test_right_answers_have_to_earn_what_is_theirs() -> None:
    assert told(mark_findings([], 100)) == []
    assert told(mark_findings(["a"], 100)) == ["warning wrong-gold"]
    assert told(mark_findings(["a"], 10)) == ["error wrong-gold"]
    found = [("oracle", "x"), ("garbage", "y"), ("garbage", "z"), ("range", "r")]
    assert told(soundness_findings(found, 5)) == [
        "warning reward-oracle",
        "error reward-garbage",
        "error reward-range",
    ]


RISING: Column = [0, 1, 2, 3, 4, 5, 6, 7]
DOUBLE: Column = [0, 2, 4, 6, 8, 10, 12, 14]
FALLING: Column = [0, -1, -2, -3, -4, -5, -6, -7]
OTHER: Column = [0, 1, 0, 1, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("columns", "weights", "expected"),
    [
        ({"a": RISING, "b": OTHER}, [1.0, 1.0], []),
        ({"a": RISING, "b": DOUBLE}, [1.0, 1.0], ["tied"]),
        ({"a": RISING, "b": FALLING}, [1.0, 1.0], ["tied"]),
        ({"a": RISING, "b": RISING}, [1.0, 0.0], []),
        ({"a": RISING, "b": [1.0] * 8}, [1.0, 1.0], ["constant"]),
        ({"a": RISING, "b": [None] * 8}, [1.0, 1.0], []),
        ({"a": RISING, "b": [None, None, *RISING[2:]]}, [1.0, 1.0], []),
    ],
)
def test_reward_columns_have_to_differ(
    columns: Mapping[str, Column], weights: list[float], expected: list[str]
) -> None:
    codes = [f"warning {name}-column{'s' if name == 'tied' else ''}" for name in expected]
    assert told(column_findings(columns, weights)) == codes


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.floats(0.1, 10), st.floats())
def test_a_correlation_lies_between_minus_one_and_one(
    series: list[float], factor: float, shift: float
) -> None:
    other = [factor * value + (shift if abs(shift) < 1e3 else 0.0) for value in series]
    assert -1.000001 <= correlation(series, other) <= 1.000001


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (Factors(), []),
        (Factors(weight_inside=True), []),
        (Factors(weight_inside=True, scale="group"), ["warning cancelled-weight"]),
        (Factors(copies_at_once=("GrpoCare",)), ["warning idle-copy"]),
        (Factors(ratio_asked=("epsilon",), updates=2), []),
        (Factors(trained="bfloat16", lr=1e-6), ["error lost-updates"]),
        (Factors(trained="bfloat16", lr=1e-5), ["warning lost-updates"]),
        (Factors(trained="bfloat16", lr=1e-4), []),
        (Factors(parameters=7_000_000_000, lr=1e-6), []),
        (Factors(parameters=7_000_000_000, lr=1e-4), ["warning large-lr"]),
        (Factors(parameters=7_000_000_000, lr=1e-4, adapters=True), []),
        (Factors(parameters=400_000, lr=1e-4), []),
        (Factors(adapters=True, lr=1e-6), ["warning small-lr"]),
        (Factors(rising=50, steps=50), ["warning endless-warm-up"]),
        (Factors(rising=49, steps=50), []),
    ],
)
def test_settings_that_cancel_are_told(run: Factors, expected: list[str]) -> None:
    assert told(factor_findings(run)) == expected


def test_clipping_that_cannot_act_is_noted() -> None:
    (finding,) = factor_findings(Factors(ratio_asked=("epsilon", "importance")))
    assert finding.code == "idle-clipping"
    assert finding.found == "epsilon, importance set, with one update a step"


SEVEN = Size(
    parameters=7_000,
    trained=7_000,
    compute_bytes=2,
    width=10,
    layers=4,
    vocabulary=100,
    replies=2,
    length=50,
    completion=20,
)


@pytest.mark.parametrize(
    ("size", "held", "passing"),
    [
        (SEVEN, 7_000 * 16, 2 * 100 * 10 * 4 * 17 + 2 * 4 * 2 * 20 * 100),
        (replace(SEVEN, reference=True), 7_000 * 20, 136_000 + 32_000),
        (replace(SEVEN, shards=4), 7_000 * 4, 136_000 + 32_000),
        (replace(SEVEN, copies=1), 7_000 * 20, 136_000 + 32_000),
        (replace(SEVEN, checkpointing=True), 7_000 * 16, 2 * 100 * 10 * 21 + 32_000),
        (replace(SEVEN, trained=70, weight_bytes=2), 14_000 + 70 * 16, 136_000 + 32_000),
        (replace(SEVEN, trained=70, weight_bytes=0.5), 3_500 + 70 * 16, 136_000 + 32_000),
    ],
)
def test_memory_follows_its_formula(size: Size, held: int, passing: int) -> None:
    memory = memory_of(size)
    assert memory.held == held
    assert memory.passing == passing
    assert memory.total == held + passing


def test_checkpoints_hold_weights_and_two_moments() -> None:
    assert checkpoint_bytes(1000) == 12_000
    assert run_bytes(1000, 3) == 40_000
    assert run_bytes(1000, 0) == 4_000


@pytest.mark.parametrize(
    ("updates", "every", "keep", "count"),
    [(100, 10, 2, 3), (100, 50, 2, 2), (100, 200, 2, 0), (100, 0, 2, 0)],
)
def test_so_many_checkpoints_lie_there_at_once(
    updates: int, every: int, keep: int, count: int
) -> None:
    assert checkpoints_at_once(updates, every, keep) == count


@pytest.mark.parametrize(
    ("needed", "expected"), [(70, []), (90, ["warning disk"]), (101, ["error disk"])]
)
def test_the_disk_has_to_hold_the_checkpoints(needed: float, expected: list[str]) -> None:
    assert told(disk_findings(needed, 100, checkpoints=3)) == expected


MEMORY = Memory(weights=20, gradients=20, optimizer=40, reference=0, activations=15, logits=5)


@pytest.mark.parametrize(
    ("there", "rollouts", "expected"),
    [
        (100, 0.0, []),
        (99, 0.0, ["warning memory"]),
        (79, 0.0, ["error memory"]),
        (100, 0.1, ["warning memory"]),
        (100, 0.3, ["error memory"]),
    ],
)
def test_the_memory_has_to_hold_the_run(there: float, rollouts: float, expected: list[str]) -> None:
    assert told(memory_findings(MEMORY, there, device="cuda", rollouts=rollouts)) == expected


@pytest.mark.parametrize(
    ("count", "text"),
    [(12, "12 bytes"), (1500, "1.5 kB"), (15.3e9, "15.3 GB"), (2.5e12, "2.5 TB")],
)
def test_bytes_are_written_as_people_write_them(count: float, text: str) -> None:
    assert readable(count) == text


def about(name: str, text: str, picture: str, network: str = "") -> AskedAbout:
    return AskedAbout(id=name, text=text, picture=picture, network=network)


TRAINED = [about("1", "a?", "p", "x/oslo"), about("2", "b?", "q", "x/rome")]


@pytest.mark.parametrize(
    ("held_out", "expected"),
    [
        ([], []),
        ([about("9", "a?", "r", "x/bonn")], []),
        ([about("9", "a?", "p", "x/oslo")], ["questions are trained on"]),
        ([about("9", "c?", "p", "x/oslo")], ["questions about pictures are trained on"]),
        ([about("9", "c?", "r", "x/oslo")], ["networks are both trained on and evaluated"]),
        ([about("9", "c?", "r", "")], []),
    ],
)
def test_what_both_sets_share_is_told_at_its_gravest(
    held_out: list[AskedAbout], expected: list[str]
) -> None:
    found = [f.found for f in leakage_findings(TRAINED, held_out) if f.level == "warning"]
    assert len(found) == len(expected)
    for finding, words in zip(found, expected, strict=True):
        assert words in finding


def test_ids_that_stand_in_both_sets_are_noted() -> None:
    found = list(leakage_findings(TRAINED, [about("1", "new?", "new")]))
    assert [(finding.level, finding.code) for finding in found] == [("note", "leakage")]


def test_questions_that_are_asked_twice_are_counted() -> None:
    assert told(duplicate_findings(TRAINED)) == []
    (finding,) = duplicate_findings([*TRAINED, about("3", "a?", "p"), about("4", "a?", "p")])
    assert finding.found.startswith("2 questions repeat another")


def test_the_gravest_comes_first_and_errors_refuse() -> None:
    findings = [
        Finding(level="note", code="n", found="n"),
        Finding(level="warning", code="w", found="w"),
        Finding(level="error", code="e", found="e", effect="lost", way_out="mend"),
        Finding(level="error", code="f", found="f"),
    ]
    assert [f.code for f in gravest_first(findings)] == ["e", "f", "w", "n"]
    assert [f.code for f in errors_in(findings)] == ["e", "f"]
    assert counted(findings) == "2 errors, 1 warning, 1 note"
    lines: list[str] = []
    tell_findings(findings, lines.append)
    assert lines == ["error: e: e; lost; mend", "error: f: f", "warning: w: w"]
    with pytest.raises(
        RunError, match=r"refused \(and 1 more error, .*\): e: e; lost; mend; .*--no-doctor"
    ):
        refuse(findings)
    refuse(findings[:2])


def test_long_lists_of_names_are_cut() -> None:
    assert some_of(["a", "b", "c"]) == "'a', 'b', 'c'"
    assert some_of(["a", "b", "c", "d", "e"]) == "'a', 'b', 'c' and 2 more"
