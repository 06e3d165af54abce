"""How the error level of a whole training is divided among the looks at it.

Each look asks the same questions again, of weights that go on from those of the look before. So
looks depend on one another in a way that nobody knows, and two usual tools do not hold: the
boundaries of Lan and DeMets, computed for data that grow by independent pieces, and e-processes,
which are martingales only if each look brings new data. What holds under any dependence is the
union bound: where look k may be wrong with probability a_k, all of them together are wrong with at
most a_1 + a_2 + ... So the spending functions are kept, and their increments are the levels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import e, log, pi, sqrt
from statistics import NormalDist
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from rm_eval.errors import EvalError

Spending: TypeAlias = Literal["open", "obrien-fleming", "pocock"]

LEAST: Final = 1e-9
"""A level below this is none: nothing that can be asked would reach it."""


def _obrien_fleming(share: float, alpha: float) -> float:
    reach = NormalDist().inv_cdf(1 - alpha / 2)
    return 2 * NormalDist().cdf(-reach / sqrt(share)) if share else 0.0


def _pocock(share: float, alpha: float) -> float:
    return alpha * log(1 + (e - 1) * share)


_SPENT: Final[Mapping[Spending, Callable[[float, float], float]]] = MappingProxyType(
    {"obrien-fleming": _obrien_fleming, "pocock": _pocock}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The level of a training, and how it is spent; to be fixed before the first look.

    Attributes:
        alpha: The chance of one or more wrong findings in the whole training, at most.
        spending: `open` needs no plan: look k gets alpha x 6 / (pi k)^2, whose sum over all k is
            alpha. The others divide alpha among `looks`, by the functions of Lan and DeMets (1983):
            `obrien-fleming` 2 - 2 Phi(z / sqrt(t)) keeps nearly all for the end, `pocock`
            alpha ln(1 + (e - 1) t) is spent almost evenly; t is the share of the looks.
        looks: How many are planned; None where it is open.
    """

    alpha: float = 0.05
    spending: Spending = "open"
    looks: int | None = None

    def check(self) -> None:
        """Refuse what cannot be spent.

        Raises:
            EvalError: Naming the setting.
        """
        if not 0 < self.alpha < 1:
            raise EvalError(f"alpha: found {self.alpha}, expected a number between 0 and 1")
        if self.spending == "open":
            if self.looks is not None:
                raise EvalError(f"looks: found {self.looks}, expected none with spending open")
        elif self.looks is None or self.looks < 1:
            raise EvalError(
                f"looks: found {self.looks}, expected the number of looks that are planned, which "
                f"spending {self.spending} divides the level among; or take open"
            )

    def level(self, look: int) -> float:
        """The level of a look, counted from 1; 0 once all that was planned is spent.

        Example:
            >>> [round(Budget().level(look), 4) for look in (1, 2, 3)]
            [0.0304, 0.0076, 0.0034]
        """
        if self.spending == "open":
            return self.alpha * 6 / (pi * look) ** 2
        planned = self.looks or 1
        if look > planned:
            return 0.0
        spent = _SPENT[self.spending]
        return spent(look / planned, self.alpha) - spent((look - 1) / planned, self.alpha)

    def adjusted(self, p: float, look: int) -> float:
        """That p, to be held against `alpha` in place of the look's level."""
        level = self.level(look)
        return 1.0 if level < LEAST else min(1.0, p * self.alpha / level)
