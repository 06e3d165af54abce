"""The maps of a run without one of their lines, drawn when asked for; those used last are kept."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

from rm_data import LineEraser, line_eraser
from rm_rewards import PLANNING, Network, RecordError

if TYPE_CHECKING:
    from rm_train.prompts import Fit, Material
    from rm_train.rewards import NetworkOf

_KEPT: Final = 64


class LessMaps:
    """What shows a map without a line, for every map with a planning question.

    Args:
        material: The questions of the run.
        network_of: Gives their networks.

    Attributes:
        networks: By id of a planning question the network of its map.

    Raises:
        RecordError: If a map cannot be shown without a line, or has no network.
        OSError: If a file cannot be read.
    """

    def __init__(self, material: Material, network_of: NetworkOf) -> None:
        self.networks: dict[str, Network] = {}
        self._pictures: dict[str, Path] = {}
        self._erasers: dict[Path, LineEraser] = {}
        for question, picture in zip(material.questions, material.pictures, strict=True):
            if question.type != PLANNING:
                continue
            network = network_of(question)
            where = f"vad-r1: question {question.id!r}"
            if network is None:
                raise RecordError("network", None, "the network of its map", where=where)
            if picture not in self._erasers:
                try:
                    self._erasers[picture] = line_eraser(network, picture)
                except RecordError as error:
                    raise error.at(": ".join(filter(None, (where, error.where)))) from None
            self.networks[question.id] = network
            self._pictures[question.id] = picture
        self.fit: Fit | None = None
        self._drawn = lru_cache(maxsize=_KEPT)(self._draw)

    def without(self, question: str, line: str) -> Image.Image:
        """The map of a question without that line, in the size that the model sees."""
        return self._drawn(self._pictures[question], line)

    def _draw(self, picture: Path, line: str) -> Image.Image:
        made = self._erasers[picture](line)
        return self.fit(made) if self.fit else made
