"""Can the processor put a question with a picture, and can a reply come to its end?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rm_train.doctor.finding import Finding, some_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """What a processor makes of a question with a picture.

    Attributes:
        pad, eos: The tokens, as text; None where there is none.
        stops: Tokens at which generation stops, as text.
        turn_end: The token that the template writes directly after the words of the assistant;
            empty where it writes none.
        placeholders: How often the picture's token stands in a templated prompt with one picture.
        token: The picture's token.
    """

    pad: str | None
    eos: str | None
    stops: tuple[str, ...]
    turn_end: str
    placeholders: int
    token: str


def dialogue_findings(found: Dialogue) -> Iterator[Finding]:
    """What keeps a question from being put, or a reply from ending."""
    yield from _ending(found)
    if found.pad is None:
        yield Finding(
            level="warning",
            code="pad-token",
            found="the tokenizer has no pad token",
            effect="the trainer pads with the eos token instead",
            way_out="set pad_token in tokenizer_config.json",
        )
    if found.placeholders != 1:
        few = found.placeholders < 1
        yield Finding(
            level="error",
            code="picture-token",
            found=f"the templated prompt of one picture holds {found.token!r} "
            f"{found.placeholders} times",
            effect="the model is asked without the map" if few else "tokens and pictures differ",
            way_out="use the chat template of the model's own instruct version",
        )


def _ending(found: Dialogue) -> Iterator[Finding]:
    end = f" ({found.turn_end!r})" if found.turn_end else ""
    if found.eos is None:
        yield Finding(
            level="error",
            code="eos-token",
            found="the tokenizer has no eos token",
            effect="no reply ever ends: each is cut off at max_completion_length",
            way_out=f"set eos_token in tokenizer_config.json to what ends a turn{end}",
        )
    elif found.turn_end and found.turn_end not in found.stops:
        yield Finding(
            level="warning",
            code="eos-token",
            found=f"the chat template ends the assistant's turn with {found.turn_end!r}, "
            f"generation stops at {some_of(found.stops)}",
            effect="a model that ends its turn as the template does goes on writing until it is "
            "cut off",
            way_out=f"set eos_token in tokenizer_config.json to {found.turn_end!r}",
        )


def broken_template_findings(fault: str) -> Iterator[Finding]:
    """A chat template that fails on a question with one picture.

    Args:
        fault: What it said.
    """
    yield Finding(
        level="error",
        code="chat-template",
        found=f"the chat template fails on a question with a picture: {fault}",
        effect="no question can be put to the model",
        way_out="use the chat template of the model's own instruct version",
    )


def quoted_token_findings(token: str, questions: Sequence[str]) -> Iterator[Finding]:
    """Questions whose own text holds the picture's token, for which there is no picture.

    Args:
        token: The picture's token.
        questions: The ids of such questions.
    """
    if questions:
        yield Finding(
            level="error",
            code="picture-token",
            found=f"the text of {len(questions)} questions holds {token!r} itself "
            f"({some_of(questions)})",
            effect="the processor looks for a second picture and fails in the middle of the run",
            way_out="leave the token out of the questions; each prompt gets its picture anyway",
        )


def arithmetic_findings(question: str, made: int, expected: int) -> Iterator[Finding]:
    """Whether the processor's real output is as long as its arithmetic says.

    Args:
        question: The id of the question that was tried.
        made: Tokens of its prompt as the processor makes it.
        expected: The same from the text and the size of the picture.
    """
    if made > expected:
        yield Finding(
            level="warning",
            code="prompt-length",
            found=f"question {question!r}: the processor makes a prompt of {made:,} tokens, text "
            f"and picture size say {expected:,}",
            effect="other prompts may be longer than they seem by as much",
            way_out="leave room for them in max_completion_length",
        )
