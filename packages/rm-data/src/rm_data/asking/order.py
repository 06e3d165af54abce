"""What to ask about each map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rm_data.kinds import load_kinds
from rm_data.networks import NetworkFile
from rm_data.questions import ask
from rm_data.quotas import quota
from rm_data.sheet import Report
from rm_rewards import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOrder:
    """What to ask about each map; the fields are those of `ask`.

    Attributes:
        quota: A name of `rm_data.quotas`, for the types that `per_map` does not name.
        kinds: Python files with types of one's own (`rm_data.kinds.load_kinds`).
    """

    types: tuple[str, ...]
    seed: int
    per_map: Mapping[str, int] | int | None = None
    transfers: tuple[int, int] | None = None
    planning: str = "short"
    quota: str | None = None
    kinds: tuple[Path, ...] = field(default=())

    def questions(
        self,
        file: NetworkFile,
        types: tuple[str, ...],
        *,
        figure: str | None,
        network_path: str,
        report: Report,
    ) -> Iterator[Question]:
        """The questions of these types about one map.

        Raises:
            RecordError: As `ask`, and for a file of types that cannot be used.
        """
        for place in self.kinds:
            load_kinds(place)
        return ask(
            file.network,
            types,
            self.seed,
            per_map=quota(self.quota, file, self.per_map),
            transfers=self.transfers,
            planning=self.planning,
            figure=figure,
            network_path=network_path,
            city_transfers=file.city_transfers,
            report=report,
        )
