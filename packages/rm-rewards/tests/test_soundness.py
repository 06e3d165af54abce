import sys
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_rewards import Question, reward_spec
from rm_rewards.cli import app
from rm_rewards.composition import Composition, Part
from rm_rewards.honest import honest_routes
from rm_rewards.jsonl import read_network, write
from rm_rewards.parts import KINDS, GroupValues, Kind, Options, Sample, each
from rm_rewards.soundness import (
    Asked,
    asked_of,
    repeated_findings,
    sound_findings,
    speed,
)
from rm_rewards.truth import truth_of

DATA = Path(__file__).parent / "data"
DEMO = read_network(DATA / "demo.json")
PLAN = Question(
    id="plan",
    type="planning",
    question="Plan.",
    station_1="Alpha Station",
    station_2="Hotel Station",
    question_transfer_count=1,
)
TORF = Question(id="tf", type="TorF1", question="Is it?", answer=1)
COUNT = Question(id="c2", type="Counting2", question="How many?", answer=8)
ASKED = [asked_of(f"q:{i}", q, DEMO) for i, q in enumerate([PLAN, TORF, COUNT])]
RIGHT = Part(name="right", kind=KINDS["correctness"])


def _with(of: GroupValues, *, weight: float = 1.0) -> Composition:
    part = Part(name="own", kind=Kind(name="own", of=of), weight=weight)
    return Composition(name="own", parts=(RIGHT, part), inversions=True)


@pytest.mark.parametrize("name", ["rewardmap", "sparse", "reference", "paper"])
@pytest.mark.parametrize("asked", ASKED, ids=[a.question.id for a in ASKED])
def test_the_shipped_rewards_are_sound(name: str, asked: Asked) -> None:
    assert list(sound_findings(reward_spec(name), asked)) == []
    assert list(repeated_findings(reward_spec(name), [asked])) == []
    assert speed(reward_spec(name), [asked]) > 0


def test_a_right_answer_without_full_marks_is_found() -> None:
    asked = replace(ASKED[0], honest=("Route Name: Red Line",))
    found = list(sound_findings(reward_spec("rewardmap"), asked))
    assert {f.check for f in found} == {"oracle"}
    assert "correct False with reasons" in found[0].text


def test_garbage_that_is_paid_is_found() -> None:
    paid = _with(each(lambda s, _: float(not s.text.strip())))
    found = [f for f in sound_findings(paid, ASKED[1]) if f.check == "garbage"]
    assert [f.text.rpartition(" for ")[2] for f in found] == ["''", "' \\n\\t'"]


def test_a_reward_that_wavers_is_found() -> None:
    counted = [0]

    def wavering(_: Sample, __: Options) -> float:
        counted[0] += 1
        return counted[0] % 97 / 97

    found = list(repeated_findings(_with(each(wavering)), ASKED))
    assert {f.check for f in found} == {"determinism", "threads"}


def test_a_reward_that_only_one_thread_may_use_is_found() -> None:
    held: list[int] = []

    def shared(samples: list[Sample]) -> list[float]:
        held.clear()
        held.extend(len(s.text) for s in samples)
        for _ in range(20_000):
            if len(held) != len(samples) or held[0] != len(samples[0].text):
                return [1.0] * len(samples)
        return [0.0] * len(samples)

    own = _with(lambda samples, _: shared(list(samples)))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        found = list(repeated_findings(own, ASKED * 4))
    finally:
        sys.setswitchinterval(before)
    assert {f.check for f in found} == {"threads"}


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    (tmp_path / "demo.json").write_bytes((DATA / "demo.json").read_bytes())
    path = tmp_path / "questions.jsonl"
    write([replace(PLAN, network="demo.json"), TORF, COUNT], path)
    return path


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["check", *(str(a) for a in arguments)])


@pytest.mark.parametrize("name", ["rewardmap", "sparse", "reference", "paper"])
def test_the_command_passes_the_shipped_rewards(questions: Path, name: str) -> None:
    result = _run("--questions", questions, "--reward", name)
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    assert lines[1:7] == [
        "questions   3",
        *(f"{n:<12}ok" for n in ("oracle", "garbage", "range", "determinism", "threads")),
    ]
    assert "right answers scored a second on one thread" in lines[7]
    assert lines[-1] == "nothing found"


def test_the_command_names_what_a_composition_pays_for_nothing(questions: Path) -> None:
    made = questions.parent / "brief.toml"
    made.write_text(
        '[parts.right]\nuse = "correctness"\n[parts.brief]\nuse = "brevity"\nweight = 1.0\n',
        encoding="utf-8",
    )
    result = _run("--questions", questions, "--reward", made, "--show", "1")
    assert result.exit_code == 1
    assert "brief" in result.stdout
    assert "<- can be filled without the map" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("findings")


def test_a_broken_question_is_named_with_its_place(questions: Path) -> None:
    write([PLAN], questions)
    result = _run("--questions", questions)
    assert result.exit_code == 1
    assert f"{questions}:1: network: found None" in result.stderr
    assert result.stderr.count("\n") == 1


OWN_PARTS = """
from itertools import pairwise
from rm_rewards.directory import directory_of
from rm_rewards.jsonl import read_network
from rm_rewards.parts import Kind, each
from rm_rewards.route import read_route

WHERE = directory_of(read_network("{network}"))

def joined(sample, _):
    legs = read_route(sample.text).legs
    joins = [a.arrival_stop == b.departure_stop for a, b in pairwise(legs)]
    return float(bool(legs) and all(joins))

def legal(sample, _):
    legs = read_route(sample.text).legs
    on = [
        WHERE.serves(WHERE.line(leg.route_name), WHERE.place(stop))
        for leg in legs
        for stop in (leg.departure_stop, leg.arrival_stop)
    ]
    return sum(on) / max(1, len(on))

JOINED = Kind(name="joined", of=each(joined))
LEGAL = Kind(name="legal", of=each(legal))
"""


@pytest.fixture
def trips(tmp_path: Path) -> Path:
    (tmp_path / "demo.json").write_bytes((DATA / "demo.json").read_bytes())
    path = tmp_path / "trips.jsonl"
    plain = [
        replace(PLAN, id=f"{i}", station_1=a.name, station_2=b.name)
        for i, (a, b) in enumerate(permutations(DEMO.stations, 2))
    ]
    known = [q for q in plain if truth_of(q, DEMO).routes]
    write(
        [replace(q, network="demo.json", routes=honest_routes(q, DEMO)) for q in known[::3]], path
    )
    return path


@pytest.mark.parametrize(("kind", "refused"), [("JOINED", True), ("LEGAL", True), (None, False)])
def test_a_part_that_pays_for_joined_legs_or_legal_stops_is_refused_by_name(
    trips: Path, kind: str | None, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = OWN_PARTS.replace("{network}", str(trips.parent / "demo.json"))
    (trips.parent / "hackable_parts.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr("sys.path", [str(trips.parent), *sys.path])
    monkeypatch.delitem(sys.modules, "hackable_parts", raising=False)
    made = trips.parent / "own.toml"
    use = f"hackable_parts:{kind}" if kind else "detail"
    made.write_text(
        '[parts.right]\nuse = "correctness"\nweight = 2.0\n'
        f'[parts.progress]\nuse = "{use}"\nweight = 0.5\n',
        encoding="utf-8",
    )
    result = _run("--questions", trips, "--reward", made)
    lines = [line for line in result.stdout.splitlines() if line.startswith("refused")]
    assert (result.exit_code, bool(lines)) == (int(refused), refused), result.stdout
    if refused:
        assert lines[0].startswith("refused     progress (planning): ")
    else:
        assert "progress.transfer_side" in result.stdout
