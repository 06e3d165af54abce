from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType]
from tokenizers import pre_tokenizers
from transformers import ProcessorMixin, Qwen2Tokenizer

from rm_eval import EvalError
from rm_eval.steering.breaks import Breaks
from rm_eval.steering.means import Means
from rm_eval.steering.thoughts import Label, label_of, thoughts
from rm_eval.steering.vector import Origin, SteeringVector, read_vector, write_vector
from rm_rewards import RecordError


@pytest.mark.parametrize(
    ("thought", "label"),
    [
        ("Line 2 has 7 stops.", "execution"),
        ("Alternatively, take Line 3.", "transition"),
        ("I should think differently here.", "transition"),
        *((f"Is there another {word}?", "transition") for word in ("way", "approach", "method")),
        *((f"ANOTHER {word}:", "transition") for word in ("solution", "strategy", "technique")),
        ("another route", "execution"),
        ("Wait, that is the Red Line.", "reflection"),
        ("Let me verify: 3 + 4.", "reflection"),
        ("Make sure both are on it.", "reflection"),
        ("Hold on.", "reflection"),
        ("Think again", "reflection"),
        ("So that's correct.", "reflection"),
        ("So that\u2019s incorrect.", "reflection"),
        ("Let me check.", "reflection"),
        ("That seems right", "reflection"),
        ("Wait. Alternatively, take Line 3.", "transition"),  # a transition is looked for first
        ("Passengers await the train.", "reflection"),  # as published: "await" holds "wait"
        ("Attendez, c'est la ligne 4.", "execution"),  # English alone
    ],
)
def test_a_thought_is_labelled_by_its_keywords(thought: str, label: Label) -> None:
    assert label_of(thought) == label


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        ("", []),
        ("One paragraph. Wait.\nAnother line.", []),
        ("A\n\nB", ["execution"]),
        ("\n\nA\n\nWait", ["execution", "reflection"]),
        ("A\n\n\nB\n\n\n\nWait", ["execution", "reflection"]),
        ("<think>A\n\nWait\n\nB</think>\n\nWait, the answer", ["reflection", "execution"]),
        ("A</think>\n\nB", []),
        ("A\n\n", []),
        ("A\n\nanother way\n\nC", ["transition", "execution"]),
    ],
)
def test_thoughts_are_what_empty_lines_open_within_the_reasoning(
    reply: str, labels: list[Label]
) -> None:
    assert [one.label for one in thoughts(reply)] == labels


def _breaks(*whole: str) -> tuple[Qwen2Tokenizer, Breaks]:
    """A tokenizer of bytes, and of these texts as one token each."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Qwen2Tokenizer(
        vocab={letter: number for number, letter in enumerate(alphabet)},
        merges=[],
        unk_token=cast("Any", None),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )
    tokenizer.add_tokens(list(whole))
    return tokenizer, Breaks(cast("ProcessorMixin", SimpleNamespace(tokenizer=tokenizer)))


BYTES = _breaks()
WHOLE = _breaks("\n\n", ".\n\n", "\n\n\n", "\n--\n", "\nRoute", " wait")


@pytest.mark.parametrize("made", [BYTES, WHOLE], ids=["bytes", "whole tokens"])
@pytest.mark.parametrize(
    "reply",
    [
        "A.\n\nB.\n\nWait.\n\nanother way",
        "A\n\n\nB\n\n\n\nwait, C",
        "A\n--\nRoute\n\nB",
        "<think>A.\n\nwait\n\nB</think>\n\nwait",
        "A</think>\n\nB",
        "\n\nA",
        "one line",
        "",
        "é\n\n站 wait\n\n✓",
    ],
)
def test_tokens_open_the_same_thoughts_as_text(
    made: tuple[Qwen2Tokenizer, Breaks], reply: str
) -> None:
    tokenizer, breaks = made
    tokens = cast("list[int]", cast("Any", tokenizer)(reply)["input_ids"])
    opened = breaks.opened(tokens)
    assert [label for _, label in opened] == [one.label for one in thoughts(reply)]
    for place, _ in opened:
        assert breaks.text(tokens[: place + 1]).endswith("\n")
        assert "\n\n" in breaks.text(tokens[: place + 1])[-3:]


@given(st.lists(st.sampled_from(["\n", "\n\n", "A", "wait", ".", "</think>", " "]), max_size=12))
def test_tokens_and_text_agree_on_any_reply(parts: list[str]) -> None:
    tokenizer, breaks = WHOLE
    reply = "".join(parts)
    tokens = cast("list[int]", cast("Any", tokenizer)(reply)["input_ids"])
    assert [label for _, label in breaks.opened(tokens)] == [one.label for one in thoughts(reply)]


def test_the_vector_is_the_difference_of_two_means() -> None:
    means = Means(2)
    seen: list[tuple[Label, tuple[int, int]]] = [
        ("execution", (1, 0)),
        ("execution", (3, 0)),
        ("reflection", (0, 2)),
        ("transition", (0, 4)),
    ]
    for label, state in seen:
        means.add(0, label, np.array(state, dtype=np.float32))
    assert means.vector().tolist() == [2.0, -3.0]
    assert means.counts == {"execution": 2, "reflection": 1, "transition": 1}
    assert means.agreement() is None  # every other trace alone: there is one
    for label, state in seen:
        means.add(1, label, np.array(state[::-1], dtype=np.float32))
    assert means.agreement() == pytest.approx(-12 / 13)  # (2, -3) and (-3, 2)


@given(st.lists(st.tuples(st.sampled_from(["execution", "reflection", "transition"]),
                          st.integers(-99, 99), st.integers(0, 9)), min_size=2))  # fmt: skip
def test_means_taken_one_by_one_are_the_means(seen: list[tuple[Label, int, int]]) -> None:
    means = Means(1)
    for label, value, trace in seen:
        means.add(trace, label, np.array([value], dtype=np.float32))
    execution = [value for label, value, _ in seen if label == "execution"]
    other = [value for label, value, _ in seen if label != "execution"]
    if execution and other:
        assert means.vector()[0] == pytest.approx(np.mean(execution) - np.mean(other))


ORIGIN = Origin(
    model="model",
    model_fingerprint="f" * 64,
    layer=20,
    traces=3,
    traces_fingerprint="t" * 64,
    thoughts={"execution": 5, "reflection": 4, "transition": 3},
    agreement=0.5,
)


def test_a_vector_is_read_as_it_was_written(tmp_path: Path) -> None:
    values = np.array([1.5, -2.0], dtype=np.float32)
    write_vector(SteeringVector(values, ORIGIN), tmp_path / "v.safetensors")
    found = read_vector(tmp_path / "v.safetensors")
    assert found.values.tolist() == [1.5, -2.0]
    assert found.origin == ORIGIN


def _saved(values: Any, origin: dict[str, Any] | str) -> bytes:  # noqa: ANN401 - any array
    place = Path("made.safetensors")
    held = origin if isinstance(origin, str) else json.dumps(origin)
    save_file({"steering_vector": values}, place, {"rm_eval_steering": held})
    return place.read_bytes()


GOOD = {**{name: getattr(ORIGIN, name) for name in Origin.__slots__}}
ONE = np.ones(2, dtype=np.float32)


@pytest.mark.parametrize(
    ("values", "origin", "message"),
    [
        (ONE, {**GOOD, "schema": 2}, "schema: found 2, expected 1; make it anew"),
        (ONE, {**GOOD, "layer": "20"}, "metadata: layer: found '20'"),
        (ONE, {}, "metadata: model: found None, expected a value"),
        (ONE, "{", "metadata: line: found '{', expected a JSON object"),
        (np.full(2, np.nan, dtype=np.float32), GOOD, "expected one row of finite numbers"),
        (np.ones((2, 2), dtype=np.float32), GOOD, "expected one row of finite numbers"),
        (np.ones(2, dtype=np.int64), GOOD, "found int64 of .2,., expected one row"),
    ],
)
def test_a_file_that_is_not_quite_a_vector_is_refused(
    values: Any,  # noqa: ANN401 - as above
    origin: dict[str, Any] | str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.safetensors").write_bytes(_saved(values, origin))
    with pytest.raises((EvalError, RecordError), match=message) as caught:
        read_vector(tmp_path / "v.safetensors")
    assert str(tmp_path / "v.safetensors") in str(caught.value)


def test_other_files_are_told_from_vectors(tmp_path: Path) -> None:
    save_file({"weight": ONE}, tmp_path / "model.safetensors")
    (tmp_path / "text").write_text("no tensors")
    with pytest.raises(EvalError, match="no steering vector; make one with rm-eval steer make"):
        read_vector(tmp_path / "model.safetensors")
    with pytest.raises(EvalError, match="text: no safetensors file, or a damaged one"):
        read_vector(tmp_path / "text")
    with pytest.raises(FileNotFoundError):
        read_vector(tmp_path / "nowhere")
