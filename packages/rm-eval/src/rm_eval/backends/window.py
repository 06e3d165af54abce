"""Prompts under way at once, bounded in number and pixels, and their replies in order.

A backend that answers one prompt beside another gets the next as soon as there is room for it, so
that it is never left with the last long replies of a batch. Any other gets batches.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Final, Protocol, runtime_checkable

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.errors import EvalError

_PIXELS: Final = 400_000_000
"""Most pixels of the pictures that are under way, 3 bytes each."""
_TOGETHER: Final = 64
"""Most replies that are given, and written, together."""


@runtime_checkable
class Answering(Protocol):
    """A backend that answers many prompts at once, each in its own time."""

    def begin(self, place: int, prompt: Prompt) -> None:
        """Ask it beside those that are under way.

        Raises:
            EvalError: If it cannot be asked: naming the question and the way out.
        """
        ...

    def finished(self) -> Sequence[tuple[int, Reply | EvalError]]:
        """Wait a while; the places that have been answered, or have failed for good, since.

        Raises:
            EvalError: If nothing more can be answered.
        """
        ...

    def abandon(self) -> None:
        """Give up what is under way."""
        ...


def streamed(backend: Answering, prompts: Iterable[Prompt], at_once: int) -> Generator[list[Reply]]:
    """The replies in the order of the prompts, some at a time, as they come.

    Args:
        backend: What answers.
        prompts: Taken one by one, when there is room.
        at_once: Most prompts under way.

    Raises:
        EvalError: As the first prompt that fails; all replies before it have been given then.
    """
    window = _Window(backend, iter(prompts), at_once)
    together = min(at_once, _TOGETHER)
    try:
        while window.fill():
            window.collect()
            while replies := window.given(together, least=together):
                yield replies
        while replies := window.given(together, least=1):
            yield replies
        if window.failure is not None:
            raise window.failure
    finally:
        backend.abandon()


def in_batches(
    answer: Callable[[Sequence[Prompt]], list[Reply]], prompts: Iterable[Prompt], at_once: int
) -> Generator[list[Reply]]:
    """The replies batch by batch, fewer prompts in a batch where their pictures are huge."""
    batch: list[Prompt] = []
    room = Room(at_once)
    for prompt in prompts:
        if not room.fits(prompt):
            yield _timed(answer, batch)
            batch, room = [], Room(at_once)
        room.enter(prompt)
        batch.append(prompt)
    if batch:
        yield _timed(answer, batch)


class Room:
    """How many more prompts may be under way; one always may."""

    def __init__(self, prompts: int) -> None:
        self._prompts = prompts
        self._held: dict[str, int] = {}  # prompts by picture
        self._sizes: dict[str, int] = {}  # pixels by picture
        self._count = self._pixels = 0

    def fits(self, prompt: Prompt) -> bool:
        """Whether this prompt may come in as well."""
        more = 0 if prompt.picture_key in self._held else _pixels(prompt)
        within = self._count < self._prompts and self._pixels + more <= _PIXELS
        return within or not self._count

    def enter(self, prompt: Prompt) -> None:
        """Count it in."""
        key = prompt.picture_key
        self._count += 1
        if key not in self._held:
            self._held[key], self._sizes[key] = 0, _pixels(prompt)
            self._pixels += self._sizes[key]
        self._held[key] += 1

    def leave(self, picture_key: str) -> None:
        """Count one of that picture out."""
        self._count -= 1
        self._held[picture_key] -= 1
        if not self._held[picture_key]:
            del self._held[picture_key]
            self._pixels -= self._sizes.pop(picture_key)


class _Window:
    """What is under way, and the replies that wait for one before them."""

    def __init__(self, backend: Answering, prompts: Iterator[Prompt], at_once: int) -> None:
        self.failure: EvalError | None = None
        self._last: int | None = None  # the place that failed: nothing from there on is wanted
        self._backend = backend
        self._prompts = prompts
        self._next: Prompt | None = None
        self._room = Room(at_once)
        self._under_way: dict[int, tuple[str, float]] = {}  # its picture, when it was asked
        self._replies: dict[int, Reply] = {}
        self._begun = self._told = 0

    def fill(self) -> bool:
        """Begin what there is room for; whether a reply is still to come."""
        while self._last is None and self._peek() and self._next and self._room.fits(self._next):
            prompt, self._next = self._next, None
            try:
                self._backend.begin(self._begun, prompt)
            except EvalError as error:
                self._fail(self._begun, error)
                break
            self._room.enter(prompt)
            self._under_way[self._begun] = prompt.picture_key, perf_counter()
            self._begun += 1
        return any(self._last is None or place < self._last for place in self._under_way)

    def collect(self) -> None:
        """Take in what has been answered since."""
        try:
            finished = self._backend.finished()
        except EvalError as error:
            self._fail(-1, error)
            return
        for place, found in finished:
            picture, began = self._under_way.pop(place)
            self._room.leave(picture)
            if isinstance(found, EvalError):
                self._fail(place, found)
            elif found.seconds is None:
                self._replies[place] = replace(found, seconds=round(perf_counter() - began, 4))
            else:
                self._replies[place] = found

    def given(self, most: int, *, least: int) -> list[Reply]:
        """The next replies in order, if there are so many."""
        count = 0
        while count < most and self._told + count in self._replies:
            count += 1
        if count < least:
            return []
        self._told += count
        return [self._replies.pop(place) for place in range(self._told - count, self._told)]

    def _peek(self) -> bool:
        """Whether there is a prompt to ask next."""
        if self._next is None:
            try:
                self._next = next(self._prompts, None)
            except EvalError as error:  # its picture turned out to be broken
                self._fail(self._begun, error)
        return self._next is not None

    def _fail(self, place: int, error: EvalError) -> None:
        if self._last is None or place < self._last:
            self._last, self.failure = place, error


def _timed(
    answer: Callable[[Sequence[Prompt]], list[Reply]], batch: Sequence[Prompt]
) -> list[Reply]:
    began = perf_counter()
    replies = answer(batch)
    seconds = round(perf_counter() - began, 4)
    return [one if one.seconds is not None else replace(one, seconds=seconds) for one in replies]


def _pixels(prompt: Prompt) -> int:
    return 0 if prompt.picture is None else prompt.picture.width * prompt.picture.height
