"""Saved planning replies of a run, each with the network that its question names."""

from __future__ import annotations

from pathlib import Path

from rm_eval.clusters import cluster_of
from rm_eval.route_tally import RouteNumbers, RouteTally
from rm_rewards import Question, RecordError, jsonl


class SavedRoutes:
    """The numbers of the short and of the long questions, as their replies come.

    Args:
        folder: Where the paths of networks start.
    """

    def __init__(self, folder: Path) -> None:
        self._networks = jsonl.Networks(folder)
        self._tally = RouteTally()

    def add(self, question: Question, reply: str) -> None:
        """Count the reply to a planning question.

        Raises:
            RecordError: If its network is missing or not usable.
            OSError: If its network cannot be read.
        """
        network = self._networks.of(question)
        if network is None:
            raise RecordError("network", None, f"the network of question {question.id!r}")
        self._tally.add(question, reply, network, cluster_of(question))

    def numbers(self) -> tuple[RouteNumbers, ...]:
        """Those of the forms that there are."""
        return self._tally.numbers()
