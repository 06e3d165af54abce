from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_rewards import Leg, Question, RewardSpec, reward_spec, score
from rm_rewards.attacks.families import HUGE, HUGE_FAMILY, attacks_on
from rm_rewards.attacks.outcome import Outcome
from rm_rewards.cli import app
from rm_rewards.honest import honest_replies
from rm_rewards.jsonl import read_network, write
from rm_rewards.specs import SPECS

DATA = Path(__file__).parent / "data"
DEMO = read_network(DATA / "demo.json")
ROUTE = (
    Leg(route_name="Red Line", departure_stop="Alpha Station", arrival_stop="Charlie Station"),
    Leg(route_name="Blue Line", departure_stop="Charlie Station", arrival_stop="Hotel Station"),
)
PLAN = Question(
    id="plan",
    type="planning",
    question="Plan a route from Alpha Station to Hotel Station.",
    station_1="Alpha Station",
    station_2="Hotel Station",
    question_transfer_count=1,
)
SHORT = [
    Question(id="tf", type="TorF1", question="Is it? Answer in \\boxed{}.", answer=1),
    Question(
        id="c1", type="Counting1", question="How many?", answer=2, options=("A) 1", "B) 2", "C) 3")
    ),
    Question(id="c2", type="Counting2", question="How many?", answer=8),
]
ALL = [PLAN, *SHORT]
PLANNING_FAMILIES = {
    "empty tags",
    "prompt echo",
    "line farming",
    "invented stops",
    "constant transfer",
    "loops",
    "repeated segments",
    "fragments",
    "two routes",
    "all options",
    "station spam",
    HUGE_FAMILY,
}


def _outcome(question: Question, reward: str | RewardSpec) -> Outcome:
    made = Outcome()
    made.attack(reward_spec(reward), question, DEMO)
    return made


def test_each_kind_of_question_has_its_families_of_attacks() -> None:
    assert set(attacks_on(PLAN, DEMO)) == PLANNING_FAMILIES
    short = {"empty tags", "prompt echo", "two boxes", "all options", HUGE_FAMILY}
    for question in SHORT:
        assert set(attacks_on(question, None)) == short
    for question in ALL:
        found = attacks_on(question, DEMO)
        assert all(found.values())
        assert {len(text) for text in found[HUGE_FAMILY]} == {HUGE}


@pytest.mark.parametrize("question", ALL, ids=[q.id for q in ALL])
@pytest.mark.parametrize("reward", sorted(SPECS.keys() - {"reference", "paper"}))
def test_no_attack_earns_as_much_as_honesty_under_our_own_rewards(
    question: Question, reward: str
) -> None:
    outcome = _outcome(question, reward)
    assert outcome.wins == {}
    assert outcome.questions == 1
    forms = 2 if reward == "observe-r1" else 1
    assert outcome.replies == forms * sum(map(len, attacks_on(question, DEMO).values()))
    assert outcome.honest["total"] > max(f["total"] for f in outcome.families.values())


def test_the_published_rules_are_beaten_where_they_are_known_to_be() -> None:
    wins = _outcome(PLAN, "reference").wins
    assert (wins["line farming", "detail"].honest, wins["line farming", "detail"].earned) == (4, 5)
    for question in SHORT:
        assert ("two boxes", "total") in _outcome(question, "reference").wins


def test_a_spec_that_pays_for_wrong_answers_is_beaten() -> None:
    careless = replace(reward_spec("rewardmap"), name="careless", format=0.0, wrong_cap=1.0)
    generous = replace(careless, correctness=0.0, alpha=1.0)
    paid = {family for family, part in _outcome(PLAN, careless).wins if part == "total"}
    assert paid == {"two routes"}  # without points for the form a second answer costs nothing
    boxes = _outcome(SHORT[0], generous).wins
    assert ("two boxes", "total") in boxes


def test_a_chance_hit_is_no_attack() -> None:
    direct = replace(PLAN, station_2="Charlie Station", question_transfer_count=0)
    honest = honest_replies(direct, DEMO)[0]
    assert honest in attacks_on(direct, DEMO)["line farming"]
    assert _outcome(direct, "rewardmap").wins == {}


def test_honest_replies_score_full_marks() -> None:
    for question in [*ALL, replace(PLAN, routes=(ROUTE,))]:
        for text in honest_replies(question, DEMO):
            found = score(question, text, network=DEMO)
            assert (found.correct, found.format, found.reasons) == (True, 1.0, ())


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    (tmp_path / "demo.json").write_bytes((DATA / "demo.json").read_bytes())
    path = tmp_path / "questions.jsonl"
    write([replace(PLAN, network="demo.json"), *SHORT], path)
    return path


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["attack", *(str(a) for a in arguments)])


def test_the_command_finds_nothing_against_our_own_reward(questions: Path) -> None:
    result = _run("--questions", questions)
    assert result.exit_code == 0, result.stdout
    assert "planning: 1 questions," in result.stdout
    assert "the best attack" in result.stdout
    assert result.stdout.endswith("no attack beats honesty\n")
    assert result.stderr == ""


def test_the_command_ends_with_1_and_shows_what_won(questions: Path) -> None:
    result = _run("--questions", questions, "--reward", "reference", "--show", "1")
    assert result.exit_code == 1
    assert "line farming: detail 5.0000 against 4.0000 (question plan)" in result.stdout
    assert result.stdout.count(" against ") == 1
    assert "attacks beat an honest reply" in result.stdout


def test_an_ungated_part_of_a_composition_is_found_out(questions: Path) -> None:
    made = questions.parent / "brief.toml"
    made.write_text(
        '[parts.right]\nuse = "correctness"\n[parts.brief]\nuse = "brevity"\nweight = 0.5\n',
        encoding="utf-8",
    )
    result = _run("--questions", questions, "--reward", made)
    assert result.exit_code == 1
    assert "empty tags: brief 0.5000 against" in result.stdout


FAILURES = [
    (["--questions", "none.jsonl"], 1, "none.jsonl: No such file or directory"),
    (["--questions", "{q}", "--reward", "best"], 2, "found 'best', expected one of rewardmap"),
    (["--questions", "{q}", "--limit", "0"], 2, "--limit"),
    (["--questions", "{q}", "--networks", "nowhere"], 1, "a folder of <country>/<city>.json"),
    (["--reward", "sparse"], 2, "Missing option '--questions'"),
]


@pytest.mark.parametrize(("arguments", "status", "message"), FAILURES)
def test_a_failure_is_one_clear_line(
    questions: Path, arguments: list[str], status: int, message: str
) -> None:
    result = _run(*(a.replace("{q}", str(questions)) for a in arguments))
    assert result.exit_code == status
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_question_without_an_answer_is_named(questions: Path) -> None:
    nowhere = replace(PLAN, id="lost", network="demo.json", station_2="Nowhere")
    write([nowhere], questions)
    result = _run("--questions", questions)
    assert result.exit_code == 1
    assert f"{questions}:1: routes: found None, expected a route for question 'lost'" in (
        result.stderr
    )
    questions.write_text("\n", encoding="utf-8")
    assert "expected at least one question" in _run("--questions", questions).stderr
