"""A benchmark out of a Python file, which is run: only for a file that the user trusts."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import ParamSpec, TypeVar

from rm_eval.benchmarks.benchmark import Benchmark
from rm_eval.errors import EvalError
from rm_eval.extractors.extraction import Extraction, Protocol
from rm_rewards import RecordError

P = ParamSpec("P")
T = TypeVar("T")


def run_file(content: bytes, file: str, sha256: str, wanted: str = "") -> tuple[str, Benchmark]:
    """Run the bytes of a Python file, and give the `Benchmark` that it defines with its name there.

    Args:
        content: The very bytes that were hashed and copied.
        file: As messages name it.
        sha256: Of the bytes; the module is named by it.
        wanted: Which of its benchmarks; empty where there is one only.

    Raises:
        EvalError: If the file fails, or defines no such benchmark.
    """
    module = ModuleType(f"rm_eval_task_{sha256[:16]}")
    module.__file__ = file
    sys.modules[module.__name__] = module  # where dataclasses look their annotations up
    try:
        exec(compile(content, file, "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise EvalError(f"{_place(error, file)}: {type(error).__name__}: {_line(error)}") from None
    held = {name: one for name, one in vars(module).items() if isinstance(one, Benchmark)}
    if wanted and wanted not in held:
        raise EvalError(f"{file}: no Benchmark named {wanted}; it defines {_named(held)}")
    if not wanted and len(held) != 1:
        way = f"; name one as {file}:NAME" if held else ": NAME = Benchmark(...)"
        raise EvalError(f"{file}: defines {_named(held)}, expected one Benchmark{way}")
    name = wanted or next(iter(held))
    return name, _watched(held[name], file, name)


def _watched(benchmark: Benchmark, file: str, name: str) -> Benchmark:
    """The benchmark with its functions' failures told in one line, and their results looked at."""
    protocol = benchmark.protocol
    if protocol is None:
        raise EvalError(f"{file}: {name}: protocol: found None, expected a Protocol(read, right)")
    read = _told(protocol.read, file, Extraction)
    right = _told(protocol.right, file, bool)
    return replace(
        benchmark,
        entries=_told(benchmark.entries, file, Sequence),
        measures=_told(benchmark.measures, file, Sequence),
        protocol=Protocol(read, right),
    )


def _told(function: Callable[P, T], file: str, wanted: type) -> Callable[P, T]:
    def called(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            found = function(*arguments, **named)
        except (EvalError, RecordError):
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {_line(error)}"
            raise EvalError(f"{_place(error, file)}: {reason}") from None
        if not isinstance(found, wanted):
            name = getattr(function, "__name__", "a function")
            told = f"found {str(found)[:40]!r}, expected {wanted.__name__}"
            raise EvalError(f"{file}: {name}: {told}")
        return found

    return called


def _named(held: dict[str, Benchmark]) -> str:
    return ", ".join(held) or "none"


def _place(error: BaseException, file: str) -> str:
    if isinstance(error, SyntaxError):
        return f"{file}:{error.lineno}"
    lines = [
        one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == file
    ]
    return f"{file}:{lines[-1]}" if lines else file


def _line(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return " ".join(text.split())[:200]
