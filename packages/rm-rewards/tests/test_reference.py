import json
from pathlib import Path
from typing import Any

import pytest

from rm_rewards import Network, Question, RecordError, from_published, score
from rm_rewards.jsonl import parse_object, read_network
from rm_rewards.published_parse import LABELS, clean, segments, short_answer

SAMPLE = Path(__file__).parent / "data/reference_sample.jsonl"
SHARED = Path(__file__).resolve().parents[3].parent / "shared"
GOLDEN = SHARED / "golden/reference_scores.jsonl"


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def _asked(line: dict[str, Any]) -> Question:
    return parse_object(Question, {"id": "q", "question": "", **line})


def _network(asked: Question) -> Network | None:
    return from_published(asked.json, city="demo") if isinstance(asked.json, dict) else None


@pytest.mark.parametrize("line", _lines(SAMPLE), ids=lambda line: str(line["why"]))
def test_the_published_verdict_is_reproduced(line: dict[str, Any]) -> None:
    asked = _asked(line)
    reward = score(asked, line["response"], network=_network(asked), reward="reference")
    expected = line["reference"]
    assert (reward.correct, reward.total) == (expected["correct"], expected["difficulty_aware"])
    assert reward.detail == expected.get("detail", 0.0)


@pytest.mark.skipif(not GOLDEN.is_file(), reason=f"{GOLDEN} is not there")
def test_every_golden_line_of_the_published_scorer_is_reproduced() -> None:
    networks: dict[str, Network] = {}
    for number, line in enumerate(_lines(GOLDEN), start=1):
        asked = _asked(line)
        place = f"{asked.country}/{asked.city}.json"
        if asked.city and place not in networks:
            networks[place] = read_network(SHARED / "reasonmap/stations" / place)
        reward = score(asked, line["response"], network=networks.get(place), reward="reference")
        expected = line["reference"]
        found = (reward.correct, reward.total, reward.detail)
        detail = expected.get("detail", 0.0)
        assert found == (expected["correct"], expected["difficulty_aware"], detail), number


@pytest.mark.parametrize(
    ("name", "once", "twice"),
    [
        ("UNION STATION", "unionstation", "union"),
        ("Tech. Park", "technologynologypark", "technologynologypark"),
        ("Univ. Hill", "universityersityhill", "universityersityhill"),
        ("Broadway", "bluway", "bluway"),
        ("Asian Games Village", "yayuncun", "yayuncun"),
        ("长沙火车南站站", "长沙火车南站", "长沙火车南"),
        ("L'Enfant Plaza (Transfer Station)", "lenfantplaza", "lenfantplaza"),
        ("King St-Old Town", "kingstoldtown", "kingstoldtown"),
    ],
)
def test_the_published_normaliser_is_followed_fault_for_fault(
    name: str, once: str, twice: str
) -> None:
    assert clean(name) == once
    assert clean(clean(name)) == twice


def test_sections_hold_all_three_labels_as_printed_or_in_any_case() -> None:
    whole = "".join(LABELS)
    reply = f"-----a--{whole}---{whole[1:]}--{whole.lower()}--{whole[:-2]}--{whole} x--"
    assert list(map(len, segments(reply))) == [2, 3]
    assert segments(whole[1:]) == segments("") == ([], [])


def test_a_value_that_no_newline_follows_is_wrong() -> None:
    read, _ = segments("Route Name: A Departure Stop: B Arrival Stop: C")
    assert [(s.line, s.departure, s.arrival) for s in read] == [("Wrong", "Wrong", "c")]


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (r"\boxed{\text{Yes}}", "{yes}"),
        (r"\boxed{8}", "8"),
        (".", "0"),
        ("The answer is Yes. No.", "yes"),
        ("the answer is: b", "b"),
        ("x = 3 = 4", "4"),
    ],
)
def test_the_published_reading_of_a_short_answer(reply: str, answer: str) -> None:
    assert short_answer(reply) == answer


@pytest.mark.parametrize(
    ("kind", "error"),
    [("Counting9", "UnboundLocalError"), ("Riddle", "NotImplementedError")],
)
def test_what_the_published_code_cannot_score_is_an_error(kind: str, error: str) -> None:
    asked = Question(id="q", type=kind, question="?", answer=8)
    reward = score(asked, "8", reward="reference")
    assert (reward.status, reward.total, reward.correct) == ("error", 0.0, False)
    assert reward.reasons == (f"published_code:{error}",)


LISTS = {"Red Line": ["Alpha", "Bravo", "Charlie"], "Line 1": ["Bravo", "Delta", "Echo"]}


def _plan(start: str, end: str, transfers: int) -> Question:
    return Question(
        id="q",
        type="planning",
        question="?",
        station_1=start,
        station_2=end,
        question_transfer_count=transfers,
    )


def _written(*legs: tuple[str, str, str]) -> str:
    return "\n--\n".join(
        f"Route Name: {a}\nDeparture Stop: {b}\nArrival Stop: {c}" for a, b, c in legs
    )


# Algorithm 1: +2 both ends, -5 a leg beyond the transfers, +4 the first line, +1 a handover.
@pytest.mark.parametrize(
    ("asked", "text", "detail", "total"),
    [
        (_plan("Alpha", "Charlie", 0), _written(("Red Line", "Alpha", "Charlie")), 6.0, 14.0),
        (
            _plan("Alpha", "Echo", 1),
            _written(("Red Line", "Alpha", "Bravo"), ("Line 1", "Bravo", "Echo")),
            7.0,
            14.5,
        ),
        (_plan("Alpha", "Echo", 1), _written(("Red Line", "Alpha", "Echo")), 2.0, 2.0),
        (_plan("Alpha", "Charlie", 0), _written(("Line 1", "Alpha", "Charlie")), 2.0, 2.0),
        (_plan("Alpha", "Charlie", 0), _written(("Red Line", "Bravo", "Charlie")), 4.0, 3.0),
        (
            _plan("Alpha", "Charlie", 0),
            _written(("Red Line", "Alpha", "Bravo"), ("Red Line", "Bravo", "Charlie")),
            2.0,
            12.0,
        ),
        (_plan("Alpha", "Charlie", 0), "Take the Red Line.", 0.0, 0.0),
        (
            _plan("Alpha", "Charlie", 0),
            _written(("Red Line", "Alpha", "Charlie")) + "\n--\nBye.",
            0.0,
            10.0,
        ),
    ],
)
def test_algorithm_1_is_followed_as_printed(
    asked: Question, text: str, detail: float, total: float
) -> None:
    reward = score(asked, text, network=from_published(LISTS, city="x"), reward="paper")
    assert (reward.detail, reward.total) == (detail, total)


def test_the_papers_form_is_the_box() -> None:
    asked = Question(id="q", type="Counting2", question="?", answer=8)
    assert score(asked, r"\boxed{8}", reward="paper").total == 11.0
    assert score(asked, "8", reward="paper").total == 10.0
    assert score(asked, r"\boxed{7}", reward="paper").total == 1.0


@pytest.mark.parametrize("reward", ["reference", "paper"])
def test_a_plan_needs_its_network_and_its_ends(reward: str) -> None:
    with pytest.raises(RecordError, match="network: found None"):
        score(_plan("Alpha", "Charlie", 0), "", reward=reward)
    nameless = Question(id="q", type="planning", question="?")
    with pytest.raises(RecordError, match="station_1: found None"):
        score(nameless, "", network=from_published(LISTS, city="x"), reward=reward)
