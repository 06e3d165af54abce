from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from rm_data import generate
from rm_data.asking import AskOrder, Job, write_questions
from rm_data.networks import find_networks
from rm_rewards import QUESTION_TYPES
from rm_rewards.jsonl import dump

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed")


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    (tmp_path / "maps" / "land").mkdir(parents=True)
    (tmp_path / "maps" / "land" / "town.json").write_text(
        '{"Red": ["A (Transfer Station)", "B", "C", "D"], "Blue": ["A (Transfer Station)", "E"]}'
    )
    for seed in range(3):
        network = generate(seed)
        (tmp_path / "maps" / f"{network.city}.json").write_text(dump(network), encoding="utf-8")
    return tmp_path / "maps"


def test_questions_asked_on_a_cluster_are_the_same_bytes(maps: Path, tmp_path: Path) -> None:
    order = AskOrder(types=QUESTION_TYPES, seed=0, per_map=5)
    job = Job(order=order, paths=find_networks([maps]), base=tmp_path)
    write_questions(job, tmp_path / "here.jsonl")
    out = tmp_path / "ray.jsonl"
    program = Path(sys.executable).with_name("rm-data")
    command = [program, "questions", maps, "--out", out, "--per-map", "5", "--ray", "local"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == (tmp_path / "here.jsonl").read_bytes()
    assert not (tmp_path / ".ray.jsonl.parts").exists()


def test_a_cluster_that_is_not_there_is_an_error_in_one_line(maps: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("rm-data")
    out = tmp_path / "q.jsonl"
    done = subprocess.run(
        [program, "questions", maps, "--out", out, "--ray", "auto"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("rm-data: --ray: found 'auto', expected the address of a Ray")
    assert len(done.stderr.splitlines()) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["maps"]
