from __future__ import annotations

from collections import Counter

import pytest

from rm_data import ask, generate
from rm_data.planning import PLANNING_FORMS
from rm_data.templates import route
from rm_rewards import Question, RecordError, gold_answer, score

NETWORK = generate(5, style="named")
ENDINGS = {
    "short": "Arrival Stop: xx Station",
    "long": "Number of Via Stops: x",
    "long-stops": "\nVia Stops: xx Station, xx Station",
}


def form_of(question: Question) -> str:
    (form,) = (form for form, ending in ENDINGS.items() if question.question.endswith(ending))
    return form


def planned(form: str, seed: int = 0) -> list[Question]:
    return list(ask(NETWORK, "planning", seed, planning=form))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (
            "short",
            "According to the subway map, how do I get from A to B?\n"
            "Provide only one optimal route, with only the line name and the departure and arrival "
            "stations. The format should be strictly followed:\n"
            "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station\n--\n"
            "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station",
        ),
        (
            "long",
            "According to the subway map, how do I get from A to B?\n"
            "Provide only one optimal route, and include the number of via stops for each route "
            "section (excluding the departure and arrival stops). The format should be strictly "
            "followed:\n"
            "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station\n"
            "Number of Via Stops: x\n--\n"
            "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station\n"
            "Number of Via Stops: x",
        ),
        (
            "long-stops",
            "According to the subway map, how do I get from A to B?\n"
            "Provide only one optimal route, including all the via stops. The format should be "
            "strictly followed:\n"
            "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station\n"
            "Via Stops: xx Station, xx Station\n--\n"
            "Route Name: Line x\nDeparture Stop: xx Station\nArrival Stop: xx Station\n"
            "Via Stops: xx Station, xx Station",
        ),
    ],
)
def test_the_three_forms_are_worded_as_published(form: str, text: str) -> None:
    assert route("A", "B", form) == text  # pyright: ignore[reportArgumentType] - from the table


def test_the_pairs_and_their_truth_do_not_depend_on_the_form() -> None:
    short = [(q.id, q.station_1, q.station_2, q.routes) for q in planned("short")]
    for form in ("long", "long-stops", "mixed"):
        assert [(q.id, q.station_1, q.station_2, q.routes) for q in planned(form)] == short
    assert list(ask(NETWORK, "planning")) == planned("short")


def test_mixed_draws_each_form_equally_often() -> None:
    forms = Counter(form_of(q) for seed in range(20) for q in planned("mixed", seed))
    assert set(forms) == set(ENDINGS)
    assert all(abs(times / forms.total() - 1 / 3) < 0.05 for times in forms.values())


def test_both_asks_each_pair_in_the_short_form_and_in_a_long_one() -> None:
    made = planned("both")
    assert len({q.id for q in made}) == len(made) == 2 * len(planned("short"))
    for first, second in zip(made[::2], made[1::2], strict=True):
        assert form_of(first) == "short"
        assert form_of(second) in {"long", "long-stops"}
        assert second.id == f"{first.id}/long"
        assert (first.station_1, first.routes) == (second.station_1, second.routes)
    assert len({form_of(q) for q in made}) == 3


@pytest.mark.parametrize("form", PLANNING_FORMS)
def test_the_right_route_in_the_form_that_is_asked_for_earns_full_marks(form: str) -> None:
    for question in planned(form):
        reward = score(question, gold_answer(question), network=NETWORK)
        assert (reward.correct, reward.format, reward.reasons) == (True, 1.0, ())


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(RecordError, match="planning: found 'brief', expected one of short, long"):
        ask(NETWORK, "planning", planning="brief")
