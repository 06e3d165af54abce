"""How much memory questions about many maps take: as much as those about few."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from rm_data import generate
from rm_rewards.jsonl import dump

FEW, MANY = 100, 1_000
MORE = 1.15

PROGRAM = """
import resource, sys
from pathlib import Path
from typing import Any, cast
from rm_data.asking import AskOrder, Job, write_questions
from rm_data.networks import find_networks
from rm_rewards import QUESTION_TYPES

folder, count = Path(sys.argv[1]), int(sys.argv[2])
order = AskOrder(types=QUESTION_TYPES, seed=0)
job = Job(order=order, paths=find_networks([folder])[:count], base=folder)
asked = write_questions(job, folder / f"{count}.jsonl")
print(asked.counts[""], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture
def maps(tmp_path: Path) -> Path:
    for seed in range(MANY):
        network = generate(seed, style="named")
        (tmp_path / f"{network.city}.json").write_text(dump(network), encoding="utf-8")
    return tmp_path


def asked(maps: Path, count: int) -> tuple[int, float]:
    """(questions, the most memory in use in MB)."""
    command = [sys.executable, "-c", PROGRAM, str(maps), str(count)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return int(told[0]), int(told[1]) / 1024


def test_ten_times_the_questions_take_no_more_memory(
    benchmark: BenchmarkFixture, maps: Path, request: pytest.FixtureRequest
) -> None:
    few, least = asked(maps, FEW)
    pedantic = cast("Any", benchmark).pedantic
    result: tuple[int, float] = pedantic(asked, args=(maps, MANY), rounds=1)
    many, most = result
    assert many > 9 * few
    assert most < MORE * least
    told = f"{few:,} questions: {least:.0f} MB at the most; {many:,}: {most:.0f} MB"
    request.config.get_terminal_writer().line(f"\n{told}")
