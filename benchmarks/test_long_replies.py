"""Replies of 100 kB under each reward and each method that reads a text: the worst of many noises.

Each noise fills a reply; around it stands nothing, a box, tags, or reasoning before an answer. For
each reader the reply that takes it longest is looked for, and measured beside a tenth of it, in
processor time: of five times the shortest. The bars: less than 5 ms, and at most 12 times a tenth.
Nothing is remembered from one reply to the next.
"""

from collections.abc import Callable, Mapping
from functools import partial
from time import thread_time
from typing import Any, Final, TypeAlias, cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from rm_rewards import Leg, Question, from_published, route_text
from rm_rewards.directory import Directory, directory_of
from rm_rewards.marker import Marker
from rm_rewards.methods import (
    copo,
    grounded_prm,
    observe_r1,
    seed_bench_r1,
    spacer,
    star_r1_route,
    svqa_r1,
    vlm_r1,
    vlm_r1_length,
)
from rm_rewards.names import line_key, station_key
from rm_rewards.published_parse import clean
from rm_rewards.specs import SPECS
from rm_rewards.stops import listed_stops
from rm_rewards.truth import truth_of

Read: TypeAlias = Callable[[str], object]
LONG, SHORT = 100_000, 10_000
CITY = from_published({"Red Line": ["Ash", "Birch", "Cedar"], "Line 1": ["Cedar", "Dale"]}, city="")
TRIP = (
    Leg(route_name="Red Line", departure_stop="Ash", arrival_stop="Cedar"),
    Leg(route_name="Line 1", departure_stop="Cedar", arrival_stop="Dale"),
)
GOLD = route_text(TRIP)
ASKED: Final[Mapping[str, Question]] = {
    question.type: question
    for question in (
        Question(
            id="p", type="planning", question="?", station_1="Ash", station_2="Dale", routes=(TRIP,)
        ),
        Question(id="t", type="TorF1", question="Does it stop here, yes or no?", answer=1),
        Question(
            id="c",
            type="Counting1",
            question="How many stops are in between?",
            answer=1,
            options=("3", "4", "5", "6"),
            fine_grained_answer=("Birch", "Cedar"),
        ),
        Question(id="n", type="Counting2", question="How many lines are there?", answer=8),
    )
}
PLAN, TRUTH = ASKED["planning"], truth_of(ASKED["planning"], CITY)


def _each(write: Callable[[int], str]) -> str:
    """100 kB in which no piece is the same."""
    return "".join(write(i) for i in range(4_000)).encode()[:LONG].decode("utf-8", "ignore")


NOISES = (
    *(" ", "\n", "a", "e ", "8 ", "8,888,", "８", "是", "站", "Station ", "İ", "&", "`", "\x00"),
    *("-", "--\n", "{", "}", "(", "\\", "\\text{", "\\boxed{", "\\boxed{8}", "\\boxed{{{8}}}"),
    *("<", "<answer>", "</answer>", "<think>", "</think>", "<answer>8</answer>", "answer is yes. "),
    *("Route Name: ", "route_", "a: b -> ", "Line 1: A -> B\n", "Via Stops: a,", f"{GOLD}\n--\n"),
    *("Departure Stop: a Arrival Stop: b Route Name: c ", "[1,", "[[1,2],", '{"a":', "[ 1 , 1 , "),
    _each(
        lambda i: f"route name: {'线' * 60}{i}\nDeparture Stop: {'站' * 60}{i}\nArrival Stop: é\n"
    ),
    _each(lambda i: f"\\boxed{{{i}{'站' * 600}}}"),
    _each(lambda i: f"\\boxed{{{i}{'8 or A ' * 200}}}"),
    _each(lambda i: f"Via Stops: {i}{'站' * 20}, b\n"),
    _each(lambda i: f"<answer>{GOLD}</answer>\\boxed{{{i}}} the answer is {i} stations.\n"),
)
FRAMES = (
    ("", ""),
    ("\\boxed{", "}"),
    ("<answer>", "</answer>"),
    ("<think>", f"</think>{GOLD}"),
    ("The answer is ", "."),
    ('<map>{"a":[', "[1,1]]}</map>"),
)


def _scored(kind: str, name: str, text: str) -> object:
    return Marker(ASKED[kind], CITY, name).reward(text, 0)


READERS: Final[Mapping[str, Read]] = {
    **{f"{name}, {kind}": partial(_scored, kind, name) for name in SPECS for kind in ASKED},
    "listed stops": listed_stops,
    "Observe-R1 format": observe_r1.format_reward,
    "Observe-R1 format, published": observe_r1.published_format,
    "SEED-Bench-R1 format": seed_bench_r1.format_reward,
    "SEED-Bench-R1 accuracy": lambda text: seed_bench_r1.accuracy(text, "A"),
    **{
        f"SEED-Bench-R1 consistency, {kind}": partial(seed_bench_r1.thought_and_answer, question)
        for kind, question in ASKED.items()
    },
    "SpaceR map": spacer.drawn_map,
    "STAR-R1 route": partial(star_r1_route.star, TRUTH),
    "SVQA-R1 pair": lambda text: svqa_r1.swapped_agree(PLAN, text, GOLD, network=CITY),
    "GroundedPRM verdicts": partial(grounded_prm.verdicts, TRUTH),
    "VLM-R1 boxes": vlm_r1.found_boxes,
    "VLM-R1 IoU": lambda text: vlm_r1.rec_reward(text, (0, 0, 1, 1), model=(9, 9), image=(9, 9)),
    "VLM-R1 repetition": vlm_r1_length.repetition,
    "COPO canonical": copo.canonical,
}


def _forget() -> None:
    for kept in (station_key, line_key, clean):
        kept.cache_clear()
    directory_of.__globals__["_kept"].clear()


def _filled(noise: str, frame: tuple[str, str], size: int) -> str:
    filled = (noise * (size // len(noise.encode()) + 1)).encode()[:size].decode("utf-8", "ignore")
    return frame[0] + filled + frame[1]


def _ms(read: Read, text: str) -> float:
    _forget()
    start = thread_time()
    read(text)
    return (thread_time() - start) * 1000


@pytest.mark.parametrize("name", READERS)
def test_a_reply_of_100_kilobytes(
    benchmark: BenchmarkFixture, tell: Callable[[str], None], name: str
) -> None:
    read = READERS[name]
    _, noise, frame = max(
        (_ms(read, _filled(noise, frame, LONG)), noise, frame)
        for noise in NOISES
        for frame in FRAMES
    )
    long, short = (_filled(noise, frame, size) for size in (LONG, SHORT))
    cast("Any", benchmark).pedantic(read, args=(long,), setup=_forget, rounds=5)
    slow, fast = (min(_ms(read, text) for _ in range(5)) for text in (long, short))
    tell(f"{name:40} {slow:6.2f} ms {slow / fast:6.1f} x a tenth   {frame[0]}{noise[:16]!r} ...")


def test_nothing_is_remembered() -> None:
    before: Directory = directory_of(CITY)
    _forget()
    assert directory_of(CITY) is not before
