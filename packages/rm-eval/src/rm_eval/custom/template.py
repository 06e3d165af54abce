"""The prompt of a task of one's own: a harness's, or a template with names in braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, TypeAlias

from rm_eval.benchmarks.choice import plain_prompt, vlmevalkit_prompt
from rm_eval.item import Form

NAMES: Final = ("question", "options", "hint", "category", "leaf", "index")
_HOLE: Final = re.compile(r"\{\{|\}\}|\{(column:[^{}]+|[A-Za-z_]\w*)\}")
_LETTER: Final = "Answer with the option's letter from the given choices directly."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prompt is made of: the texts of a row by `NAMES`, its options, all its cells."""

    texts: Mapping[str, str]
    options: Mapping[str, str]
    cells: Mapping[str, object]


Prompt: TypeAlias = Callable[[Asked], str]


def prompt_of(text: str, form: Form) -> Prompt:
    r"""The prompt that a task file names or spells.

    `vlmevalkit` and `lmms-eval` are those of the harnesses for choices and texts, `question` is the
    question as it stands. In a template `{question}`, `{options}` (one a line, `A. red`), `{hint}`,
    `{category}`, `{leaf}`, `{index}` and `{column:NAME}` are filled in; `{{` and `}}` are braces,
    and so is `\boxed{}`, which names nothing.

    Raises:
        ValueError: With what was expected, if it is none of these.
    """
    known = {"question": _question, **_of_harnesses(form)}
    if text in known:
        return known[text]
    names = {found[1] for found in _HOLE.finditer(text) if found[1]}
    if not names & {"question"} and not any(name.startswith("column:") for name in names):
        listed = ", ".join(known)
        raise ValueError(f"one of {listed}, or a template that holds {{question}}")
    for name in sorted(names):
        if name not in NAMES and not name.startswith("column:"):
            raise ValueError(_unknown(name))
    return lambda asked: _HOLE.sub(lambda found: _filled(found, asked), text)


def _of_harnesses(form: Form) -> dict[str, Prompt]:
    if form == "choice":
        return {
            "vlmevalkit": lambda a: vlmevalkit_prompt(
                a.texts["question"], a.options, a.texts["hint"]
            ),
            "lmms-eval": lambda a: plain_prompt(a.texts["question"], a.options, _LETTER),
        }
    endings = {
        "vlmevalkit": "Answer the question using a single word or phrase.",
        "lmms-eval": "Answer the question with a single word.",
    }
    if form != "text":
        return {}
    return {name: _ending(ending) for name, ending in endings.items()}


def _ending(ending: str) -> Prompt:
    return lambda asked: f"{asked.texts['question']}\n{ending}"


def _question(asked: Asked) -> str:
    return asked.texts["question"]


def _filled(found: re.Match[str], asked: Asked) -> str:
    name = found[1]
    if not name:
        return found[0][0]
    if name == "options":
        return "\n".join(f"{letter}. {text}" for letter, text in asked.options.items())
    column = name.removeprefix("column:")
    if column == name:
        return asked.texts[name]
    value = asked.cells.get(column)
    return "" if value is None else str(value)


def _unknown(name: str) -> str:
    close = get_close_matches(name, NAMES, n=1)
    hint = f"did you mean {{{close[0]}}}? " if close else ""
    known = ", ".join(f"{{{one}}}" for one in NAMES)
    return (
        f"some of {known}, {{column:NAME}}, but not {{{name}}}; {hint}Braces that stand for "
        f"themselves are written twice: {{{{{name}}}}}"
    )
