"""The main job on an embedded default: maps -> questions -> GRPO -> evaluation -> one page.

Runs the command lines of the five packages one after the other and prints each, so that every step
can be repeated by hand. No network, no GPU. `make demo`, or `hatch run demo`; `--short` for a run
that only shows that all parts work.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rm_train.embedded import checkpoint_path

MARKER = ".rm-demo"
PER_MAP = "TorF1=1,TorF2=1,Counting1=1,Counting2=1,Counting3=1,planning=20"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the run is."""

    maps: int
    test_share: float
    steps: int  # 0: once through the curriculum


FULL = Size(maps=400, test_share=0.25, steps=0)
SHORT = Size(maps=24, test_share=0.25, steps=6)


def main() -> int:
    """Run every step; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/demo"), help="where all of it goes")
    parser.add_argument("--seed", type=int, default=0, help="seed of maps, order and samples")
    parser.add_argument("--short", action="store_true", help="six steps: do all parts work?")
    chosen = parser.parse_args()
    size = SHORT if chosen.short else FULL
    began = time.monotonic()
    try:
        clear(chosen.out)
        for title, command in steps(chosen.out, chosen.seed, size):
            code = run(title, command)
            if code:
                return code
    except OSError as error:
        print(f"demo: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted; it starts anew the next time", file=sys.stderr)
        return 130
    print(f"\nDone in {time.monotonic() - began:.0f} s. To look at:")
    for name in ("report.html", "train/curves.png", "train/samples.jsonl", "eval/after/report.md"):
        print(f"  {chosen.out / name}")
    return 0


def clear(out: Path) -> None:
    """An empty folder for the run, in place of an earlier demo; never of anything else.

    Raises:
        OSError: If the folder holds other things, or cannot be written.
    """
    if out.exists():
        if any(out.iterdir()) and not (out / MARKER).exists():
            raise FileExistsError(17, "not a folder of an earlier demo; choose another --out", out)
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARKER).touch()


def steps(out: Path, seed: int, size: Size) -> list[tuple[str, list[str]]]:
    """The commands, each with a line that says what it does."""
    maps, questions = str(out / "maps"), out / "questions.jsonl"
    train, test = questions.with_suffix(".train.jsonl"), questions.with_suffix(".test.jsonl")
    before, after, blind = (str(out / "eval" / name) for name in ("before", "after", "blind"))
    bench = ["rm-eval", "bench", "--data", str(test), "--max-new-tokens", "32"]
    bench += ["--batch-size", "100"]
    trained = str(out / "train" / "model")
    return [
        (
            "Synthetic cities, drawn",
            ["rm-data", "maps", "--out", maps, "--count", str(size.maps), "--seed", str(seed),
             "--style", "compact"],
        ),
        (
            "Questions with exact truth; a quarter of the cities is kept for the test",
            ["rm-data", "questions", maps, "--maps", maps, "--out", str(questions), "--seed",
             str(seed), "--per-map", PER_MAP, "--transfers", "0-1", "--split", "city",
             "--test-share", str(size.test_share)],
        ),
        ("What will be asked when", ["rm-curriculum", "show", str(train), "--seed", str(seed)]),
        ("Before training", [*bench, "--model", str(checkpoint_path()), "--out", before]),
        (
            "GRPO through the curriculum",
            ["rm-train", "run", "--preset", "embedded", "--questions", str(train), "--out",
             str(out / "train"), "--seed", str(seed), "--max-steps", str(size.steps)],
        ),
        (
            "After training, on cities never trained on",
            [*bench, "--model", trained, "--out", after],
        ),
        ("The control: the same without pictures",
         [*bench, "--model", trained, "--blind", "--out", blind]),
        (
            "One page",
            ["rm-train", "report", str(out / "train"), "--eval", f"before={before}", "--eval",
             f"after={after}", "--eval", f"blind={blind}", "--html", str(out / "report.html")],
        ),
        (
            "Accuracy on cities never trained on: before, after, and after without pictures",
            ["rm-eval", "compare", before, after, blind],
        ),
    ]  # fmt: skip


def run(title: str, command: Sequence[str]) -> int:
    """One command, printed before it runs; gives its exit code."""
    print(f"\n== {title}\n$ {' '.join(command)}", flush=True)
    scripts = Path(sys.executable).parent
    began = time.monotonic()
    code = subprocess.run(
        [str(scripts / command[0]), *command[1:]],
        check=False,
        stdout=subprocess.DEVNULL if "bench" in command else None,  # it is in its report.md
        env={**os.environ, "OMP_NUM_THREADS": "1"},  # faster than two for a model of this size
    ).returncode
    print(f"({time.monotonic() - began:.0f} s)", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
