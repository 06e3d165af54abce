"""From a benchmark's rows to a folder that can be asked: questions, items and pictures.

The folder holds `questions.jsonl`, `items.jsonl`, `pictures/`, `networks/` and `source.json`. It
appears whole or not at all. Rows are read one at a time, so that a file of gigabytes needs no more
memory than its longest row.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from rm_eval.atomic import write_json
from rm_eval.benchmarks import BENCHMARKS, Benchmark, Style
from rm_eval.benchmarks.benchmark import Entry
from rm_eval.chosen_rows import check_version, chosen_files
from rm_eval.custom import OwnTask, is_task_file, read_task
from rm_eval.errors import EvalError
from rm_eval.item import ITEMS, Item
from rm_eval.sources.cells import Pictures
from rm_eval.sources.files import md5_of, read_rows
from rm_eval.sources.network_files import NetworkFiles
from rm_rewards import Question, jsonl

SOURCE: Final = "source.json"
PICTURES: Final = "pictures"
NETWORKS: Final = "networks"
QUESTIONS: Final = "questions.jsonl"

_ENOUGH: Final = 20  # rows: by chance alone all of them have one letter of four once in 10^11


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What was made.

    Attributes:
        task: The benchmark.
        prompt: Whose prompt.
        files: Each file of rows with its MD5.
        questions: How many questions.
        without_picture: How many have none and were left out, as VLMEvalKit leaves them out.
        as_published: Whether a file has the MD5 of the published one.
        task_file: Of a task of one's own the copy of its file, with its SHA-256; else None.
    """

    task: str
    prompt: Style
    files: Mapping[str, str]
    questions: int
    without_picture: int
    as_published: bool
    task_file: Mapping[str, str] | None = None


def prepare(
    task: str | OwnTask,
    source: str | Path | Sequence[Path] | None,
    out: str | Path,
    *,
    prompt: Style | None = None,
    any_version: bool = False,
    split: str | None = None,
) -> Prepared:
    """Make a folder of a benchmark's questions.

    Args:
        task: A name of `BENCHMARKS`, or a task file: `FILE.yaml`, `FILE.py`, `FILE.py:NAME`. A
            Python file is run.
        source: Its TSV, parquet or JSON-lines file, a folder with files of one of these kinds, or
            one that the `datasets` library saved; or the files; None takes the file that the task
            file names.
        out: A folder that is not there yet, or empty.
        prompt: Whose prompt; None takes that of the paper's harness.
        any_version: Take a TSV whose MD5 is not the published one.
        split: Which one, where the folder holds several; None takes the benchmark's.

    Raises:
        EvalError: If there is no such benchmark, prompt or split, a row or picture cannot be used,
            or the file is another version than the published one.
        OSError: If a file cannot be read or written.
    """
    own = read_task(task) if isinstance(task, str) and is_task_file(task) else task
    own, name = (None, own) if isinstance(own, str) else (own, own.name)
    benchmark = _benchmark(name) if own is None else own.benchmark
    style = _style(benchmark, prompt)
    target = Path(out)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise EvalError(f"{target}: is there already; take another --out")
    files = chosen_files(benchmark, own, source, split)
    sums = {str(file): md5_of(file) for file in files}
    as_published = check_version(benchmark, files, sums, any_version=any_version)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as made_in:
        beside = Path(made_in) / "made"
        (beside / PICTURES).mkdir(parents=True)
        questions, without = _written(benchmark, files, beside, style)
        made = Prepared(
            task=name,
            prompt=style,
            files=sums,
            questions=questions,
            without_picture=without,
            as_published=as_published,
            task_file=None if own is None else own.record(),
        )
        if own is not None:
            own.write(beside)
        write_json(asdict(made), beside / SOURCE)
        shutil.move(beside, _free(target))
    return made


def _style(benchmark: Benchmark, prompt: Style | None) -> Style:
    style = prompt or benchmark.styles[0]
    if style not in benchmark.styles:
        known = ", ".join(benchmark.styles)
        raise EvalError(f"prompt: found {style!r}, expected one of {known} for {benchmark.name}")
    return style


def _free(target: Path) -> Path:
    if target.is_dir():
        target.rmdir()  # empty, as was looked at
    return target


def _benchmark(task: str) -> Benchmark:
    if task not in BENCHMARKS:
        raise EvalError(f"task: found {task!r}, expected one of {', '.join(BENCHMARKS)}")
    return BENCHMARKS[task]


def _written(
    benchmark: Benchmark, files: tuple[Path, ...], folder: Path, style: Style
) -> tuple[int, int]:
    """Write questions and items; gives how many, and how many were left out."""
    pictures = Pictures(folder / PICTURES, files[0].parent)
    networks = NetworkFiles(folder / NETWORKS, files[0].parent)
    entries = list(_entries(benchmark, files, (pictures, networks), style))
    made = [_placed(entry, pictures.name(row), benchmark) for row, entry in entries]
    text_too = style in benchmark.text_alone
    kept = [(question, item) for question, item in made if text_too or question.figure is not None]
    if not kept:
        raise EvalError(f"{files[0]}: holds no row" + (" with a picture" if made else ""))
    items = [item for _, item in kept if item is not None]
    _check_shuffled(items, files[0])
    jsonl.write((question for question, _ in kept), folder / QUESTIONS)
    if items:
        jsonl.write(items, folder / ITEMS)
    return len(kept), len(made) - len(kept)


def _check_shuffled(items: Sequence[Item], file: Path) -> None:
    """Refuse rows whose right option always has the same letter, as in V*Bench's own files.

    A model that likes this letter is right without a look at the picture.
    """
    letters = [item.answer for item in items if item.form == "choice"]
    if len(letters) >= _ENOUGH and len(set(letters)) == 1:
        raise EvalError(
            f"{file}: the right option is {letters[0]} in each of {len(letters)} rows: take rows "
            "whose options were shuffled"
        )


def _entries(
    benchmark: Benchmark,
    files: tuple[Path, ...],
    beside: tuple[Pictures, NetworkFiles],
    style: Style,
) -> Iterator[tuple[str, Entry]]:
    """The entries of all rows, each with the index of its row.

    Pictures and networks are taken on the way.
    """
    pictures, networks = beside
    seen: dict[str, str] = {}
    unseen = set(benchmark.columns.values())
    for number, read in enumerate((row for file in files for row in read_rows(file)), start=1):
        row = read.renamed(number, benchmark.columns)
        unseen.difference_update(read.cells)
        index = row.optional("index") or f"row-{number}"
        pictures.take(index, row)
        for entry in benchmark.entries(row, style):
            identity = entry.question.id
            if identity in seen:
                raise EvalError(
                    f"{row.where}: index: found {identity.partition(':')[2]!r}, expected each "
                    f"once (first at {seen[identity]})"
                )
            seen[identity] = row.where
            yield index, _with_network(entry, networks, row.where)
    if unseen and seen:
        raise EvalError(f"{files[0]}: no row has a value in the column {min(unseen)!r}")


def _with_network(entry: Entry, networks: NetworkFiles, where: str) -> Entry:
    if entry.question.json is None:
        return entry
    name = networks.take(entry.question.json, where)
    return replace(entry, question=replace(entry.question, json=f"{NETWORKS}/{name}"))


def _placed(
    entry: Entry, picture: str | None, benchmark: Benchmark
) -> tuple[Question, Item | None]:
    figure = None if picture is None else f"{PICTURES}/{picture}"
    question = replace(entry.question, figure=figure)
    item = entry.item
    if item is None:
        return question, None
    if benchmark.clusters == "itself":
        return question, replace(item, id=question.id)
    told = picture or entry.stem or item.id
    if benchmark.clusters == "question":
        told = f"{picture}\n{entry.stem}"
    cluster = hashlib.sha256(told.encode()).hexdigest()[:16]
    return question, replace(item, id=question.id, cluster=cluster)
