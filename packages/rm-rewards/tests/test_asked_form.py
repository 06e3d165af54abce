import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rm_rewards import Leg, route_text
from rm_rewards.asked_form import as_asked, what_counts
from rm_rewards.route import read_patiently, read_route
from rm_rewards.thought import LONGEST_READ

TWO = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
GOOD = route_text(TWO)

PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                "Route Name: ",
                "Departure Stop: ",
                "Arrival Stop: ",
                "\n--\n",
                "\n",
                "--",
                ":",
                "：",
            ),
            *("Route Name:", "route name", "Via Stops: X", "Number of Via Stops: 2", "<answer>"),
            *("</think>", "\\text{", "}", "**", "`", ".", " ", "\r", "\t", "\x0b", "\x85"),
            *("Alpha", "Line 1", GOOD, f"\n{GOOD}", "my name", "arrival stop:", "departure_stop"),
        ]
    ),
    st.text(max_size=3),
)
NOISE = st.lists(PIECES, max_size=8).map("".join)
FIELDS = st.tuples(NOISE, NOISE, NOISE)
LAID_OUT = st.lists(FIELDS, min_size=1, max_size=3).map(
    lambda legs: "\n--\n".join(
        f"Route Name: {a}\nDeparture Stop: {b}\nArrival Stop: {c}" for a, b, c in legs
    )
)
REPLIES = st.one_of(NOISE, LAID_OUT, st.tuples(NOISE, LAID_OUT, NOISE).map("".join))


@given(REPLIES)
@example("arrival stop:\nRoute Name: A\nDeparture Stop: B\nArrival Stop: C")
@example("so\nRoute Name: A\nDeparture Stop: B\nArrival Stop: C\n\n\n")
@example("Route Name: A\nDeparture Stop: via stops\nArrival Stop: C")
def test_what_is_read_at_once_is_what_the_patient_reader_reads(reply: str) -> None:
    legs = as_asked(reply)
    if legs is not None:
        patient = read_patiently(reply)
        assert (patient.legs, patient.well_formed, patient.reasons) == (legs, True, ())
        assert not patient.truncated
    assert read_route(reply) == read_patiently(reply)


@given(REPLIES)
def test_what_counts_is_read_as_the_whole_reply_is(reply: str) -> None:
    ending = what_counts(reply)
    assert reply.endswith(ending)
    whole = read_patiently(reply)
    if whole.legs:
        assert read_patiently(ending) == whole


@pytest.mark.parametrize(
    ("text", "at_once"),
    [
        (GOOD, True),
        (f"{GOOD}\n", True),
        (f"I change once.\n\n{GOOD}", True),
        (f"Its name is Charlie.\n{GOOD}", False),
        (f"I change once. {GOOD}", False),
        (f"<think>Hm.</think>\n{GOOD}", False),
        (GOOD.replace("Alpha", "**Alpha**"), False),
        (GOOD.replace("\n--\n", "\n"), False),
        (f"{GOOD}\nDone.", False),
        ("", False),
        ("Route Name:", False),
    ],
)
def test_the_asked_form_needs_no_search(text: str, at_once: bool) -> None:
    assert (as_asked(text) == TWO) == at_once


@given(
    NOISE, LAID_OUT, st.sampled_from(["a", "\n", "a name\n", "<b>\n", "\\\\\n", f"{GOOD}\n--\n"])
)
@settings(max_examples=30)
def test_a_long_reply_is_read_alike(noise: str, route: str, filling: str) -> None:
    reply = noise + filling * (LONGEST_READ // len(filling)) + "\n" + route
    assert read_route(reply) == read_patiently(reply)


def test_prose_that_differs_does_not_count() -> None:
    assert what_counts(f"I see.\n{GOOD}") == what_counts(f"Well, well.\n\n{GOOD}") == GOOD
    for text in (f"My name is X.\n{GOOD}", f"<b>\n{GOOD}", f"\\alpha\n{GOOD}", f"x {GOOD}", "x"):
        assert what_counts(text) == text
