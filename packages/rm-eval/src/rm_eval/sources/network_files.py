"""The networks in a benchmark's rows: kept once each, whatever number of rows repeats them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from rm_eval.errors import EvalError


class NetworkFiles:
    """Takes the `json` column of a row, inline or as a path, and writes it into a folder."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self._folder = folder
        self._beside = beside.resolve()

    def take(self, network: dict[str, tuple[str, ...]] | str, where: str) -> str:
        """The name of the file in the folder.

        Raises:
            EvalError: If it is a path that leads nowhere, or out of the rows' own folder.
        """
        content = self._read(network, where) if isinstance(network, str) else _written(network)
        name = hashlib.sha256(content).hexdigest()[:32] + ".json"
        if not (self._folder / name).exists():
            self._folder.mkdir(exist_ok=True)
            (self._folder / name).write_bytes(content)
        return name

    def _read(self, relative: str, where: str) -> bytes:
        path = (self._beside / relative).resolve()
        if not path.is_relative_to(self._beside):
            found = f"{where}: json: found {relative[:60]!r}"
            raise EvalError(f"{found}, expected a file inside {self._beside}")
        try:
            return path.read_bytes()
        except OSError as error:
            raise EvalError(f"{where}: json: {path}: {error.strerror}") from None


def _written(network: dict[str, tuple[str, ...]]) -> bytes:
    return json.dumps(network, ensure_ascii=False).encode()
