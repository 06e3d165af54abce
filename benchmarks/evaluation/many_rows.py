"""Memory and CPU time of a run of many questions whose replies cost nothing.

    python benchmarks/evaluation/many_rows.py 1000000 FOLDER

FOLDER is made. The questions are about 40 pictures that take turns, so that nearly all replies are
made before their turn.
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.server_settings import Server
from rm_eval.dataset import load_dataset
from rm_eval.job import checked_job
from rm_eval.manifest import Model, Settings
from rm_eval.run import measure

PICTURES = 40
REPLY = Reply("\\boxed{3}", 4, "stop", 4, 40, 0, 0.01)


class Instant:
    """Answers whatever it is asked at once."""

    def __init__(self) -> None:
        self._asked: list[int] = []

    def begin(self, place: int, prompt: Prompt) -> None:
        del prompt
        self._asked.append(place)

    def finished(self) -> list[tuple[int, Reply]]:
        asked, self._asked = self._asked, []
        return [(place, REPLY) for place in asked]

    def abandon(self) -> None:
        self._asked = []

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        return [REPLY for _ in prompts]

    def close(self) -> None: ...


def write(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for number in range(PICTURES):
        Image.new("RGB", (56, 56), (number, 0, 0)).save(folder / f"map{number}.png")
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as out:
        for n in range(count):
            number = n % PICTURES
            row = {"id": f"q{n:07}", "type": "Counting2", "answer": 3 + n % 9}
            row["question"] = "How many stations does the line have? Answer in \\boxed{}."
            row |= {"figure": f"map{number}.png", "city": f"city{number}"}
            out.write(json.dumps({**row, "difficulty_city": "easy"}) + "\n")


def main() -> None:
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    write(folder, count)
    imports = _peak()
    settings = Settings(backend="openai", server=Server(), batch_size=64)
    job = checked_job("model", load_dataset(folder), settings, folder / "run")
    _tell(f"{count} questions read and checked", imports)
    model = Model(path="model", weights={}, files={"name": "model"}, repetition_penalty=1.0)
    measure(job, model=model, opened_by=lambda _: Instant())
    _tell("asked, graded and reported", imports)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(what: str, imports: float) -> None:
    peak, spent = _peak() - imports, time.process_time()
    print(f"{what}: {peak:.0f} MB above the imports' {imports:.0f}, {spent:.0f} s CPU so far")


if __name__ == "__main__":
    main()
