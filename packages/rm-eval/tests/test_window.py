from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from rm_eval import EvalError
from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.window import Room, in_batches, streamed

SMALL = Image.new("RGB", (10, 10))
HUGE = Image.new("1", (20_000, 15_000))  # 300 million pixels in 38 MB


def prompts(count: int) -> list[Prompt]:
    return [Prompt(f"q{n}", SMALL, f"text {n}", "one") for n in range(count)]


@dataclass
class Shuffled:
    """Answers what is under way in an order of its own; the text of a reply is the prompt's."""

    seed: int
    refuse: frozenset[int] = frozenset()
    fail: frozenset[int] = frozenset()
    dies_after: int | None = None
    under_way: dict[int, Prompt] = field(default_factory=dict[int, Prompt])
    most: int = 0
    answered: int = 0

    def begin(self, place: int, prompt: Prompt) -> None:
        if place in self.refuse:
            raise EvalError(f"refused {place}")
        self.under_way[place] = prompt
        self.most = max(self.most, len(self.under_way))

    def finished(self) -> Sequence[tuple[int, Reply | EvalError]]:
        if self.dies_after is not None and self.answered >= self.dies_after:
            raise EvalError("died")
        chance = random.Random(self.seed + self.answered)
        count = chance.randint(1, len(self.under_way))
        places = chance.sample(sorted(self.under_way), count)
        self.answered += count
        return [(place, self._end(place)) for place in places]

    def abandon(self) -> None:
        self.under_way.clear()

    def _end(self, place: int) -> Reply | EvalError:
        prompt = self.under_way.pop(place)
        return EvalError(f"failed {place}") if place in self.fail else Reply(prompt.text, 1, "stop")


def told(stream: Iterator[list[Reply]]) -> tuple[list[str], str]:
    """The texts in the order given, and what was raised."""
    texts: list[str] = []
    try:
        for replies in stream:
            assert replies
            texts += [reply.text for reply in replies]
    except EvalError as error:
        return texts, str(error)
    return texts, ""


def texts_to(count: int) -> list[str]:
    return [f"text {n}" for n in range(count)]


@given(st.integers(0, 200), st.integers(1, 90), st.integers())
def test_replies_come_in_the_order_of_the_prompts_from_a_full_window(
    count: int, at_once: int, seed: int
) -> None:
    backend = Shuffled(seed)
    assert told(streamed(backend, prompts(count), at_once)) == (texts_to(count), "")
    assert backend.most == min(count, at_once)


@given(
    st.integers(1, 80),
    st.integers(1, 20),
    st.integers(),
    st.sets(st.integers(0, 79), min_size=1),
    st.booleans(),
)
def test_all_replies_before_the_first_failure_are_given(
    count: int, at_once: int, seed: int, bad: set[int], refused: bool
) -> None:
    places = frozenset(bad)
    backend = Shuffled(seed, refuse=places) if refused else Shuffled(seed, fail=places)
    first = min(bad)
    said = "" if first >= count else f"{'refused' if refused else 'failed'} {first}"
    assert told(streamed(backend, prompts(count), at_once)) == (texts_to(min(first, count)), said)
    assert not backend.under_way


@given(st.integers(1, 80), st.integers(1, 20), st.integers(), st.integers(0, 60))
def test_what_was_answered_before_the_backend_died_is_given(
    count: int, at_once: int, seed: int, dies_after: int
) -> None:
    backend = Shuffled(seed, dies_after=dies_after)
    texts, said = told(streamed(backend, prompts(count), at_once))
    assert texts == texts_to(len(texts))
    assert said == ("died" if len(texts) < count else "")


def test_a_picture_that_cannot_be_opened_fails_in_its_turn() -> None:
    def broken() -> Iterator[Prompt]:
        yield from prompts(5)
        raise EvalError("broken picture")

    assert told(streamed(Shuffled(0), broken(), 3)) == (texts_to(5), "broken picture")


def test_what_is_not_read_to_the_end_is_given_up() -> None:
    backend = Shuffled(0)
    stream = streamed(backend, prompts(50), 10)
    assert len(next(stream)) == 10
    assert backend.under_way
    stream.close()
    assert not backend.under_way


def huge(count: int, pictures: int) -> list[Prompt]:
    return [Prompt(f"q{n}", HUGE, f"text {n}", f"p{n % pictures}") for n in range(count)]


@pytest.mark.parametrize(
    ("asked", "at_once", "sizes"),
    [
        (prompts(7), 3, [3, 3, 1]),
        (prompts(3), 3, [3]),
        ([], 3, []),
        (huge(4, 1), 3, [3, 1]),  # one picture is in memory once
        (huge(3, 3), 3, [1, 1, 1]),  # two would be 600 million pixels
        ([*prompts(2), *huge(1, 1), *prompts(1)], 8, [4]),
        ([Prompt("q", None, "text", str(n)) for n in range(5)], 4, [4, 1]),
    ],
)
def test_batches_hold_so_many_prompts_and_pixels(
    asked: list[Prompt], at_once: int, sizes: list[int]
) -> None:
    seen: list[int] = []

    def answer(batch: Sequence[Prompt]) -> list[Reply]:
        seen.append(len(batch))
        return [Reply(prompt.text, 1, "stop") for prompt in batch]

    made = [one.text for replies in in_batches(answer, asked, at_once) for one in replies]
    assert (seen, made) == (sizes, [prompt.text for prompt in asked])


def test_a_window_holds_no_more_pixels_either() -> None:
    backend = Shuffled(0)
    texts, said = told(streamed(backend, huge(6, 6), 4))
    assert (len(texts), said, backend.most) == (6, "", 1)


def test_room_is_given_back_with_the_last_prompt_of_a_picture() -> None:
    room, first, second = Room(9), *huge(2, 2)
    for _ in range(2):
        room.enter(first)
    room.leave("p0")
    assert not room.fits(second)
    room.leave("p0")
    assert room.fits(second)
