import re
from dataclasses import replace
from pathlib import Path

import pytest

from rm_rewards import (
    Completion,
    Leg,
    Question,
    RecordError,
    Reward,
    Route,
    difficulty_weight,
    gold_answer,
    reward_spec,
    route_text,
    score,
    score_completion,
    score_group,
)
from rm_rewards.jsonl import dump, parse, read_network

DEMO = read_network(Path(__file__).parent / "data/demo.json")
NAMES = [s.name for s in DEMO.stations]
SPECS = ["rewardmap", "sparse"]


def _plan(start: str, end: str, routes: tuple[Route, ...] | None = None) -> Question:
    return Question(
        id="q", type="planning", question="?", station_1=start, station_2=end, routes=routes
    )


def _legs(text: str) -> Route:
    """The legs of `Red: Alpha > Charlie | Blue: Charlie > Hotel`."""
    rides = (re.split(": ?| > ", ride) for ride in text.split(" | "))
    return tuple(Leg(route_name=a, departure_stop=b, arrival_stop=c) for a, b, c in rides)


TRIP = _plan("Alpha Station", "Hotel Station")
GOLD = _legs("Red Line: Alpha > Charlie | Blue Line: Charlie > Hotel")


def _score(legs: Route, reward: str = "rewardmap") -> Reward:
    return score(TRIP, route_text(legs), network=DEMO, reward=reward)


def test_the_points_of_the_default_reward() -> None:
    perfect = _score(GOLD)
    assert (perfect.format, perfect.correctness, perfect.detail, perfect.total) == (1, 1, 1, 2.5)
    poor = score(TRIP, route_text(GOLD).lower(), network=DEMO)
    assert (poor.format, poor.correctness, poor.detail, poor.total) == (0, 1, 1, 1.5)
    part = _score(_legs("Red Line: Alpha > Bravo | Blue Line: Bravo > Hotel"))
    assert (part.format, part.correctness) == (1, 0)
    assert part.detail == pytest.approx(6 / 11)
    assert part.total == pytest.approx(1 + 3 / 11)
    assert score(TRIP, "", network=DEMO).total == 0.0


ATTACKS = {
    "one real line name": route_text(_legs("Red Line: Alpha > Hotel")),
    "invented stops": route_text(_legs("Red Line: Alpha > Zulu | Blue Line: Zulu > Hotel")),
    "real lines without their stops": route_text(
        _legs("Red Line: Alpha > Juliet | Blue Line: Juliet > Hotel")
    ),
    "too short": route_text(GOLD[:1]),
    "ends only": route_text(_legs("Line 3: Alpha > Hotel")),
    "to and fro": route_text(
        (*_legs("Red Line: Alpha > Charlie | Red Line: Charlie > Alpha"), *GOLD)
    ),
    "rides nowhere": route_text((*GOLD, *_legs("Blue Line: Hotel > Hotel"))),
    "every line": route_text(
        _legs(" | ".join(f"{line.name}: Alpha > Hotel" for line in DEMO.lines))
    ),
    "the same leg ten times": route_text(GOLD[:1] * 10 + GOLD[1:]),
    "two routes": route_text(GOLD + GOLD),
    "the reverse": route_text(_legs("Blue Line: Hotel > Charlie | Red Line: Charlie > Alpha")),
    "the question repeated": "from Alpha Station to Hotel Station",
    "a constant transfer": route_text(
        _legs("Violet Line: Alpha > Yankee | Red Line: Yankee > Hotel")
    ),
    "labels without values": "Route Name: \nDeparture Stop: \nArrival Stop: \n",
    "boxes": r"\boxed{Red Line} \boxed{Blue Line}",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
@pytest.mark.parametrize("reward", SPECS)
def test_an_attack_earns_less_than_a_right_route_in_poor_form(text: str, reward: str) -> None:
    attack = score(TRIP, text, network=DEMO, reward=reward)
    right = score(TRIP, route_text(GOLD).lower(), network=DEMO, reward=reward)
    assert not attack.correct
    assert attack.total <= right.total
    assert attack.detail <= 0.9


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (ATTACKS["one real line name"], 2 / 11),
        (ATTACKS["invented stops"], 3 / 11),
        (ATTACKS["real lines without their stops"], 3 / 11),
        (ATTACKS["ends only"], 2 / 11),
        (ATTACKS["every line"], 0.0),
        (ATTACKS["a constant transfer"], 3 / 11),
        (ATTACKS["the same leg ten times"], 0.0),
    ],
)
def test_what_needs_no_map_earns_little(text: str, detail: float) -> None:
    assert score(TRIP, text, network=DEMO).detail == pytest.approx(detail)


@pytest.mark.parametrize(
    "text",
    [
        route_text(GOLD).upper().replace("ROUTE NAME", "Route Name"),
        f"{route_text(GOLD)}\nHave a good trip!",
        f"{route_text(GOLD)}</answer>",
        route_text(GOLD).replace("Hotel", "Hotel (terminus)"),
        route_text(GOLD).replace("\n", " "),
    ],
)
def test_poor_form_loses_the_form_and_nothing_else(text: str) -> None:
    reward = score(TRIP, text, network=DEMO)
    assert reward.correct
    assert reward.total in (1.5, 2.5)


def test_a_group_is_scored_in_order() -> None:
    texts = [route_text(GOLD), "", route_text(GOLD[:1])]
    rewards = score_group(TRIP, texts, network=DEMO)
    assert [reward.sample for reward in rewards] == [0, 1, 2]
    alone = [score(TRIP, text, network=DEMO) for text in texts]
    assert [replace(reward, sample=0) for reward in rewards] == alone


def test_a_reply_cut_off_by_the_length_limit_is_truncated() -> None:
    cut = Completion(question_id="q", text="I see the map", sample=3, finish_reason="length")
    reward = score_completion(TRIP, cut, network=DEMO)
    assert (reward.status, reward.sample) == ("truncated", 3)
    done = replace(cut, finish_reason="stop")
    assert score_completion(TRIP, done, network=DEMO).status == "unparsed"
    whole = replace(cut, text=route_text(GOLD))
    assert score_completion(TRIP, whole, network=DEMO).status == "ok"


@pytest.mark.parametrize(
    ("kind", "city", "transfers", "weight"),
    [
        ("TorF1", "easy", 0, 1.0),
        ("Counting2", "middle", 0, 1.2),
        ("Counting1", "hard", 2, 1.5),
        ("planning", "easy", 0, 1.0),
        ("planning", "middle", 1, 1.7),
        ("planning", "hard", 3, 2.0),
    ],
)
def test_the_difficulty_weight_is_a_number_of_its_own(
    kind: str, city: str, transfers: int, weight: float
) -> None:
    answer = None if kind == "planning" else 1
    question = replace(
        TRIP,
        type=kind,
        answer=answer,
        difficulty_city=city,
        question_transfer_count=transfers,  # pyright: ignore[reportArgumentType]
    )
    assert difficulty_weight(question) == weight
    reward = score(question, gold_answer(replace(question, routes=(GOLD,))), network=DEMO)
    assert reward.weight == weight
    assert reward.total in (2.0, 2.5)


def test_half_a_character_in_a_reply_can_be_written_down() -> None:
    text = "Route Name: \ud83d\nDeparture Stop: Alpha\nArrival Stop: Hotel"
    for reward in ("rewardmap", "reference"):
        found = score(TRIP, text, network=DEMO, reward=reward)
        assert parse(Reward, dump(found)) == found


def test_a_question_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(RecordError, match="type: found 'Riddle'"):
        score(Question(id="q", type="Riddle", question="?"), "42")


def test_a_variant_of_a_reward_can_be_given() -> None:
    lenient = replace(reward_spec("rewardmap"), name="lenient", accept="any")
    longer = _legs("Red Line: Alpha > Bravo | Red Line: Bravo > Charlie")
    reward = score(TRIP, route_text((*longer, *GOLD[1:])), network=DEMO, reward=lenient)
    assert reward.correct
    assert reward.reward_version.startswith("lenient-1.2.0+")


EXAMPLE = "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station"
PROMPT = f"How do I get there? Strictly follow:\n{EXAMPLE}\n--\n{EXAMPLE}"


@pytest.mark.parametrize(
    "echo",
    [
        PROMPT,
        f"{PROMPT}\n{PROMPT}",
        EXAMPLE,
        EXAMPLE.lower(),
        f"I will follow this.\n{EXAMPLE}\n--\n{EXAMPLE}\n--",
        f"<think>Hm.</think>{PROMPT}",
        f"<answer>{PROMPT}</answer>",
        f"\\boxed{{{PROMPT}}}",
    ],
)
@pytest.mark.parametrize("asked", ["?", PROMPT])
def test_the_example_of_the_question_is_no_answer(asked: str, echo: str) -> None:
    found = score(replace(TRIP, question=asked), echo, network=DEMO)
    assert (found.total, found.parsed, found.status) == (0.0, None, "unparsed")
    assert {"prompt_echo", "no_route"} <= set(found.reasons)


def test_the_example_beside_the_right_route_costs_the_form_alone() -> None:
    asked = replace(TRIP, question=PROMPT)
    for text in (f"{PROMPT}\n{route_text(GOLD)}", f"{route_text(GOLD)}\n--\n{EXAMPLE}"):
        found = score(asked, text, network=DEMO)
        assert (found.correct, found.format, found.detail) == (True, 0.0, 1.0)
        assert "prompt_echo" in found.reasons


def test_an_example_of_names_on_the_map_is_an_answer() -> None:
    shown = "Route Name: Red Line\nDeparture Stop: Alpha\nArrival Stop: Bravo"
    found = score(replace(TRIP, question=f"Such as\n{shown}"), shown, network=DEMO)
    assert (found.format, found.parsed) == (1.0, "Red Line: Alpha -> Bravo")
