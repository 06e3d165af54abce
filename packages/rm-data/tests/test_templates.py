from __future__ import annotations

import pytest

from rm_data import templates
from rm_rewards import RecordError

YES_NO = 'Please solve the problem and put your answer (only answer yes or no) in one "\\boxed{}". '
CHOICE = (
    "Please solve the multiple choice problem and put your answer (one of ABCD) in one "
    '"\\boxed{}". '
)
NUMBER = 'Please solve the problem and put your answer in one "\\boxed{}". '

PUBLISHED = {
    "TorF1": (
        templates.same_line("North Station", "South Station"),
        YES_NO + "According to the subway map, is it true that North Station is the same line as "
        "South Station?",
    ),
    "TorF2": (
        templates.on_line("North Station", "Line 5"),
        YES_NO
        + "According to the subway map, is it true that North Station is on the line Line 5?",
    ),
    "Counting1": (
        templates.stops_between("North Station", "South Station", ("8", "1", "25", "12")),
        CHOICE + "According to the subway map, how many intermediate stops are there between North "
        "Station and South Station (except for this two stops)? "
        "\nA) 8 \nB) 1 \nC) 25 \nD) 12 \n",
    ),
    "Counting2": (
        templates.lines_through("北站"),
        NUMBER + "According to the subway map, how many lines pass through 北站?",
    ),
    "Counting3": (
        templates.lines_in_total(),
        NUMBER + "According to the subway map, how many subway (metro) lines are there in total?",
    ),
    "planning": (
        templates.route("North Station", "South Station"),
        "According to the subway map, how do I get from North Station to South Station?\n"
        "Provide only one optimal route, with only the line name and the departure and arrival "
        "stations. The format should be strictly followed:\n"
        "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station\n"
        "--\n"
        "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station",
    ),
}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_the_text_is_the_published_one_byte_for_byte(kind: str) -> None:
    made, published = PUBLISHED[kind]
    assert made.encode() == published.encode()


@pytest.mark.parametrize("options", [("1", "2", "3"), ("1", "2", "3", "3"), ()])
def test_options_that_are_not_four_different_ones_are_refused(options: tuple[str, ...]) -> None:
    with pytest.raises(RecordError, match="four different options"):
        templates.stops_between("A", "B", options)


def test_questions_of_our_own_follow_the_published_patterns() -> None:
    assert templates.number("how many?") == f"{NUMBER}According to the subway map, how many?"
    assert templates.choice("which one?", ("x", "y", "z", "w")) == (
        f"{CHOICE}According to the subway map, which one? \nA) x \nB) y \nC) z \nD) w \n"
    )
    two = templates.choice("which one?", ("x", "y"))
    assert "(one of AB) in one" in two
    assert two.endswith("which one? \nA) x \nB) y \n")


@pytest.mark.parametrize("options", [("x",), ("x", "x"), tuple("abcde"), ()])
def test_own_options_are_two_to_four_different_ones(options: tuple[str, ...]) -> None:
    with pytest.raises(RecordError, match="two to four different options"):
        templates.choice("which one?", options)
