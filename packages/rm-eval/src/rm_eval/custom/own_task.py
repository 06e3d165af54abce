"""A task of one's own, and the copy of its file that travels with the questions.

A prepared folder and a run folder hold `task.yaml` or `task.py`, and in `source.json` its SHA-256,
so that replies are graded by the same file later. A YAML file is read wherever it is found. A
Python file is code: one that lies in a folder runs only if the user passed the same file, or said
that the folder's is to be trusted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast, get_args

from rm_eval.atomic import write_text
from rm_eval.benchmarks import BENCHMARKS, Benchmark
from rm_eval.custom.declaration import read_declaration
from rm_eval.custom.declared import benchmark_of
from rm_eval.custom.python_file import run_file
from rm_eval.custom.rules import reading_also
from rm_eval.errors import EvalError
from rm_eval.extractors import Extractor, extractors_named
from rm_eval.item import Form
from rm_eval.tasks import TASKS

SOURCE: Final = "source.json"
OWN: Final = "task-file"
"""The extractor that grades as the task file says, beside those of `EXTRACTORS`."""

_COPIES: Final = {".yaml": "task.yaml", ".yml": "task.yaml", ".py": "task.py"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTask:
    """A task of one's own.

    Attributes:
        benchmark: What the file defines.
        content: The file, byte for byte.
        copy: How its copy is called: `task.yaml` or `task.py`.
        defined_as: The name of the benchmark in a Python file; empty for YAML.
        rows: The file of rows that a YAML file names, or None.
        forms: What its answers may look like.
    """

    benchmark: Benchmark
    content: bytes
    copy: str
    defined_as: str = ""
    rows: Path | None = None
    forms: tuple[Form, ...] = get_args(Form)

    @property
    def name(self) -> str:
        """The task, which is the type of its questions."""
        return self.benchmark.name

    @property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def version(self) -> str:
        """What graded a reply: the task and the beginning of its file's hash."""
        return f"{self.name}@{self.sha256[:12]}"

    @property
    def grader(self) -> Extractor:
        """What reads and judges as the file says."""
        protocol = self.benchmark.protocol
        tasks = {} if protocol is None else {self.name: protocol}
        return Extractor(OWN, f"{self.copy}, SHA-256 {self.sha256[:12]}", tasks)

    def record(self) -> dict[str, str]:
        """What `source.json` and the manifest say of it."""
        return {
            "task": self.name,
            "file": self.copy,
            "sha256": self.sha256,
            "defined_as": self.defined_as,
            "clusters": self.benchmark.clusters,
        }

    def write(self, folder: Path) -> None:
        """Put the copy there; `source.json` is to hold `record()`."""
        (folder / self.copy).write_bytes(self.content)

    def travel(self, prepared: Path, run: Path) -> None:
        """Take the task file and `source.json` along into a run folder."""
        self.write(run)
        write_text((prepared / SOURCE).read_text("utf-8"), run / SOURCE)

    def readers(self, extractor: str) -> tuple[Extractor, ...]:
        """What scores the task: `task-file` as its file says, further extractors by their names.

        Raises:
            EvalError: If there is no such extractor.
        """
        if extractor == OWN:
            return (self.grader,)
        named = [reading_also(one, self.name, self.forms) for one in extractors_named(extractor)]
        return (self.grader, *named) if extractor == "all" else tuple(named)


@dataclass(frozen=True, slots=True)
class Trust:
    """What of a folder's own task files may run.

    Attributes:
        given: Tasks that the user passed; the folder's own Python file may run if it is one.
        code: Run the Python file of any folder.
    """

    given: tuple[OwnTask, ...] = ()
    code: bool = False


NO_TRUST: Final = Trust()
"""Read YAML, run nothing."""


def is_task_file(text: str) -> bool:
    """Whether that names a task file and no built-in task: `FILE.yaml`, `FILE.py`, `FILE.py:NAME`.

    Example:
        >>> is_task_file("colours.yaml"), is_task_file("tasks.py:COLOURS"), is_task_file("vstar")
        (True, True, False)
    """
    path, _ = _parted(text)
    return path.suffix.lower() in _COPIES


def read_task(text: str | Path) -> OwnTask:
    """The task in a file that the user named; a Python file is run.

    Raises:
        EvalError: If the file defines no task that can be used.
        OSError: If it cannot be read.
    """
    path, wanted = _parted(str(text))
    if path.suffix.lower() not in _COPIES:
        raise EvalError(f"{text}: expected a task file: FILE.yaml, FILE.py or FILE.py:NAME")
    return _read(path.read_bytes(), path, wanted)


def own_name(folder: Path) -> str:
    """The task that the folder was prepared for by a task file; empty if it is a built-in one.

    Nothing of the task file is read or run.
    """
    record = _recorded(folder)
    return "" if record is None else str(record.get("task") or "")


def asks_again(folder: Path) -> bool:
    """Whether that task asks each question in several orders, which are to be kept together."""
    record = _recorded(folder)
    return record is not None and record.get("clusters") == "question"


def carried_task(folder: Path, trust: Trust = NO_TRUST) -> OwnTask | None:
    """The task whose file travels with a folder; None if it holds a built-in benchmark.

    Args:
        folder: A prepared folder or a run.
        trust: What may run.

    Raises:
        EvalError: If the file is not there, is another one than it was, or is code that was not
            trusted.
        OSError: If it cannot be read.
    """
    record = _recorded(folder)
    if record is None:
        return None
    file = folder / _copy_named(record, folder)
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != record.get("sha256"):
        raise EvalError(
            f"{file}: has changed since the folder was made (SHA-256 {found[:12]}, recorded "
            f"{str(record.get('sha256'))[:12]}); put the old file back, or prepare the rows anew"
        )
    for given in trust.given:
        if given.sha256 == found:
            return given
        if given.name == record.get("task"):
            raise EvalError(
                f"{folder}: was made with another version of the task file (SHA-256 {found[:12]}, "
                f"passed {given.sha256[:12]}); prepare the rows anew, or leave --tasks-from away"
            )
    if file.suffix == ".py" and not trust.code:
        raise EvalError(
            f"{file}: is code, and is run only if you pass the same file by --tasks-from FILE.py, "
            "or trust the folder's own by --trust-task-code"
        )
    return _read(content, file, str(record.get("defined_as") or ""))


def _parted(text: str) -> tuple[Path, str]:
    path, colon, name = text.rpartition(":")
    if colon and path.lower().endswith(".py") and name.isidentifier():
        return Path(path), name
    return Path(text), ""


def _read(content: bytes, path: Path, wanted: str) -> OwnTask:
    copy = _COPIES[path.suffix.lower()]
    if copy == "task.yaml":
        declared = read_declaration(content, str(path), tuple(TASKS))
        rows = path.parent / declared.source.file if declared.source.file else None
        return OwnTask(
            benchmark=benchmark_of(declared),
            content=content,
            copy=copy,
            rows=rows,
            forms=(declared.form,),
        )
    sha256 = hashlib.sha256(content).hexdigest()
    name, benchmark = run_file(content, str(path), sha256, wanted)
    if benchmark.name in TASKS or benchmark.name in BENCHMARKS:
        raise EvalError(f"{path}: {name}: {benchmark.name!r} is a built-in task; take another name")
    return OwnTask(benchmark=benchmark, content=content, copy=copy, defined_as=name)


def _recorded(folder: Path) -> Mapping[str, object] | None:
    file = folder / SOURCE
    if not file.is_file():
        return None
    try:
        loaded: object = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise EvalError(f"{file}: not JSON: {error}") from None
    held = cast("dict[str, object]", loaded) if isinstance(loaded, dict) else {}
    record = held.get("task_file")
    if not isinstance(record, dict):
        return None
    return cast("dict[str, object]", record)


def _copy_named(record: Mapping[str, object], folder: Path) -> str:
    name = str(record.get("file"))
    if name not in _COPIES.values() or not (folder / name).is_file():
        known = " or ".join(dict.fromkeys(_COPIES.values()))
        raise EvalError(f"{folder}: no {known} there, which {SOURCE} says it was made with")
    return name
