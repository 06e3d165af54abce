from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rm_data import ask, generate
from rm_data.asking import AskOrder, Job, Levels, places_of, write_questions
from rm_data.networks import find_networks, read_file
from rm_rewards import QUESTION_TYPES, Question, RecordError
from rm_rewards.jsonl import dump, read

MAPS = 48
ORDER = AskOrder(types=QUESTION_TYPES, seed=4, per_map=3)


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks") / "synthetic"
    folder.mkdir()
    for seed in range(MAPS):
        network = generate(seed, style="named" if seed % 10 == 0 else "compact")
        (folder / f"{network.city}.json").write_text(dump(network), encoding="utf-8")
    return folder.parent


@pytest.fixture(scope="module")
def job(networks: Path) -> Job:
    return Job(order=ORDER, paths=find_networks([networks]), base=networks)


@pytest.fixture(scope="module")
def expected(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ask` gives for one map after the other, in a file."""
    lines = [
        dump(question)
        for path in job.paths
        for question in ask(
            read_file(path).network,
            seed=4,
            per_map=3,
            network_path=str(path.relative_to(job.base)),
        )
    ]
    place = tmp_path_factory.mktemp("expected") / "q.jsonl"
    place.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return place


def hidden(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.name.startswith(".")]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_bytes_do_not_depend_on_the_number_of_processes(
    job: Job, expected: Path, tmp_path: Path, workers: int
) -> None:
    maps: list[int] = []
    asked = write_questions(job, tmp_path / "q.jsonl", workers=workers, done=maps.append)
    assert (tmp_path / "q.jsonl").read_bytes() == expected.read_bytes()
    assert asked.counts == {"": expected.read_bytes().count(b"\n")}
    assert sum(maps) == MAPS
    assert hidden(tmp_path) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_standard_output_gets_the_same(
    job: Job, expected: Path, capfdbinary: pytest.CaptureFixture[bytes], workers: int
) -> None:
    write_questions(job, Path("-"), workers=workers)
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == expected.read_bytes()


# Runs that are killed.

KILLED = """
import sys
from pathlib import Path
from rm_data.asking import AskOrder, Job, write_questions
from rm_data.networks import find_networks, read_file
from rm_rewards import QUESTION_TYPES

if __name__ == "__main__":
    folder, out, workers = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    order = AskOrder(types=QUESTION_TYPES, seed=4, per_map=3)
    job = Job(order=order, paths=find_networks([folder]), base=folder)
    write_questions(job, out, workers=workers)
"""


def started(networks: Path, out: Path, workers: int) -> subprocess.Popen[bytes]:
    program = out.parent / "program.py"
    program.write_text(KILLED, encoding="utf-8")
    return subprocess.Popen([sys.executable, str(program), str(networks), str(out), str(workers)])


def complete(parts: Path) -> int:
    return len([*parts.glob("[0-9]*.json")])


def killed(networks: Path, out: Path, workers: int, at_least: int) -> int:
    """Kill a run as soon as that many parts are complete; gives how many it left.

    A machine that is busy elsewhere may notice too late, when all is done: then again.
    """
    parts = out.parent / f".{out.name}.parts"
    for _ in range(20):
        process = started(networks, out, workers)
        while process.poll() is None and complete(parts) < at_least:
            time.sleep(0.001)
        process.kill()
        if process.wait() == -signal.SIGKILL and complete(parts) >= at_least and not out.exists():
            return complete(parts)
        out.unlink(missing_ok=True)
        shutil.rmtree(parts, ignore_errors=True)
    pytest.fail("no run could be killed in time")


@settings(deadline=None, max_examples=2, derandomize=True)
@given(at_least=st.integers(1, 30), workers=st.sampled_from([1, 2]))
def test_a_run_that_was_killed_is_taken_up_with_the_same_bytes(
    networks: Path,
    job: Job,
    expected: Path,
    tmp_path_factory: pytest.TempPathFactory,
    at_least: int,
    workers: int,
) -> None:
    out = tmp_path_factory.mktemp("killed") / "q.jsonl"
    left = killed(networks, out, workers, at_least)
    asked = write_questions(job, out, workers=3 - workers)
    assert out.read_bytes() == expected.read_bytes()
    assert asked.kept >= left >= at_least
    assert hidden(out.parent) == []


def test_processes_go_when_the_first_one_is_killed(networks: Path, tmp_path: Path) -> None:
    killed(networks, tmp_path / "q.jsonl", 2, 1)
    end = time.monotonic() + 20
    marker = str(tmp_path / "program.py").encode()
    while time.monotonic() < end:
        if not any(marker in _command(entry) for entry in Path("/proc").glob("[0-9]*")):
            return
        time.sleep(0.1)
    pytest.fail("processes are left")


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def interrupted(command: list[str | Path], out: Path, parts: Path) -> tuple[int, str]:
    """Exit status and message of a run that gets Ctrl-C in the midst of its work."""
    for _ in range(20):
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None and complete(parts) < 2:
                time.sleep(0.001)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
        if process.returncode:
            return process.returncode, told
        out.unlink()  # a busy machine may notice too late, when all is done
    pytest.fail("no run could be interrupted in time")


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_leaves_nothing(networks: Path, tmp_path: Path, workers: int) -> None:
    out, parts = tmp_path / "q.jsonl", tmp_path / ".q.jsonl.parts"
    program = Path(sys.executable).with_name("rm-data")
    command = [program, "questions", networks, "--out", out, "--workers", str(workers)]
    assert interrupted(command, out, parts) == (
        130,
        "rm-data: interrupted; nothing was left half-written\n",
    )
    assert [*tmp_path.iterdir()] == []


def test_parts_of_another_order_are_not_taken_up(
    networks: Path, job: Job, expected: Path, tmp_path: Path
) -> None:
    out = tmp_path / "q.jsonl"
    killed(networks, out, 1, 3)
    other = replace(job, order=replace(ORDER, seed=5))
    asked = write_questions(other, out)
    assert asked.kept == 0
    assert out.read_bytes() != expected.read_bytes()


def test_a_network_that_has_changed_is_asked_about_anew(tmp_path: Path) -> None:
    for city in "ab":
        (tmp_path / f"{city}.json").write_text('{"L": ["A", "B", "C"]}', encoding="utf-8")
    job = Job(order=ORDER, paths=find_networks([tmp_path]), base=tmp_path)
    first = job.fingerprint
    assert first == replace(job).fingerprint
    (tmp_path / "b.json").write_text('{"L": ["A", "B", "D"]}', encoding="utf-8")
    assert job.fingerprint != first


def test_two_runs_do_not_write_the_same_file_at_once(job: Job, tmp_path: Path) -> None:
    out = tmp_path / "q.jsonl"

    def again(_: int) -> None:
        with pytest.raises(RecordError, match="an output that no other run is writing"):
            write_questions(job, out)

    write_questions(job, out, done=again)
    assert out.exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_broken_network_among_many_leaves_nothing_behind(
    job: Job, tmp_path: Path, workers: int
) -> None:
    broken = tmp_path / "town.json"
    broken.write_text('{"L": 3}', encoding="utf-8")
    (tmp_path / "out").mkdir()
    bad = replace(job, paths=(*job.paths[:30], broken, *job.paths[30:]))
    with pytest.raises(RecordError, match=r"town\.json: .*L: found 3"):
        write_questions(bad, tmp_path / "out" / "q.jsonl", workers=workers)
    assert [*(tmp_path / "out").iterdir()] == []


def test_a_city_that_comes_twice_is_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / "land").mkdir(parents=True)
        (tmp_path / folder / "land" / "town.json").write_text('{"L": ["A", "B"]}')
    paths = find_networks([tmp_path / "one", tmp_path / "two"])
    job = Job(order=ORDER, paths=paths, base=tmp_path)
    with pytest.raises(RecordError, match=r"two/land/town.json: city: found 'land/town', expected"):
        write_questions(job, tmp_path / "q.jsonl")


# Levels.


def about(question: Question) -> tuple[str, str, frozenset[str | None]]:
    line = question.line if question.station_2 is None else None
    return (
        question.country,
        question.city,
        frozenset((question.station_1, question.station_2, line)),
    )


def test_the_three_levels_are_new_pairs_new_cities_and_new_types(job: Job, tmp_path: Path) -> None:
    test = places_of(job.paths, share=0.2, seed=4)
    assert len(test) == round(MAPS / 5)
    unseen = ("ChoiceNextStop",)
    levels = replace(job, sides=Levels(test, unseen, 0.2, 4))
    asked = write_questions(levels, tmp_path / "q.jsonl", workers=2)
    files = {name: [*read(Question, tmp_path / f"q.{name}.jsonl")] for name in asked.counts}
    assert {name: len(questions) for name, questions in files.items()} == asked.counts
    cities = {name: {(q.country, q.city) for q in qs} for name, qs in files.items()}
    assert cities["level1"] <= cities["train"]
    assert cities["level2"] == set(test)
    assert cities["level3"] <= set(test)
    assert not cities["train"] & set(test)
    trained = {about(q) for q in files["train"]}
    assert trained.isdisjoint(about(q) for q in files["level1"])
    types = {name: {q.type for q in questions} for name, questions in files.items()}
    assert types["train"] == types["level2"] == set(QUESTION_TYPES)
    assert types["level1"] == set(QUESTION_TYPES) - {"Counting3"}
    assert types["level3"] == set(unseen)
    share = len(files["level1"]) / (len(files["level1"]) + len(files["train"]))
    assert 0.15 < share < 0.25
    yes = Counter(q.answer for q in files["level1"] if q.type == "TorF1")
    assert abs(yes[0] - yes[1]) < 0.3 * yes.total()
