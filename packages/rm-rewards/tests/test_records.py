import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import (
    QUESTION_TYPES,
    Completion,
    Leg,
    Line,
    Network,
    Question,
    RecordError,
    Reward,
    Station,
    from_published,
    to_published,
)
from rm_rewards.jsonl import dump, network_from_json, parse

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
SHARE = st.floats(0.0, 1.0)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
COUNT = st.integers(0, 1_000)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
TABLE = st.dictionaries(TEXT, NAMES, max_size=2)

LEGS = st.builds(
    Leg,
    route_name=TEXT,
    departure_stop=TEXT,
    arrival_stop=TEXT,
    via_stops=NAMES,
    num_via_stops=st.none() | COUNT,
)
ROUTES = st.lists(st.lists(LEGS, max_size=2).map(tuple), max_size=2).map(tuple)
GRADES = st.sampled_from(["easy", "middle", "hard"])


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(QUESTION_TYPES))
    return Question(
        id=draw(NAME),
        type=kind,
        question=draw(TEXT),
        answer=None if kind == "planning" else draw(st.integers(0, 1)),
        figure=draw(st.none() | TEXT),
        country=draw(TEXT),
        city=draw(TEXT),
        network=draw(st.none() | TEXT),
        json=draw(st.none() | TEXT | TABLE),
        station_1=draw(st.none() | TEXT),
        station_2=draw(st.none() | TEXT),
        line=draw(st.none() | TEXT),
        options=draw(st.none() | NAMES),
        routes=draw(
            st.none() | st.lists(st.lists(LEGS, max_size=2).map(tuple), max_size=2).map(tuple)
        ),
        difficulty_city=draw(GRADES),  # pyright: ignore[reportArgumentType]
        difficulty_question=draw(GRADES),  # pyright: ignore[reportArgumentType]
        city_line_count=draw(COUNT),
        city_transfer_count=draw(COUNT),
        question_transfer_count=draw(COUNT),
        fine_grained_answer=draw(st.none() | NAMES | TABLE),
    )


COMPLETIONS = st.builds(
    Completion,
    question_id=NAME,
    text=TEXT,
    sample=COUNT,
    finish_reason=st.none() | TEXT,
    tokens=st.none() | COUNT,
    logprob=st.none() | NUMBER,
    latency_s=st.none() | NUMBER,
)
REWARDS = st.builds(
    Reward,
    question_id=TEXT,
    sample=COUNT,
    total=NUMBER,
    format=NUMBER,
    correctness=NUMBER,
    detail=NUMBER,
    weight=NUMBER,
    correct=st.booleans(),
    accuracy=SHARE,
    parsed=st.none() | TEXT,
    status=st.sampled_from(["ok", "unparsed", "truncated", "error"]),
    reasons=NAMES,
    reward_version=TEXT,
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    ids = draw(st.lists(NAME, min_size=2, max_size=5, unique=True))
    stations = tuple(Station(id=i, name=draw(TEXT), aliases=draw(NAMES)) for i in ids)
    path = st.lists(st.sampled_from(ids), min_size=1, max_size=5).map(tuple)
    lines = tuple(
        Line(
            name=name,
            paths=tuple(draw(st.lists(path, min_size=1, max_size=2))),
            colour=draw(TEXT),
            loop=draw(st.booleans()),
        )
        for name in draw(st.lists(NAME, max_size=3, unique=True))
    )
    places = st.dictionaries(st.sampled_from(ids), st.tuples(NUMBER, NUMBER))
    return Network(
        city=draw(TEXT), lines=lines, stations=stations, positions=draw(st.none() | places)
    )


@given(questions() | COMPLETIONS | REWARDS | networks())
def test_a_record_written_as_json_is_read_back_the_same(
    record: Question | Completion | Reward | Network,
) -> None:
    line = dump(record)
    assert "\n" not in line
    assert parse(type(record), line) == record


def test_a_network_of_our_own_form_keeps_its_graph_on_disk() -> None:
    network = Network(
        city="x",
        lines=(Line(name="1", paths=(("a", "b", "c"),), loop=True),),
        stations=tuple(Station(id=i, name=i.upper()) for i in "abc"),
    )
    again = parse(Network, dump(network))
    assert (
        again.neighbours
        == network.neighbours
        == {"1": {"a": {"b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}}}
    )
    assert again.lines_at == {"a": ("1",), "b": ("1",), "c": ("1",)}


def test_the_published_form_is_read_and_written() -> None:
    lists = {
        "Ring": ["A (Transfer Station)", "B", "C", "D", "A (Transfer Station)"],
        "1": ["甲站（换乘站）", "乙站（支线起始站）", "A (Transfer Station)"],
    }
    network = from_published(lists, city="x")
    assert [line.loop for line in network.lines] == [True, False]
    assert network.interchanges == ("A",)
    assert network.neighbours["Ring"]["A"] == {"B", "D"}
    assert to_published(network) == {"Ring": ["A", "B", "C", "D", "A"], "1": ["甲站", "乙站", "A"]}
    assert network_from_json(to_published(network), city="x") == network


ASKED = Question(id="q", type="TorF1", question="?", answer=1)
REWARD = Reward(
    question_id="q",
    total=1.0,
    format=1.0,
    correctness=0.0,
    detail=0.0,
    weight=1.0,
    correct=False,
    accuracy=0.0,
    reward_version="v",
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("type", ""),
        ("answer", 2),
        ("answer", None),
        ("difficulty_city", "harsh"),
        ("question_transfer_count", -1),
    ],
)
def test_a_question_checks_its_values(field: str, value: object) -> None:
    with pytest.raises(RecordError) as raised:
        replace(ASKED, **{field: value})  # pyright: ignore[reportArgumentType]
    assert (raised.value.field, raised.value.found) == (field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("total", float("nan")), ("detail", float("inf")), ("accuracy", 1.5), ("status", "fine")],
)
def test_a_reward_checks_its_values(field: str, value: object) -> None:
    with pytest.raises(RecordError) as raised:
        replace(REWARD, **{field: value})  # pyright: ignore[reportArgumentType]
    assert raised.value.field == field


def test_an_error_names_its_place_and_shortens_what_it_found() -> None:
    error = RecordError("text", "x" * 500, "less").at("file.jsonl:3")
    assert str(error).startswith("file.jsonl:3: text: found 'xxx")
    assert str(error).endswith("..., expected less")
    assert len(str(error)) < 150


def test_a_network_refuses_a_stop_that_is_no_station_and_names_used_twice() -> None:
    station = Station(id="a", name="A")
    with pytest.raises(RecordError, match=r"lines\['1'\].paths: found 'b'"):
        Network(city="x", lines=(Line(name="1", paths=(("a", "b"),)),), stations=(station,))
    with pytest.raises(RecordError, match="stations: found 'a', expected each of them once"):
        Network(city="x", lines=(), stations=(station, station))


def test_an_error_comes_back_whole_from_another_process() -> None:
    error = RecordError("answer", 7, "an index from 0 (A) to 3 (D)", where="q.jsonl:3")
    again = pickle.loads(pickle.dumps(error))
    assert (
        str(again)
        == str(error)
        == "q.jsonl:3: answer: found 7, expected an index from 0 (A) to 3 (D)"
    )
    assert (again.field, again.found, again.where) == ("answer", 7, "q.jsonl:3")
