"""Can a score be what it is said to be? A share of N questions is k / N for a whole k."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.published.definitions import Definition

_MOST_STEPS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Claim:
    """A score in % as it is printed: `80.10` says more than `80.1`."""

    text: str
    value: Fraction
    decimals: int

    @classmethod
    def read(cls, text: str) -> Claim:
        """The claim of a number such as `80.10` or `80.10 %`.

        Raises:
            EvalError: If it is no number from 0 to 100 in plain digits.
        """
        digits = text.strip().removesuffix("%").strip()
        whole, _, decimals = digits.partition(".")
        if not (whole.isascii() and whole.isdigit()) or not (
            not decimals or (decimals.isascii() and decimals.isdigit())
        ):
            raise EvalError(f"score: found {text!r}, expected a number in % such as 80.10")
        value = Fraction(digits.removesuffix("."))
        if value > 100 or len(decimals) > 9:
            raise EvalError(
                f"score: found {text!r}, expected 0 to 100, in %, with 9 decimals at most"
            )
        return cls(digits, value, len(decimals))


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a claim can be a share of that total.

    Attributes:
        definition: What it is a share of.
        fits: The shares that are printed like the claim, as (numerator, %); empty if none is.
        nearest: The nearest possible shares below and above, likewise; those in `fits` apart.
        chance: Which part of all numbers with so many decimals is a possible share: near 1 the
            check says nothing.
    """

    definition: Definition
    fits: tuple[tuple[float, float], ...]
    nearest: tuple[tuple[float, float], ...]
    chance: float


def check_claim(claim: Claim, definition: Definition) -> Finding:
    """Compare a printed score with the possible ones, rounded to nearest, halves either way.

    Example:
        >>> check_claim(Claim.read("60.97"), Definition("a map", "overall", Fraction(807))).fits
        ((492.0, 60.966542750929364),)
    """
    steps = definition.steps
    half = Fraction(1, 2 * 10**claim.decimals)
    scale = Fraction(steps, 100)
    first = max(0, ceil((claim.value - half) * scale))
    last = min(steps, floor((claim.value + half) * scale))
    fitting = [k for k in range(first, min(last, first + 10) + 1) if _possible(definition, k)]
    below, above = first - 1, last + 1
    while below >= 0 and not _possible(definition, below):
        below -= 1
    while above <= steps and not _possible(definition, above):
        above += 1
    near = [k for k in (below, above) if 0 <= k <= steps]
    return Finding(
        definition,
        tuple(_share(definition, k) for k in fitting),
        tuple(_share(definition, k) for k in near),
        _chance(definition, claim.decimals),
    )


def _possible(definition: Definition, k: int) -> bool:
    """Weights are 1 or more, so that 0.5 of the sum can be neither gained nor missed."""
    if not definition.weighted:
        return True
    gained = k * definition.step
    return all(part == 0 or part >= 1 for part in (gained, definition.total - gained))


def _share(definition: Definition, k: int) -> tuple[float, float]:
    return float(k * definition.step), float(Fraction(100 * k, definition.steps))


@cache
def _chance(definition: Definition, decimals: int) -> float:
    printed = 100 * 10**decimals
    if definition.steps >= printed or definition.steps > _MOST_STEPS:
        return 1.0
    seen: set[int] = set()
    for k in range(definition.steps + 1):
        if _possible(definition, k):
            exact = Fraction(k * printed, definition.steps)
            seen.update({ceil(exact - Fraction(1, 2)), floor(exact + Fraction(1, 2))})
    return len(seen) / (printed + 1)
