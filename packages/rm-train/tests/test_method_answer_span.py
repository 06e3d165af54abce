from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import Qwen2Tokenizer

from rm_rewards import Leg, Question, route_text, score
from rm_train.methods.answer_span import answer_span, answer_tokens

ROUTE = "Route Name: Line 1\nDeparture Stop: Alpha\nArrival Stop: Bravo"
COUNT = Question(id="q", type="Counting2", question="How many?", answer=8)


@pytest.mark.parametrize(
    ("reply", "kind", "answer"),
    [
        (r"I see 3 and 5: \boxed{8}", "Counting2", "8"),
        (r"\boxed{7}? No, \boxed{ 8 }.", "Counting2", "8"),
        (r"\boxed{\text{Yes}}", "TorF1", r"\text{Yes}"),
        (r"<think>\boxed{3}</think> \boxed{8}", "Counting2", "8"),
        (r"<think>only \boxed{8} here</think>  ", "Counting2", "8"),
        ("<think>3</think><answer> 8 </answer>", "Counting2", "8"),
        (r"<answer>\boxed{8} stops</answer>", "Counting2", "8"),
        (r"<answer>1</answer> or <answer>2</answer>", "Counting2", "2"),
        ("<answer>8", "Counting2", "8"),
        (r"\boxed{8", "Counting2", "8"),
        ("It is 8.", "Counting2", None),
        (r"\boxed{}", "Counting2", None),
        (r"\boxed{  } <answer></answer>", "Counting2", None),
        ("", "Counting2", None),
        (ROUTE, "planning", ROUTE),
        (f"<think>Line 9?</think>\nSo:\n{ROUTE}\n", "planning", ROUTE),
        (f"<answer>\nHere: {ROUTE}\n</answer> Good bye.", "planning", ROUTE),
        (
            f"{ROUTE}\n<answer>see above</answer>",
            "planning",
            f"{ROUTE}\n<answer>see above</answer>",
        ),
        ("**route name**: Line 1", "planning", "route name**: Line 1"),
        ("I would walk.", "planning", None),
    ],
)
def test_the_answer_is_the_last_box_or_tag_or_the_route(
    reply: str, kind: str, answer: str | None
) -> None:
    span = answer_span(reply, kind)
    assert (reply[slice(*span)] if span else None) == answer


PIECES = [r"\boxed{", "}", "{", "8", "7", "<answer>", "</answer>", "<think>", "</think>", " ", "x"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_is_boxed_or_tagged_reads_as_the_whole_reply_does(reply: str) -> None:
    span = answer_span(reply, COUNT.type)
    if span is None or "<" in reply[slice(*span)]:  # a tag would be read as one again
        return
    said = score(COUNT, reply).parsed
    inside = reply[slice(*span)].replace("{", " ").replace("}", " ")
    alone = score(COUNT, rf"\boxed{{{inside}}}").parsed
    assert said in (alone, None)


def test_a_route_reads_as_the_whole_reply_does() -> None:
    legs = (
        Leg(route_name="Line 1", departure_stop="Alpha", arrival_stop="Bravo"),
        Leg(route_name="Line 2", departure_stop="Bravo", arrival_stop="Čelákovice 站"),
    )
    text = route_text(legs)
    reply = f"<think>Line 3 from Alpha</think>I would go so:\n\n{text}\n"
    span = answer_span(reply, "planning")
    assert span is not None
    assert reply[slice(*span)] == text.strip()


def _tokenizer(texts: Sequence[str], size: int) -> Qwen2Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = cast("Any", pre_tokenizers.ByteLevel(add_prefix_space=False))
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(texts, trainer)
    learned: dict[str, Any] = json.loads(made.to_str())["model"]
    return Qwen2Tokenizer(
        vocab=learned["vocab"],
        merges=cast("Any", [tuple(pair) for pair in learned["merges"]]),
        unk_token=cast("Any", None),
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )


@cache
def bytes_only() -> Qwen2Tokenizer:
    return _tokenizer([], 256)


def _decoder(tokenizer: Qwen2Tokenizer) -> Callable[[Sequence[int]], str]:
    def decode(ids: Sequence[int]) -> str:
        return cast("Any", tokenizer).batch_decode([list(ids)], skip_special_tokens=True)[0]

    return decode


def test_the_tokens_of_an_answer_are_those_that_write_it() -> None:
    tokenizer = _tokenizer([r"so \boxed{8}} and <answer>8</answer>, Alpha"] * 20, 300)
    decode = _decoder(tokenizer)
    reply = r"so \boxed{48} and more"
    ids = cast("Any", tokenizer)(reply + "<|im_end|>")["input_ids"]
    span = answer_span(reply, COUNT.type)
    assert span is not None
    found = answer_tokens(ids, span, decode)
    texts = [decode([i]) for i in ids]
    assert len(texts) < len(reply)
    assert "".join(texts[found.start : found.stop]).strip("{}") == "48"
    assert "4" in texts[found.start]
    assert "8" in texts[found.stop - 1]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("a8{}站é🚇 \\"), min_size=1, max_size=14), st.data())
def test_a_token_belongs_to_the_characters_that_it_writes(text: str, data: st.DataObject) -> None:
    ids = cast("Any", bytes_only())(text)["input_ids"]
    assert len(ids) == len(text.encode())  # one token a byte: what is expected can be counted
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    first, last = len(text[:start].encode()), len(text[:end].encode())
    assert answer_tokens(ids, (start, end), _decoder(bytes_only())) == range(first, last)
