import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import Leg, route_text
from rm_rewards.route import read_route

ONE = (Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Echo"),)
TWO = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
GOOD = route_text(TWO)
LABELLED = "Route Name: Red Line\nDeparture Stop: Alpha\nArrival Stop: Echo"

WELL_FORMED = [
    GOOD,
    f"\n{GOOD}\n",
    f"{GOOD}\n--\n",
    f"<think>Red, then Blue.</think>\n{GOOD}",
    f"I change once at Charlie.\n\n{GOOD}",
    f"<answer>\n{GOOD}\n</answer>",
    GOOD.replace("\n--\n", "\n\n-----\n\n"),
    GOOD.replace(": ", ":"),
    GOOD.replace("\n--\n", "\nNumber of Via Stops: 1\n--\n"),
    GOOD.replace("Arrival Stop: Hotel", "Via Stops: Golf\nArrival Stop: Hotel"),
]

POOR_FORM = [
    (GOOD.replace("Route Name:", "**Route Name:**"), "form:labels"),
    (GOOD.lower(), "form:labels"),
    (GOOD.replace("Departure Stop:", "- Departure Stop:"), "form:other_text"),
    (GOOD.replace("\n", "; "), "form:separator"),
    (GOOD.replace("\n--\n", "\n"), "form:separator"),
    (GOOD.replace("\n--\n", "\nChange here.\n"), "form:other_text"),
    (f"{GOOD}\nHave a good trip!", "form:other_text"),
    (f"\\boxed{{{GOOD}}}", "form:labels"),
    (GOOD.replace("Route Name: ", "Route name： "), "form:labels"),
]


@pytest.mark.parametrize("text", WELL_FORMED)
def test_the_form_that_is_asked_for_is_known(text: str) -> None:
    reading = read_route(text)
    assert reading.well_formed, reading.reasons
    assert [leg.route_name for leg in reading.legs] == ["Red Line", "Blue Line"]
    assert reading.legs[-1].arrival_stop == "Hotel"


@pytest.mark.parametrize(("text", "fault"), POOR_FORM)
def test_a_route_in_poor_form_is_read_all_the_same(text: str, fault: str) -> None:
    reading = read_route(text)
    assert not reading.well_formed
    assert fault in reading.reasons
    plain = [
        tuple(s.lower() for s in (leg.route_name, leg.departure_stop, leg.arrival_stop))
        for leg in reading.legs
    ]
    assert plain == [("red line", "alpha", "charlie"), ("blue line", "charlie", "hotel")]


@pytest.mark.parametrize(
    "text",
    [
        "Red Line: Alpha -> Echo",
        "1. Red Line: Alpha → Echo",
        "- **Red Line**: Alpha -> Echo.",
        '{"route_name": "Red Line", "departure_stop": "Alpha", "arrival_stop": "Echo"}',
        "Route Name: \\text{Red Line}\nDeparture Stop: \\text{Alpha}\nArrival Stop: \\text{Echo}",
        "Route Name:\nRed Line\nDeparture Stop:\nAlpha\nArrival Stop:\nEcho",
        "The arrival stop: it is far. \nRoute Name: Red Line\nDeparture Station: Alpha\n"
        "Arrival Station: Echo",
    ],
)
def test_other_layouts_are_read(text: str) -> None:
    assert read_route(text).legs == ONE


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Route Name: Red Line\nDeparture Stop: Alpha", "form:missing_field"),
        ("Route Name: Red Line\nDeparture Stop:\nArrival Stop: Echo", "form:missing_field"),
        ("Route Name: Red Line\nArrival Stop: Echo\nDeparture Stop: Alpha", "form:missing_field"),
        ("Route Name: Red Line\nDeparture Stop: Alpha\nVia Stops: Bravo\n--", "form:missing_field"),
    ],
)
def test_a_leg_that_lacks_a_field_is_in_poor_form(text: str, fault: str) -> None:
    assert read_route(text).reasons == (fault,)


def test_via_stops_are_kept() -> None:
    leg = read_route(LABELLED + "\nVia Stops: Bravo, Charlie").legs[0]
    assert leg.via_stops == ("Bravo", "Charlie")
    assert read_route(LABELLED + "\nNumber of Via Stops: 3").legs[0].num_via_stops == 3


@pytest.mark.parametrize(
    "text", ["", "Take the Red Line from Alpha to Echo.", "-- -- --", "<think>"]
)
def test_a_reply_without_a_route_has_no_legs(text: str) -> None:
    reading = read_route(text)
    assert reading.legs == ()
    assert "no_route" in reading.reasons


def test_the_answer_counts_and_not_the_draft_before_it() -> None:
    draft = LABELLED.replace("Echo", "Bravo")
    assert read_route(f"<think>{draft}</think>{LABELLED}").legs == ONE
    assert read_route(f"{draft}<answer>{LABELLED}</answer>").legs == ONE


NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12)


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=6))
def test_a_route_that_is_written_down_is_read_back(fields: list[tuple[str, str, str]]) -> None:
    legs = tuple(
        Leg(route_name=line, departure_stop=start, arrival_stop=end) for line, start, end in fields
    )
    reading = read_route(route_text(legs))
    assert reading.legs == legs
    assert reading.well_formed


LABELS = ["Route Name: ", "departure stop:", "Arrival Stop：", "--", "\n", "->", "**", "<answer>"]


@given(st.lists(st.one_of(st.sampled_from(LABELS), st.text(max_size=6))).map("".join))
def test_reading_a_route_never_raises(text: str) -> None:
    reading = read_route(text)
    assert reading.legs or not reading.well_formed


def test_a_very_long_reply_is_read_in_good_time() -> None:
    assert len(read_route((GOOD + "\n--\n") * 5_000).legs) == 64
    for noise in (" ", "Route Name", "- ", "a: b -> ", "((", "\\text{", "<answer>", "1. "):
        read_route(noise * 20_000)


OTHER = LABELLED.replace("Echo", "Bravo")


@pytest.mark.parametrize(
    ("text", "agrees"),
    [
        (f"<answer>{LABELLED}</answer>", True),
        (f"{LABELLED}\n<answer>{LABELLED}</answer>", True),
        (f"<think>{OTHER}</think><answer>{LABELLED}</answer>", True),
        (f"{OTHER}\n<answer>{LABELLED}</answer>", False),
        (f"<answer>{LABELLED}</answer>\n{OTHER}", False),
        (f"<answer>{OTHER}</answer><answer>{LABELLED}</answer>", False),
        (f"<answer>{LABELLED}</answer> \\boxed{{{OTHER}}}", False),
    ],
)
def test_another_route_beside_the_answer_costs_the_form(text: str, agrees: bool) -> None:
    reading = read_route(text)
    assert reading.legs == ONE
    assert (reading.well_formed, reading.reasons) == (
        agrees,
        () if agrees else ("answers_disagree",),
    )


@pytest.mark.parametrize("name", ["...", "…", "?", "_", "--"])
def test_signs_alone_are_no_name(name: str) -> None:
    text = f"Route Name: {name}\nDeparture Stop: {name}\nArrival Stop: {name}"
    reading = read_route(text)
    assert (reading.legs, reading.well_formed) == ((), False)
