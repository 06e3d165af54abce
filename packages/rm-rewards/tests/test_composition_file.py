import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rm_rewards import Completion, Question, Reward
from rm_rewards.cli import app
from rm_rewards.composition_file import chosen_reward, read_composition
from rm_rewards.jsonl import read, write
from rm_rewards.parts import KINDS, Kind, each

GOOD = """
name = "mine"
semver = "2.1.0"
[parts.right]
use = "correctness"
[parts.form]
use = "format"
weight = 0.5
[parts.brief]
use = "brevity"
weight = 0.1
gate = "right"
gate_at = 1.0
limit = 50
"""
LOUD = Kind(name="loud", of=each(lambda s, _: float(s.text.isupper())))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_a_file_becomes_a_composition(good: Path) -> None:
    made = read_composition(good)
    assert made.version.startswith("mine-2.1.0+")
    assert [(p.name, p.weight, p.gate) for p in made.parts] == [
        ("right", 1.0, None),
        ("form", 0.5, None),
        ("brief", 0.1, "right"),
    ]
    assert made.parts[2].options == {"limit": 50.0}
    found = made.score_group(Question(id="q", type="TorF1", question="?", answer=1), ["yes"])
    assert found[0].reward.total == pytest.approx(1 + 0.1 * (1 - 3 / 50))


def test_a_kind_of_ones_own_can_be_named(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (good.parent / "own_parts.py").write_text(
        "from rm_rewards.parts import KINDS, Kind, each\n"
        "LOUD = Kind(name='loud', of=each(lambda s, _: float(s.text.isupper())), gap=(0.0, 0.0))\n"
        "NOT_A_KIND = 3\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("sys.path", [str(good.parent), *sys.path])
    good.write_text(GOOD + '[parts.loud]\nuse = "own_parts:LOUD"\n', encoding="utf-8")
    question = Question(id="q", type="TorF1", question="?", answer=1)
    loud = read_composition(good).score_group(question, ["YES"])[0]
    assert loud.components["loud"].given == 1.0
    good.write_text(GOOD + '[parts.loud]\nuse = "own_parts:NOT_A_KIND"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"expected a rm_rewards\.parts\.Kind"):
        read_composition(good)
    good.write_text(GOOD + '[parts.x]\nuse = "loud"\ngate = "right"', encoding="utf-8")
    assert read_composition(good, {**KINDS, "loud": LOUD}).parts[-1].kind is LOUD


FAULTS = [
    ("weight = 0.5", "wieght = 0.5", "parts.form.wieght: found 'wieght'", "mean 'weight'?"),
    ('"format"', '"fromat"', "parts.form.use: found 'fromat'", "did you mean 'format'?"),
    ("weight = 0.5", 'weight = "a"', "parts.form.weight: found 'a'", "expected a number"),
    ("weight = 0.5", "weight = true", "parts.form.weight: found True", "expected a number"),
    ("weight = 0.5", "weight = inf", "parts.form.weight: found inf", "a finite number"),
    ('gate = "right"', 'gate = "x"', "parts.brief.gate: found 'x'", "an earlier part: right, form"),
    ('gate = "right"', "gate = 1", "parts.brief.gate: found 1", "a text that is not empty"),
    ("limit = 50", "limt = 50", "parts.brief.limt: found 'limt'", "did you mean 'limit'?"),
    ('name = "mine"', 'name = ""', "name: found ''", "a text that is not empty"),
    ('name = "mine"', 'base = "rewardmp"', "base: found 'rewardmp'", "mean 'rewardmap'?"),
    ('name = "mine"', "inversions = 1", "inversions: found 1", "true or false"),
    ('name = "mine"', "title = 1", "title: found 'title'", "one of name, semver"),
    ('use = "format"', 'use = "no_such:Thing"', "parts.form.use: found 'no_such:Thing'", "loaded"),
    (GOOD, "parts = 3", "parts: found 3", "a table [parts.NAME]"),
    (GOOD, "[parts]\na = 3", "parts.a: found 3", "a table [parts.a]"),
    (GOOD, "[", "file: found", "a composition as TOML"),
]


@pytest.mark.parametrize(("old", "new", "found", "expected"), FAULTS)
def test_a_fault_is_told_with_file_key_and_way_out(
    good: Path, old: str, new: str, found: str, expected: str
) -> None:
    good.write_text(GOOD.replace(old, new), encoding="utf-8")
    result = _score(good, good.parent / "none.jsonl")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"rm-rewards: {good}: {found}")
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1


def _score(reward: Path, source: Path, *more: str | Path) -> Result:
    arguments = ["score", source, "--reward", reward, *more]
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_command_scores_with_a_file_and_writes_every_part(good: Path) -> None:
    source, out, parts = (good.parent / n for n in ("in.jsonl", "out.jsonl", "parts.jsonl"))
    replies = ["\\boxed{yes}", "no", ""]
    question = {"id": "q", "type": "TorF1", "answer": 1}
    lines = [
        json.dumps({**question, "response": reply, "sample": i}) for i, reply in enumerate(replies)
    ]
    source.write_text("\n".join(lines), encoding="utf-8")
    result = _score(good, source, "--out", out, "--components", parts)
    assert result.exit_code == 0, result.stderr
    rewards = list(read(Reward, out))
    assert [r.sample for r in rewards] == [0, 1, 2]
    companions = [json.loads(line) for line in parts.read_text(encoding="utf-8").splitlines()]
    assert {tuple(c["components"]) for c in companions} == {("right", "form", "brief")}
    for reward, companion in zip(rewards, companions, strict=True):
        assert companion["total"] == reward.total
        assert sum(p["given"] for p in companion["components"].values()) == reward.total
    shown = CliRunner().invoke(app, ["explain", str(source), "--line", "2", "--reward", str(good)])
    assert "part         brief: 0.96 gives 0 (its gate is shut)" in shown.stdout


def test_components_are_for_compositions_only(good: Path) -> None:
    result = CliRunner().invoke(app, ["score", str(good), "--components", "x.jsonl"])
    assert result.exit_code == 2
    assert "only a composition has them" in result.stderr


def test_nothing_is_left_when_scoring_fails(good: Path) -> None:
    source, parts = good.parent / "in.jsonl", good.parent / "parts.jsonl"
    source.write_text('{"id": "q", "type": "TorF1", "answer": 1, "response": "yes"}\n{', "utf-8")
    before = sorted(good.parent.iterdir())
    result = _score(good, source, "--out", good.parent / "o.jsonl", "--components", parts)
    assert result.exit_code == 1
    assert "in.jsonl:2" in result.stderr
    assert sorted(good.parent.iterdir()) == before


YAML = """
name: mine
semver: 2.1.0
parts:
  right: {use: correctness}
  form: {use: format, weight: 0.5}
  brief:
    use: brevity
    weight: 0.1
    gate: right
    limit: 50
"""


@pytest.mark.parametrize("suffix", [".yaml", ".yml"])
def test_a_yaml_file_is_the_same_composition(good: Path, suffix: str) -> None:
    pytest.importorskip("yaml")
    path = good.with_suffix(suffix)
    path.write_text(YAML, encoding="utf-8")
    assert chosen_reward(str(path)) == read_composition(good)


YAML_FAULTS = [
    ("- 1", "file: found [1]", "keys and values, such as `name: mine`"),
    ("", "file: found None", "keys and values"),
    ("a: [", "file: found 'while parsing", "a composition as YAML"),
    ("parts: {1: {use: format, 2: 3}}", "parts.1.2: found '2'", "one of use, weight"),
    (YAML.replace("format", "fromat"), "parts.form.use: found 'fromat'", "mean 'format'?"),
    (YAML.replace("correctness", "star-r1"), "parts.right.use: found 'star-r1'", "'star_r1'?"),
]


@pytest.mark.parametrize(("text", "found", "expected"), YAML_FAULTS)
def test_a_fault_in_yaml_is_told_in_one_line(
    good: Path, text: str, found: str, expected: str
) -> None:
    pytest.importorskip("yaml")
    path = good.with_suffix(".yaml")
    path.write_text(text, encoding="utf-8")
    result = _score(path, good.parent / "none.jsonl")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"rm-rewards: {path}: {found}")
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_pyyaml_the_way_out_is_named(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    path = good.with_suffix(".yml")
    path.write_text(YAML, encoding="utf-8")
    result = _score(path, good.parent / "none.jsonl")
    assert result.exit_code == 1
    assert "pip install pyyaml" in result.stderr
    assert ".toml" in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_lengths_of_recorded_replies_are_what_their_file_says(good: Path) -> None:
    good.write_text('[parts.right]\nuse = "correctness"\n[parts.observe_bonus]\n', encoding="utf-8")
    questions, source = good.parent / "q.jsonl", good.parent / "c.jsonl"
    write([Question(id="q", type="TorF1", question="?", answer=1)], questions)
    counts = (200, 150, 100)
    write(
        [Completion(question_id="q", text="yes", sample=i, tokens=n) for i, n in enumerate(counts)],
        source,
    )
    out = good.parent / "out.jsonl"
    result = _score(good, source, "--questions", questions, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert [r.total for r in read(Reward, out)] == [1.0, 1.2, 1.0]
