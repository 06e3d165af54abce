"""A few figures about a file of rewards, gathered as they pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rm_rewards.records import Reward


@dataclass(slots=True)
class Summary:
    """How many rewards there were, their mean total and accuracy, and how many had which status."""

    count: int = 0
    total: float = 0.0
    accuracy: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter[str])

    def add(self, reward: Reward) -> None:
        """Count one more reward."""
        self.count += 1
        self.total += reward.total
        self.accuracy += reward.accuracy
        self.statuses[reward.status] += 1

    def text(self, reward_version: str) -> str:
        """The figures, one a line."""
        n = max(self.count, 1)
        unread = ", ".join(f"{self.statuses[s]} {s}" for s in ("unparsed", "truncated", "error"))
        return "\n".join(
            (
                f"replies     {self.count} ({unread})",
                f"mean total  {self.total / n:.4f}",
                f"accuracy    {self.accuracy / n:.4f}",
                f"reward      {reward_version}",
            )
        )
