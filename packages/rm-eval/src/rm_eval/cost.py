"""Tokens and what they cost: of a run, and while it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rm_eval.ahead import AHEAD, Made
from rm_eval.errors import EvalError
from rm_eval.journal import BATCHES, COMPLETIONS, Batch
from rm_rewards import Completion, jsonl

_MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Numbers of tokens; None where a backend did not tell them all.

    Attributes:
        prompt: Of the prompts, pictures included.
        visual: Of the pictures alone.
        cached: Of the prompts, not computed anew.
        new: Of the replies.
    """

    prompt: int | None = 0
    visual: int | None = 0
    cached: int | None = 0
    new: int | None = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            prompt=_sum(self.prompt, other.prompt),
            visual=_sum(self.visual, other.visual),
            cached=_sum(self.cached, other.cached),
            new=_sum(self.new, other.new),
        )

    def told(self) -> str:
        """Those that are known, in words."""
        named = {
            "in prompts": self.prompt,
            "of them in pictures": self.visual,
            "from the cache": self.cached,
            "in replies": self.new,
        }
        return ", ".join(f"{count:,} {name}" for name, count in named.items() if count is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run took.

    Attributes:
        tokens: In all.
        types: By question type. `cached` is known of batches alone, so it is None here.
        cost: By the prices that were given; None without prices, or where tokens are not known.
    """

    tokens: Tokens
    types: dict[str, Tokens]
    cost: float | None

    def lines(self) -> Iterator[str]:
        """The same as lines of a list in markdown."""
        told = self.tokens.told()
        if told:
            yield f"- tokens: {told}"
        if told and len(self.types) > 1:
            yield from (f"  - {kind}: {tokens.told()}" for kind, tokens in self.types.items())
        if self.cost is not None:
            yield f"- cost {self.cost:.4f}"


class Priced(Protocol):
    """The part of a run's settings that says what tokens cost."""

    @property
    def price_in(self) -> float | None:
        """Of a million tokens of prompts."""
        ...

    @property
    def price_out(self) -> float | None:
        """Of a million tokens of replies."""
        ...

    @property
    def budget(self) -> float | None:
        """The most that may be spent."""
        ...


class OverBudget(EvalError):  # noqa: N818 - says what would happen
    """A run that was stopped before it could cost more than it may."""


def check_prices(settings: Priced) -> None:
    """Refuse prices that cannot be reckoned with.

    Raises:
        EvalError: Naming the setting, the value and what was expected.
    """
    for name in ("price_in", "price_out", "budget"):
        value: float | None = getattr(settings, name)
        if value is not None and not 0 <= value < float("inf"):
            raise EvalError(f"{name}: found {value}, expected 0 or more")
    if (settings.price_in is None) != (settings.price_out is None):
        raise EvalError("price_in, price_out: found one of them, expected both or none")
    if settings.budget is not None and settings.price_in is None:
        raise EvalError("budget: found it without price_in and price_out, expected them as well")


def cost_of(tokens: Tokens, settings: Priced) -> float | None:
    """What so many tokens cost; None without prices, or where they are not known."""
    if settings.price_in is None or settings.price_out is None:
        return None
    if tokens.prompt is None or tokens.new is None:
        return None
    return (tokens.prompt * settings.price_in + tokens.new * settings.price_out) / _MILLION


class Spent:
    """What the replies of a run took, counted as they are read back."""

    def __init__(self) -> None:
        self._types: dict[str, Tokens] = {}

    def add(self, kind: str, *, prompt: int | None, visual: int | None, new: int | None) -> None:
        """One reply to a question of that type."""
        made = Tokens(prompt=prompt, visual=visual, cached=None, new=new)
        self._types[kind] = self._types.get(kind, Tokens()) + made

    def usage(self, batches: Iterable[Batch], settings: Priced) -> Usage:
        """What all of them took.

        Args:
            batches: The batches that they came in.
            settings: Those of the run, for its prices.
        """
        counted, whole = _of_batches(batches), sum(self._types.values(), Tokens())
        tokens = Tokens(
            prompt=counted.prompt, visual=whole.visual, cached=counted.cached, new=whole.new
        )
        return Usage(tokens=tokens, types=dict(self._types), cost=cost_of(tokens, settings))


def tokens_in(folder: Path) -> Tokens:
    """The tokens of all replies that a run folder holds; a last line may be cut off."""
    found = _of_batches(jsonl.parse(Batch, *line) for line in _whole(folder / BATCHES))
    taken: set[str] = set()
    for line in _whole(folder / COMPLETIONS):
        completion = jsonl.parse(Completion, *line)
        found += Tokens(new=completion.tokens)
        taken.add(completion.question_id)
    for line in _whole(folder / AHEAD):
        made = jsonl.parse(Made, *line)
        if made.question_id not in taken:
            found += Tokens(prompt=made.reply.prompt_tokens, new=made.reply.tokens)
    return found


class Purse:
    """What has been spent, over all runs of a command and their earlier sittings.

    Args:
        settings: Say the prices and the budget.
        folders: The run folders; what they hold already has been paid for.
    """

    def __init__(self, settings: Priced, folders: Iterable[Path] = ()) -> None:
        self._settings = settings
        priced = settings.price_in is not None
        held = (tokens_in(folder) for folder in folders) if priced else ()
        self._tokens = sum(held, Tokens())

    @property
    def spent(self) -> float | None:
        """So much; None without prices, or where tokens are not known."""
        return cost_of(self._tokens, self._settings)

    def pay(self, tokens: Tokens) -> None:
        """Count these as well."""
        self._tokens += tokens

    def allows(self, questions: int, *, prompt: int, reply: int) -> bool:
        """Whether so many more questions cost no more than is left, whatever is replied.

        Args:
            questions: How many.
            prompt: Tokens of the longest prompt so far; 0 where none is known, and then one
                question alone is allowed, to learn from.
            reply: Most tokens of a reply.

        Raises:
            EvalError: If the backend does not tell its tokens, so that no budget can be kept.
        """
        budget, spent = self._settings.budget, self.spent
        if budget is None:
            return True
        if spent is None:
            raise EvalError(
                "budget: cannot be kept, since the backend does not tell the tokens of prompts and "
                "replies; leave it out to go on"
            )
        worst = cost_of(Tokens(prompt=prompt, new=reply), self._settings) or 0.0
        return spent + questions * worst <= budget and (bool(prompt) or questions == 1)

    def over(self, answered: int, total: int) -> OverBudget:
        """The error that says where it stopped."""
        return OverBudget(
            f"budget: {self.spent or 0.0:.4f} of {self._settings.budget:g} spent, and one more "
            f"question may cost more than is left; {answered} of {total} questions are "
            "answered, the same command with a higher --budget goes on"
        )


def _of_batches(batches: Iterable[Batch]) -> Tokens:
    found = Tokens()
    for batch in batches:
        found += Tokens(prompt=batch.prompt_tokens, cached=batch.cached_tokens)
    return found


def _whole(file: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file that have their end, each with its place."""
    if not file.is_file():
        return
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if line.endswith(b"\n"):
                yield line.decode(), f"{file}:{number}"


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
