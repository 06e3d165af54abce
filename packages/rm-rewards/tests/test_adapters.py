"""Each adapter, called the way its trainer calls it, with no trainer installed."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path
from types import ModuleType
from typing import Any, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, route_text
from rm_rewards import score as direct
from rm_rewards.adapters import (
    ADAPTERS,
    LabelScorer,
    Trainer,
    adapter_path,
    components,
    encode_question,
)
from rm_rewards.adapters.easyr1_reward import compute_score as easyr1
from rm_rewards.adapters.ms_swift_plugin import REGISTERED, register
from rm_rewards.adapters.openrlhf_reward import reply_in, reward_func, reward_function
from rm_rewards.adapters.scored_batch import reply_text
from rm_rewards.adapters.trl_rewards import reward_functions, reward_weights
from rm_rewards.adapters.verifiers_rewards import parts, reward_parts, total, total_reward
from rm_rewards.adapters.verl_score import compute_score, compute_score_batch
from rm_rewards.jsonl import read_network
from rm_rewards.specs import SPECS

DATA = Path(__file__).parent / "data"
BEST = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
TRIP = Question(
    id="q1",
    type="planning",
    question="From Alpha to Hotel?",
    network="demo.json",
    routes=(BEST,),
    station_1="Alpha",
    station_2="Hotel",
    question_transfer_count=1,
    difficulty_city="hard",
)
COUNT = Question(id="q2", type="Counting2", question="How many?", answer=3)
ROWS = [
    (TRIP, route_text(BEST), 2.5),
    (TRIP, route_text(BEST[:1]), direct(TRIP, route_text(BEST[:1])).total),
    (TRIP, "", 0.0),
    (COUNT, r"\boxed{3}", 2.0),
    (COUNT, "I do not know", 0.0),
]
LABELS = [encode_question(question, DATA) for question, _, _ in ROWS]
TEXTS = [text for _, text, _ in ROWS]
TOTALS = [total for _, _, total in ROWS]
NAMES = {"format", "correctness", "detail", "weight", "correct", "accuracy", "unparsed"}


def loaded_from(path: Path) -> ModuleType:
    """As OpenRLHF and verl load a file: the module is not put where imports would find it."""
    spec = importlib.util.spec_from_file_location("custom", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("trainer", get_args(Trainer))
def test_each_adapter_is_a_file_that_loads_by_its_path_and_imports_no_trainer(
    trainer: Trainer,
) -> None:
    path = adapter_path(trainer)
    assert loaded_from(path).__all__
    program = (
        f"import runpy, sys; runpy.run_path({str(path)!r}); "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = {"torch", "transformers", "trl", "verl", "swift", "openrlhf", "verifiers", "numpy"}
    assert not heavy & set(run.stdout.split())


def test_no_file_beside_an_adapter_hides_a_module_from_ms_swift() -> None:
    names = {path.stem for path in adapter_path("ms-swift").parent.glob("*.py")} - {"__init__"}
    assert {Path(name).stem for name in ADAPTERS.values()} <= names
    assert not names & set(sys.stdlib_module_names)
    assert [name for name in names if importlib.util.find_spec(name) is not None] == []
    assert not names & {"verl", "trl", "swift", "openrlhf", "verifiers", "vllm", "ray"}


@dataclass
class Hooks:
    """What TRL 1.16 lets a reward function log."""

    metrics: list[tuple[str, float]]
    extras: dict[str, list[str]]

    def log_metric(self, name: str, value: float) -> None:
        self.metrics.append((name, value))

    def log_extra(self, column: str, values: list[str]) -> None:
        self.extras[column] = values


def call_trl(functions: Sequence[Any], completions: Sequence[Any], hooks: Hooks) -> list[float]:
    """Every function with the same lists by keyword; None is left out of the weighted sum."""
    columns = {
        "label": LABELS,
        "trainer_state": object(),
        "log_extra": hooks.log_extra,
        "log_metric": hooks.log_metric,
    }
    prompts, ids = ["?"] * len(completions), [[1]] * len(completions)
    sums = [0.0] * len(completions)
    for weight, function in zip(reward_weights(), functions, strict=True):
        found = function(prompts=prompts, completions=completions, completion_ids=ids, **columns)
        assert len(found) == len(prompts)
        sums = [s + weight * (v or 0.0) for s, v in zip(sums, found, strict=True)]
    return sums


@pytest.mark.parametrize("conversational", [False, True])
def test_trl_gets_columns_that_add_up_to_the_total(conversational: bool) -> None:
    hooks = Hooks([], {})
    replies = [[{"role": "assistant", "content": text}] for text in TEXTS]
    functions = reward_functions()
    assert [f.__name__ for f in functions] == ["format", "correctness", "detail"]
    assert call_trl(functions, replies if conversational else TEXTS, hooks) == pytest.approx(TOTALS)
    assert hooks.metrics == [("accuracy", 0.4), ("unparsed", 0.4)]
    assert list(hooks.extras) == ["gold", "pred", "status", "reasons"]
    assert hooks.extras["status"] == ["ok", "ok", "unparsed", "ok", "unparsed"]
    assert hooks.extras["gold"][3] == r"\boxed{3}"


def test_trl_is_told_none_where_detail_does_not_apply() -> None:
    detail = reward_functions()[2]
    assert [v is None for v in detail(completions=TEXTS, label=LABELS)] == [
        False, False, False, True, True,
    ]  # fmt: skip


def test_trl_scores_a_batch_once_and_a_new_batch_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    scored = LabelScorer.group

    def counted(self: LabelScorer, label: Any, texts: Any, *more: Any) -> Any:  # noqa: ANN401 - as it is
        calls.extend(texts)
        return scored(self, label, texts, *more)

    monkeypatch.setattr(LabelScorer, "group", counted)
    functions = reward_functions()
    for _ in range(2):
        completions = list(TEXTS)
        for function in functions:
            function(completions=completions, label=LABELS)
    assert len(calls) == 2 * len(TEXTS)


def test_trl_gets_one_column_for_a_reward_that_multiplies_its_weight_in() -> None:
    functions = reward_functions("reference")
    assert [f.__name__ for f in functions] == ["total"]
    assert reward_weights("reference") == [1.0]
    assert functions[0](completions=TEXTS, label=LABELS)[3] == 10.0


@pytest.mark.parametrize("name", SPECS)
def test_the_weighted_columns_of_every_reward_add_up_to_its_total(name: str) -> None:
    labels, texts = LABELS * 2, [*TEXTS, *(f"<think>Yes.</think>\n{text}" for text in TEXTS)]
    columns = [f(completions=texts, label=labels) for f in reward_functions(name)]
    expected = [
        LabelScorer(name)(x, text).reward.total for x, text in zip(labels, texts, strict=True)
    ]
    weights = reward_weights(name)
    sums = [
        sum(weight * (value or 0.0) for weight, value in zip(weights, row, strict=True))
        for row in zip(*columns, strict=True)
    ]
    assert sums == pytest.approx(expected)
    assert any(expected)


COMPOSED = """
[parts.right]
use = "correctness"
weight = 2.0

[parts.brief]
use = "shortest"
weight = 0.5
gate = "right"
"""


def test_a_composition_is_a_column_a_part_and_groups_are_seen_whole(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(COMPOSED, encoding="utf-8")
    texts = [r"\boxed{3}", r"So the answer is \boxed{3}", r"\boxed{4}"]
    rows = {"label": [LABELS[3]] * 3}
    functions = reward_functions(str(file))
    assert [f.__name__ for f in functions] == ["right", "brief"]
    assert reward_weights(str(file)) == [1.0, 1.0]
    right, brief = (f(completions=texts, **rows) for f in functions)
    assert right == [2.0, 2.0, 0.0]
    assert brief[0] == 0.5
    assert brief[1] != 0.5
    assert brief[2] == 0.0
    batch = compute_score_batch(["maps"] * 3, texts, [LABELS[3]] * 3, reward=str(file))
    assert [each["score"] for each in batch] == [2.5, 2.0, 0.0]
    assert (batch[0]["part_right"], batch[0]["part_brief"]) == (2.0, 0.5)
    assert list(register(str(file), prefix="my_")) == ["my_total", "my_right", "my_brief"]


@pytest.fixture
def grouped(tmp_path: Path) -> str:
    file = tmp_path / "grouped.toml"
    file.write_text(COMPOSED, encoding="utf-8")
    return str(file)


ONE_BY_ONE: list[tuple[str, Callable[[str], object]]] = [
    ("verl", lambda reward: compute_score("maps", "3", LABELS[3], reward=reward)),
    ("OpenRLHF", reward_function),
    ("verifiers", total_reward),
    ("verifiers", reward_parts),
]


@pytest.mark.parametrize(("trainer", "use"), ONE_BY_ONE)
def test_a_trainer_of_single_replies_refuses_a_part_that_looks_at_the_group(
    trainer: str, use: Callable[[str], object], grouped: str
) -> None:
    with pytest.raises(RecordError) as caught:
        use(grouped)
    said = str(caught.value)
    assert said.startswith("parts.brief: found 'shortest', expected parts that look at one reply:")
    assert f"{trainer} hands over one at a time" in said
    assert "use TRL, ms-swift or EasyR1" in said
    assert "\n" not in said


def test_easyr1_hands_over_whole_groups_wherever_they_stand_in_its_batch(grouped: str) -> None:
    texts = [r"\boxed{3}", "yes", r"I count \boxed{3}", ""]
    labels = [LABELS[3], LABELS[0], LABELS[3], LABELS[0]]
    inputs = [
        {"response": text, "response_length": 9, "ground_truth": label}
        for text, label in zip(texts, labels, strict=True)
    ]
    found = easyr1(inputs, reward=grouped)
    assert [each["overall"] for each in found] == [2.5, 0.0, 2.0, 0.0]
    single = [easyr1([each], reward=grouped)[0]["overall"] for each in inputs]
    assert single == [2.5, 0.0, 2.5, 0.0]


def test_trl_and_ms_swift_refuse_a_part_of_a_group_where_they_know_the_size(grouped: str) -> None:
    total = register(grouped, prefix="g_", group_size=2)["g_total"]()
    assert total(["3", "4"], label=[LABELS[3]] * 2) == [2.5, 0.0]
    with pytest.raises(RecordError, match="whole groups of 2: give each device whole groups"):
        total(["3"], label=[LABELS[3]])
    first, *_ = reward_functions(grouped, group_size=2)
    assert first(completions=["3", "4"], label=[LABELS[3]] * 2) == [2.0, 0.0]
    with pytest.raises(RecordError, match=r"label: found '3 replies to one question', .*of 2"):
        first(completions=["3", "4", "3"], label=[LABELS[3]] * 3)


@pytest.mark.parametrize("column", ["completion_ids", "response_token_ids"])
def test_parts_that_count_tokens_are_told_by_trl_and_ms_swift(column: str, tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    file.write_text('[parts.right]\nuse = "correctness"\n[parts.observe_bonus]\n', encoding="utf-8")
    _, bonus = reward_functions(str(file))
    ids = {column: [list(range(n)) for n in (102, 101, 100)]}
    texts = [r"\boxed{3}"] * 3
    assert bonus(completions=texts, label=[LABELS[3]] * 3, **ids) == [0.0, 0.2, 0.0]
    assert bonus(completions=texts, label=[LABELS[3]] * 3) == [0.0, 0.0, 0.0]


def test_a_part_that_needs_more_than_the_reply_is_refused_by_every_trainer(tmp_path: Path) -> None:
    file = tmp_path / "care.toml"
    file.write_text('[parts.right]\nuse = "correctness"\n[parts.care_bonus]\n', encoding="utf-8")
    for use in (reward_functions, register, LabelScorer):
        with pytest.raises(
            RecordError, match=r"parts.care_bonus: .*no trainer .* likelihood; call"
        ):
            use(str(file))


def test_trl_is_told_how_to_add_the_column_that_is_missing() -> None:
    with pytest.raises(KeyError, match="no column 'answer': add it"):
        reward_functions(column="answer")[0](completions=TEXTS, label=LABELS)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("a", "a"),
        ([{"role": "assistant", "content": "a"}], "a"),
        ([{"role": "assistant", "content": "a"}, {"role": "tool", "content": "b"},
          {"role": "assistant", "content": "c"}], "c"),
        ([{"role": "assistant", "content": [{"type": "text", "text": "a"},
                                            {"type": "image"}]}], "a"),
        ([{"role": "assistant", "content": None, "tool_calls": ["..."]}], ""),
        ((), ""),
    ],
)  # fmt: skip
def test_the_text_of_a_reply_is_the_last_turn_of_the_assistant(reply: Any, text: str) -> None:  # noqa: ANN401 - as trainers give it
    assert reply_text(reply) == text


def call_verl(label: str, text: str) -> dict[str, float | str]:
    """By keyword, through a partial with the configured arguments."""
    function = partial(compute_score, reward="rewardmap")
    extra: dict[str, object] = {"num_turns": None}
    return function(
        data_source="maps",
        solution_str=text,
        ground_truth=label,
        extra_info=extra,
        reward_router_address=None,
        reward_model_tokenizer=None,
    )


def test_verl_gets_the_same_keys_for_every_reply_and_no_none() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(call_verl, LABELS * 20, TEXTS * 20))
    assert [each["score"] for each in found] == TOTALS * 20
    assert {tuple(each) for each in found} == {tuple(found[0])}
    assert None not in [value for each in found for value in each.values()]
    assert "reward" not in found[0]
    assert found[0]["acc"] == 1.0
    assert found[1]["reasons"] == "wrong_destination missing_leg"


def test_old_verl_gets_a_batch() -> None:
    found = compute_score_batch(
        data_sources=["maps"] * 5, solution_strs=TEXTS, ground_truths=LABELS, extra_infos=[None] * 5
    )
    assert found == [call_verl(label, text) for label, text in zip(LABELS, TEXTS, strict=True)]


def test_easyr1_gets_numbers_under_the_same_keys() -> None:
    module = loaded_from(adapter_path("easyr1"))
    assert module.REWARD_TYPE == "batch"
    assert module.REWARD_NAME
    inputs = [
        {"response": text, "response_length": len(text), "ground_truth": label}
        for text, label in zip(TEXTS, LABELS, strict=True)
    ]
    found = module.compute_score(inputs)
    assert found == easyr1(inputs)
    assert [each["overall"] for each in found] == TOTALS
    assert {tuple(each) for each in found} == {("overall", *components(LabelScorer()(COUNT, "3")))}
    assert all(type(v) is float and isfinite(v) for each in found for v in each.values())


def test_ms_swift_makes_and_calls_the_registered_classes() -> None:
    made = [kind(args=object()) for kind in REGISTERED.values()]
    assert [type(each).__name__ for each in made] == list(REGISTERED)
    assert list(REGISTERED) == ["rm_total", "rm_format", "rm_correctness", "rm_detail"]
    rows: Mapping[str, object] = {
        "label": LABELS, "messages": [None] * 5, "is_truncated": [True] * 5, "trainer_state": None,
    }  # fmt: skip
    found = {type(each).__name__: each(TEXTS, **rows) for each in made}
    assert found["rm_total"] == TOTALS
    assert found["rm_detail"][3] is None
    assert list(register("sparse", prefix="sparse_")) == [
        "sparse_total", "sparse_format", "sparse_correctness", "sparse_detail",
    ]  # fmt: skip


PROMPT = "<|im_start|>user\nFrom Alpha to Hotel?<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize(
    ("label", "text", "expected"), list(zip(LABELS, TEXTS, TOTALS, strict=True))
)
def test_openrlhf_gets_plain_numbers_for_one_query(label: str, text: str, expected: float) -> None:
    module = loaded_from(adapter_path("openrlhf"))
    query = PROMPT + text + "<|im_end|>"
    found = asyncio.run(asyncio.to_thread(module.reward_func, [query], [PROMPT], [label]))
    assert found == reward_func([query], [PROMPT], [label])
    assert list(found) == ["rewards", "scores", "extra_logs"]
    assert found["rewards"] == expected
    assert found["scores"] in (0.0, 1.0)
    assert set(found["extra_logs"]) == NAMES
    assert all(type(value) is float for value in found["extra_logs"].values())


@pytest.mark.parametrize(
    ("query", "prompt", "reply"),
    [
        ("the prompt: yes", "the prompt: ", "yes"),
        (PROMPT + "7</s>", PROMPT, "7"),
        (PROMPT + "7<|im_end|>\n<|endoftext|><|endoftext|>", PROMPT, "7"),
        (PROMPT + PROMPT + "7", PROMPT, PROMPT + "7"),
        ("<img><img><img>" + PROMPT + "7", "<img>" + PROMPT, "7"),
        ("<img><img>" + PROMPT + PROMPT + "7", "<img>" + PROMPT, PROMPT + "7"),
        (PROMPT[20:] + "7", PROMPT, "7"),
        (PROMPT + "a |> b", PROMPT, "a |> b"),
        (PROMPT, PROMPT, ""),
        (PROMPT + "<|im_end|>", PROMPT, ""),
    ],
)
def test_the_reply_is_what_follows_the_prompt(query: str, prompt: str, reply: str) -> None:
    assert reply_in(query, prompt) == reply


def test_a_long_tail_of_end_tokens_takes_no_more_than_linear_time() -> None:
    def seconds(count: int) -> float:
        query = PROMPT + "7" + "<|im_end|></s>" * count
        began = time.process_time()
        assert reply_in(query, PROMPT) == "7"
        return time.process_time() - began

    short = min(seconds(10_000) for _ in range(5))
    assert min(seconds(100_000) for _ in range(3)) < 30 * short


def test_a_query_without_its_prompt_is_an_error() -> None:
    with pytest.raises(RecordError, match="queries: found 'something else'"):
        reply_in("something else", PROMPT)


def test_openrlhf_is_refused_more_than_one_query() -> None:
    with pytest.raises(RecordError, match="one of each"):
        reward_function("sparse")(["a", "b"], ["", ""], LABELS[:2])


@dataclass
class TaskData:
    answer: str


@dataclass
class Trace:
    last_reply: str


def test_verifiers_gets_coroutines_that_ask_for_task_and_trace() -> None:
    async def scored() -> list[tuple[float, Mapping[str, float]]]:
        rows = [(TaskData(x), Trace(text)) for x, text in zip(LABELS, TEXTS, strict=True)]
        totals = await asyncio.gather(*(total(task, trace) for task, trace in rows))
        shares = await asyncio.gather(*(parts(task, trace) for task, trace in rows))
        return list(zip(totals, shares, strict=True))

    found = asyncio.run(scored())
    assert [each[0] for each in found] == TOTALS
    assert {frozenset(each[1]) for each in found} == {frozenset(NAMES)}
    for function in (total, parts, total_reward("sparse")):
        assert inspect.iscoroutinefunction(function)
        assert list(inspect.signature(function).parameters) == ["task", "trace"]


def test_the_network_is_found_from_the_record_or_in_a_folder(tmp_path: Path) -> None:
    other = route_text(
        (
            Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Delta St. Mary"),
            Leg(route_name="Violet Line", departure_stop="Delta St. Mary", arrival_stop="Hotel"),
        )
    )
    network = read_network(DATA / "demo.json")
    expected = direct(TRIP, other, network=network).total
    assert expected == 2.5 != direct(TRIP, other).total
    assert LabelScorer()(encode_question(TRIP, DATA), other).reward.total == expected
    assert LabelScorer(folder=DATA)(encode_question(TRIP), other).reward.total == expected
    by_city = replace(TRIP, network=None, city="demo", country="nowhere")
    (tmp_path / "nowhere").mkdir()
    (tmp_path / "nowhere/demo.json").write_bytes((DATA / "demo.json").read_bytes())
    assert LabelScorer(networks=tmp_path)(by_city, other).reward.total == expected
    with pytest.raises(RecordError, match=r"the network file .*gone\.json"):
        LabelScorer()(encode_question(replace(TRIP, network="gone.json"), tmp_path), other)


@given(text=st.text(max_size=60))
def test_no_reply_makes_an_adapter_raise_or_change_its_keys(text: str) -> None:
    for label in (LABELS[0], LABELS[3]):
        found = call_verl(label, text)
        assert list(found) == list(call_verl(LABELS[0], ""))
        assert all(isfinite(v) for v in found.values() if isinstance(v, float))
        earned = cast("float", found["score"])
        assert 0.0 <= earned <= 2.5
        behind_prompt = reward_func([PROMPT + text], [PROMPT], [label])
        assert set(cast("dict[str, float]", behind_prompt["extra_logs"])) == NAMES


def test_a_reply_that_the_length_limit_cut_off_is_truncated() -> None:
    assert LabelScorer()(COUNT, "I think", truncated=True).reward.status == "truncated"
    assert LabelScorer()(COUNT, "I think").reward.status == "unparsed"
