from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, Question, RecordError, route_text
from rm_rewards.jsonl import read_network
from rm_rewards.methods.svqa_r1 import Credit, mapped, pair_rewards, swapped_agree, views_agree

DEMO = read_network(Path(__file__).parent / "data/demo.json")
FLIP = {"L": "R", "R": "L"}


def test_a_pair_agrees_if_the_transformed_answer_is_the_mapped_one() -> None:
    found = pair_rewards("LLRL", "RRRL", "L", FLIP)
    assert found.right == (True, True, False, True)
    assert found.right_transformed == (True, True, True, False)
    assert found.agree == (True, True, False, False)
    assert found.consistency == 0.5
    assert found.rewards == (1.25, 1.25, 0.0, 1.25)
    assert found.rewards_transformed == (1.25, 1.25, 1.25, 0.0)


def test_a_pairs_own_agreement_tells_right_replies_apart() -> None:
    found = pair_rewards("LLRL", "RRRL", "L", FLIP, credit="pair")
    assert found.rewards == (1.5, 1.5, 0.0, 1.0)
    assert found.rewards_transformed == (1.5, 1.5, 1.0, 0.0)


def test_being_consistently_wrong_earns_nothing() -> None:
    found = pair_rewards("RRR", "LLL", "L", FLIP)
    assert found.consistency == 1.0
    assert found.rewards == found.rewards_transformed == (0.0, 0.0, 0.0)


def test_answers_that_the_transformation_leaves_alone_stay() -> None:
    assert (mapped("L", FLIP), mapped("above", FLIP)) == ("R", "above")


ANSWERS = st.none() | st.sampled_from(["L", "R", "above", ""]) | st.text(max_size=3)


@given(
    st.lists(st.tuples(ANSWERS, ANSWERS, st.floats(0, 1), st.floats(0, 1)), max_size=8),
    st.sampled_from(["L", "R", "above"]),
    st.sampled_from(["group", "pair"]),
)
def test_rewards_are_bounded_and_a_right_answer_is_worth_more_than_a_form(
    rows: list[tuple[str | None, str | None, float, float]], gold: str, credit: Credit
) -> None:
    forms = [row[2] for row in rows], [row[3] for row in rows]
    found = pair_rewards(
        [row[0] for row in rows], [row[1] for row in rows], gold, FLIP, formats=forms, credit=credit
    )
    for right, form, reward in zip(found.right, forms[0], found.rewards, strict=True):
        assert 0.0 <= reward <= 2.5
        assert reward >= form + 1.0 if right else reward == form


TRIP = Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Hotel")
THERE = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
BACK = tuple(
    replace(leg, departure_stop=leg.arrival_stop, arrival_stop=leg.departure_stop)
    for leg in reversed(THERE)
)


def test_the_way_back_is_the_way_there_reversed() -> None:
    there, back = route_text(THERE), route_text(BACK)
    assert swapped_agree(TRIP, there, back, network=DEMO)
    assert swapped_agree(TRIP, there, back.replace("Charlie", "CENTRAL"), network=DEMO)
    assert not swapped_agree(TRIP, there, there, network=DEMO)
    assert not swapped_agree(TRIP, there, "", network=DEMO)
    assert not swapped_agree(TRIP, "", "", network=DEMO)


NEW = {"Red Line": "Blue Line", "Blue Line": "Red Line"}
RENAMED = replace(
    DEMO,
    lines=tuple(replace(line, name=NEW.get(line.name, line.name)) for line in DEMO.lines),
)


def test_on_a_map_whose_lines_change_names_the_way_has_the_new_names() -> None:
    there = route_text(THERE)
    renamed = route_text(tuple(replace(leg, route_name=NEW[leg.route_name]) for leg in THERE))

    def agree(second: str) -> bool:
        return views_agree(TRIP, there, TRIP, second, network=DEMO, twin_network=RENAMED, lines=NEW)

    assert agree(renamed)
    assert not agree(there)
    assert not agree("")
    assert views_agree(TRIP, there, TRIP, there, network=DEMO, twin_network=DEMO)


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert swapped_agree(TRIP, one, other, network=DEMO) in (True, False)


def test_views_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RecordError, match="transformed: found 1, expected 2"):
        pair_rewards("LL", "R", "L", FLIP)
    with pytest.raises(RecordError, match="lam: found -1"):
        pair_rewards("L", "R", "L", FLIP, lam=-1)
    with pytest.raises(RecordError, match="credit: found 'both', expected group or pair"):
        pair_rewards("L", "R", "L", FLIP, credit="both")  # pyright: ignore[reportArgumentType]
    with pytest.raises(RecordError, match=r"formats\[1\]: found 0, expected 1"):
        pair_rewards("L", "R", "L", FLIP, formats=([1.0], []))
