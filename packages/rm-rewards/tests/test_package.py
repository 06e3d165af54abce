import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import rm_rewards
from rm_rewards import Leg, Question, network, route_text, score, scoring, specs
from rm_rewards.jsonl import read_network
from rm_rewards.reasons import MEANINGS, meaning

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_importing_the_package_loads_the_standard_library_only() -> None:
    program = (
        "import sys; before = set(sys.modules); import rm_rewards; "
        "asked = rm_rewards.Question(id='q', type='Counting2', question='?', answer=8);"
        "rm_rewards.score(asked, '8');"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(*sorted(new - set(sys.stdlib_module_names) - {'rm_rewards'}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_importing_the_package_is_quick() -> None:
    limit_s = 0.045  # the bar is 0.03 s of a processor; the one that runs this may be shared

    def seconds(program: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare, loaded = (min(seconds(p) for _ in range(7)) for p in ("pass", "import rm_rewards"))
    assert loaded - bare < limit_s


def test_importing_the_package_loads_nothing_that_scores() -> None:
    program = (
        "import sys; import rm_rewards; assert 'score' in dir(rm_rewards); "
        "print(*(name for name in sys.modules if name.startswith('rm_rewards.')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert sorted(run.stdout.split()) == [
        f"rm_rewards.{name}" for name in ("answer_form", "difficulty", "gold", "records")
    ]


def test_a_name_that_comes_later_is_the_one_of_its_module() -> None:
    assert rm_rewards.score is scoring.score
    assert rm_rewards.RewardSpec is specs.RewardSpec
    assert rm_rewards.Network is network.Network
    with pytest.raises(AttributeError, match="no attribute 'scroe'"):
        getattr(rm_rewards, "scroe")  # noqa: B009 - a type checker would refuse the plain form


def test_the_front_door_holds_what_it_says() -> None:
    assert sorted(rm_rewards.__all__, key=str.casefold) == sorted(
        set(rm_rewards.__all__), key=str.casefold
    )
    assert all(hasattr(rm_rewards, name) for name in rm_rewards.__all__)


def test_the_readme_explains_every_reason() -> None:
    reasons = README.partition("## Reasons")[2]
    rows = dict(re.findall(r"^\| `([a-z_:A-Z]+)` \| (.+?) \|$", reasons, re.MULTILINE))
    assert rows == {code: text.replace("|", r"\|") for code, text in MEANINGS.items()}


def test_every_code_that_is_given_has_a_meaning() -> None:
    network = read_network(Path(__file__).parent / "data/demo.json")
    trip = Question(id="q", type="planning", question="?", station_1="Alpha", station_2="Hotel")
    leg = Leg(route_name="x", departure_stop="y", arrival_stop="z")
    texts = ["", "<think>", "<think>a</think>", route_text((leg, leg)), "Route Name: 1"]
    codes = {code for text in texts for code in score(trip, text, network=network).reasons}
    codes |= set(
        score(Question(id="q", type="Riddle", question="?"), "", reward="reference").reasons
    )
    assert codes
    assert all(meaning(code) for code in codes)
    assert meaning("nonsense") == ""


def test_the_example_of_the_readme_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        run = subprocess.run(
            [sys.executable, "-c", block], capture_output=True, text=True, check=True, cwd=ROOT
        )
        expected = re.findall(r"# -> (.+)", block)
        assert run.stdout.split("\n")[:-1] == expected
