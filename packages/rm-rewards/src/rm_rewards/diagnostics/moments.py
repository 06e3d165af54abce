"""Means, variances and a correlation, gathered one value at a time (Welford)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Moments:
    """Count, mean and spread of two values that come in pairs; one alone is paired with 0."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    other_mean: float = 0.0
    other_squares: float = 0.0
    product: float = 0.0

    def add(self, value: float, other: float = 0.0) -> None:
        """Take one more pair."""
        self.count += 1
        ahead, other_ahead = value - self.mean, other - self.other_mean
        self.mean += ahead / self.count
        self.other_mean += other_ahead / self.count
        self.squares += ahead * (value - self.mean)
        self.other_squares += other_ahead * (other - self.other_mean)
        self.product += ahead * (other - self.other_mean)

    @property
    def variance(self) -> float:
        """The variance of the first value over all that came (divided by their number)."""
        return self.squares / self.count if self.count else 0.0

    @property
    def correlation(self) -> float | None:
        """Pearson's, from -1 to 1; None where one of the two never varies."""
        spread = (self.squares * self.other_squares) ** 0.5
        return self.product / spread if spread > 0 else None
