"""rm-eval and lmms-eval on the same rows of ChartQA's form: replies, scores, time.

    .ci/lmms-eval

The pictures' sides are multiples of 28 within the bounds, so that neither harness scales them: they
scale by different code. lmms-eval 0.7.3 loads Qwen2.5-VL in bfloat16 whatever its weights are, so
rm-eval is told the same. A third of the answers are set to what the model says.
"""

import json
import random
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw
from tiny_world import tiny_model

ROWS: Final = 48
PIXELS: Final = (56 * 56, 224 * 224)
REPLY: Final = 16
TASK: Final = """
dataset_path: parquet
dataset_kwargs:
  data_files: {{test: {rows}}}
task: chartqa_here
test_split: test
output_type: generate_until
doc_to_visual: !function utils.chartqa_doc_to_visual
doc_to_text: !function utils.chartqa_doc_to_text
doc_to_target: answer
generation_kwargs: {{max_new_tokens: {reply}, temperature: 0, do_sample: false}}
process_results: !function utils.chartqa_process_results
metric_list:
  - {{metric: relaxed_overall, aggregation: mean, higher_is_better: true}}
  - {{metric: relaxed_human_split, aggregation: mean, higher_is_better: true}}
  - {{metric: relaxed_augmented_split, aggregation: mean, higher_is_better: true}}
lmms_eval_specific_kwargs:
  default: {{pre_prompt: "", post_prompt: "\\nAnswer the question with a single word."}}
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One harness: its replies in the order of the rows, its scores in %, and what it took."""

    replies: list[str]
    scores: dict[str, float]
    clock_s: float
    cpu_s: float


def main(work: Path) -> int:
    """Both harnesses; 1 if they differ."""
    model = tiny_model(work / "model")
    answers = [str(10 * number) for number in range(ROWS)]
    said = by_rm_eval(model, rows(work / "first.parquet", answers), work / "first").replies
    answers = [(n % 3 == 0 and said[n]) or answers[n] for n in range(ROWS)]
    file = rows(work / "rows.parquet", answers)
    found = {
        "rm-eval": by_rm_eval(model, file, work / "ours"),
        "lmms-eval 0.7.3": by_lmms_eval(model, file, work / "theirs"),
    }
    ours, theirs = found.values()
    same = sum(a == b for a, b in zip(ours.replies, theirs.replies, strict=True))
    print(
        f"{same} of {ROWS} replies are the same, {len(set(ours.replies))} differ among themselves"
    )
    for name, one in found.items():
        scores = ", ".join(f"{part} {score:.2f}" for part, score in one.scores.items())
        print(
            f"{name}: {scores} %; {one.clock_s:.1f} s by the clock, {one.cpu_s:.1f} s of CPU time"
        )
    return 0 if same == ROWS and ours.scores == theirs.scores else 1


def rows(file: Path, answers: list[str]) -> Path:
    """A file with the columns of ChartQA on the hub."""
    datasets: Any = import_module("datasets")
    text = datasets.Value("string")
    columns = {"type": text, "question": text, "answer": text, "image": datasets.Image()}
    halves = ("human_test", "augmented_test")
    made = {
        "type": [halves[number % 2] for number in range(ROWS)],
        "question": [f"How much is bar {number}?" for number in range(ROWS)],
        "answer": answers,
        "image": [picture(number) for number in range(ROWS)],
    }
    table = datasets.Dataset.from_dict(made, features=datasets.Features(columns))
    table.to_parquet(file)
    return file


def picture(number: int) -> Image.Image:
    chance = random.Random(number)
    width, height = (28 * chance.randint(3, 6) for _ in range(2))
    drawn = Image.new("RGB", (width, height), (chance.randrange(256), 200, 90))
    for _ in range(6):
        ends = [chance.randrange(min(width, height)) for _ in range(4)]
        ImageDraw.Draw(drawn).line(ends, fill=(chance.randrange(256), 0, 90), width=5)
    return drawn


def by_rm_eval(model: Path, file: Path, out: Path) -> Outcome:
    own = [sys.executable, "-c", "from rm_eval.cli import app; app()"]
    least, most = PIXELS
    prepare = [*own, "prepare", "chartqa", "--data", file, "--prompt", "lmms-eval"]
    bench = [*own, "bench", "--model", model, "--data", out / "data", "--out", out / "run"]
    bench += ["--dtype", "bfloat16", "--batch-size", 1, "--max-new-tokens", REPLY]
    bench += ["--min-pixels", least, "--max-pixels", most]
    again = [*own, "rescore", out / "run", "--extractor", "lmms-eval-75571cfe", "--format", "json"]
    began, cpu = time.perf_counter(), children()
    called([*prepare, "--out", out / "data"])
    called(bench)
    report: Any = json.loads(called(again))
    spent = time.perf_counter() - began, children() - cpu
    completions = (out / "run/completions.jsonl").read_text("utf-8").splitlines()
    measures: dict[str, float] = report["tasks"][0]["readings"][0]["measures"]
    scores = {part: round(100 * share, 6) for part, share in measures.items()}
    return Outcome([json.loads(line)["text"] for line in completions], scores, *spent)


def by_lmms_eval(model: Path, file: Path, out: Path) -> Outcome:
    task = out / "task"
    task.mkdir(parents=True)
    (task / "chartqa_here.yaml").write_text(TASK.format(rows=file, reply=REPLY), "utf-8")
    (task / "utils.py").write_text("from lmms_eval.tasks.chartqa.utils import *\n", "utf-8")
    least, most = PIXELS
    arguments = f"pretrained={model},device=cpu,device_map=cpu,min_pixels={least},max_pixels={most}"
    command = [sys.executable, "-m", "lmms_eval", "eval", "--model", "qwen2_5_vl"]
    command += ["--model_args", arguments, "--tasks", "chartqa_here", "--include_path", task]
    command += ["--batch_size", 1, "--log_samples", "--output_path", out / "run"]
    began, cpu = time.perf_counter(), children()
    called(command)
    spent = time.perf_counter() - began, children() - cpu
    samples = next((out / "run").rglob("*_samples_*.jsonl")).read_text("utf-8").splitlines()
    results: Any = json.loads(next((out / "run").rglob("*_results.json")).read_text("utf-8"))
    scored = results["results"]["chartqa_here"]
    names = {"all": "overall", "augmented": "augmented_split", "human": "human_split"}
    scores = {p: round(100 * scored[f"relaxed_{name},none"], 6) for p, name in names.items()}
    made = sorted((json.loads(line) for line in samples), key=lambda one: one["doc_id"])
    return Outcome([one["filtered_resps"] for one in made], scores, *spent)


def children() -> float:
    """CPU seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def called(command: list[Any]) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{command[:4]}: {done.stderr.decode()[-2000:]}")
    return done.stdout.decode()


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
