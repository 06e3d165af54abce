"""Which question is asked again in which view: `pairs.jsonl`, as `rm-data views` writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from rm_rewards import RecordError
from rm_rewards.jsonl import read


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPair:
    """A question and its view.

    Attributes:
        question, view: The ids of both.
        kind: As in `rm_data.views.KINDS`.
        lines: What the lines of the question's map are called in the view, where names changed.
        back: Whether origin and destination are exchanged.
        same: Whether the right answer is the same, but for `lines` and `back`.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    question: str
    view: str
    kind: str
    lines: dict[str, str] = field(default_factory=dict[str, str])
    back: bool = False
    same: bool = True


def read_pairs(path: Path) -> tuple[ViewPair, ...]:
    """The pairs of a file, in its order.

    Raises:
        RecordError: At a line that is no pair, or for a file without any.
        OSError: If the file cannot be read.
    """
    found = tuple(read(ViewPair, path))
    if not found:
        raise RecordError("file", "no pairs", "at least one line", where=str(path))
    return found
