"""Draws in flight: what was dealt and not yet reported, and which reports came before."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Final

PREFIX: Final = "draw:"
REMEMBERED: Final = 4_096
UNREPORTED: Final = 65_536


class Flight:
    """Matches reports to draws, each once.

    Args:
        tracked: Whether draws are kept until they are reported. None: as long as nothing has been
            reported at all, only the last `UNREPORTED` of them, since the run may never report.
    """

    def __init__(self, *, tracked: bool | None) -> None:
        self._tracked = tracked
        self._reported = False
        self._open: dict[int, int | list[int]] = {}
        self._count = 0
        self._recent: set[int] = set()
        self._older: set[int] = set()

    def __len__(self) -> int:
        return self._count

    def depart(self, items: Sequence[int], first: int) -> None:
        """Items were dealt, by the draws from number `first` on."""
        if self._tracked is False:
            return
        alone = self._open.keys().isdisjoint(items) and len(set(items)) == len(items)
        if alone:
            self._open.update(zip(items, range(first, first + len(items)), strict=True))
            self._count += len(items)
        else:
            for draw, item in enumerate(items, first):
                self._hold(item, draw)
        if not (self._tracked or self._reported) and self._count > 2 * UNREPORTED:
            self._keep(self.open()[-UNREPORTED:])

    def arrive(self, item: int, draw_id: str | int | None, now: int) -> int | None:
        """The draw that a report on the item settles; `now` if it settles none.

        None if that draw was reported before, or is none of this run.
        """
        if draw_id is not None:
            name = draw_id if isinstance(draw_id, str) else str(draw_id)
            number = name.removeprefix(PREFIX)
            if len(number) < len(name) and number.isdecimal() and self._tracked is not False:
                return self._settle(item, int(number))
            if not self._first_time(item, name):
                return None
        self._reported = True
        held = self._open.pop(item, None)
        if held is None:
            return now
        self._count -= 1
        if isinstance(held, int):
            return held
        oldest = held.pop(0)
        self._open[item] = held if len(held) > 1 else held[0]
        return oldest

    def holds(self, item: int, draw: int) -> bool:
        """Whether that draw of the item is in flight."""
        held = self._open.get(item)
        return held == draw or (isinstance(held, list) and draw in held)

    def open(self) -> list[tuple[int, int]]:
        """All (draw, item) in flight, in the order of the draws."""
        pairs: list[tuple[int, int]] = []
        for item, held in self._open.items():
            pairs.extend((draw, item) for draw in ([held] if isinstance(held, int) else held))
        return sorted(pairs)

    def clear(self) -> None:
        """Count all in flight as asked."""
        self._open.clear()
        self._count = 0

    def saved(self) -> tuple[array[int], array[int], array[int]]:
        """What a state holds: draws and items in flight alternately; reports remembered, old ones.

        Without any report in flight is nothing, unless draws are tracked by wish: a run that never
        reports would else be dealt the same again.
        """
        tracked = self._reported if self._tracked is None else self._tracked
        flat = [number for pair in self.open() for number in pair] if tracked else []
        return array("Q", flat), array("Q", sorted(self._recent)), array("Q", sorted(self._older))

    def restore(
        self,
        flying: Iterable[tuple[int, int]],
        recent: Iterable[int],
        older: Iterable[int],
        *,
        reported: bool,
    ) -> None:
        """Go on from what was saved."""
        self._reported = reported
        self._keep(flying)
        self._recent, self._older = set(recent), set(older)

    def _hold(self, item: int, draw: int) -> None:
        self._count += 1
        held = self._open.setdefault(item, draw)
        if isinstance(held, list):
            held.append(draw)
        elif held != draw:
            self._open[item] = [held, draw]

    def _settle(self, item: int, draw: int) -> int | None:
        held = self._open.get(item)
        if held == draw:
            del self._open[item]
        elif isinstance(held, list) and draw in held:
            held.remove(draw)
            self._open[item] = held if len(held) > 1 else held[0]
        else:
            return None
        self._count -= 1
        self._reported = True
        return draw

    def _keep(self, pairs: Iterable[tuple[int, int]]) -> None:
        self._open, self._count = {}, 0
        for draw, item in pairs:
            self._hold(item, draw)

    def _first_time(self, item: int, name: str) -> bool:
        digest = hashlib.blake2b(f"{item} {name}".encode("utf-8", "surrogatepass"), digest_size=8)
        key = int.from_bytes(digest.digest())
        if key in self._recent or key in self._older:
            return False
        if len(self._recent) >= REMEMBERED:
            self._older, self._recent = self._recent, set()
        self._recent.add(key)
        return True
