"""Several engines of vLLM side by side, one process a GPU, that share the questions of a run.

Questions about one picture go to one engine, so that no picture is encoded twice.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread
from typing import Final, TypeAlias, cast

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.engine import Engine
from rm_eval.backends.offline import VllmBackend
from rm_eval.backends.window import streamed
from rm_eval.errors import EvalError
from rm_eval.policy import PolicyError

Ended: TypeAlias = list[tuple[int, Reply | EvalError]]

_LEAD: Final = 64
_ENDED: Final = (
    "a process of vLLM has ended; what it wrote above says why, the same command goes on"
)


class Shares:
    """Which engine is asked about a picture: first that with the least to do, then the same.

    A picture moves to an idler engine where its own has 64 prompts more under way: encoding it once
    more costs less than waiting.

    Args:
        engines: How many there are.

    Example:
        >>> shares = Shares(2)
        >>> [shares.next(picture) for picture in "aabbba"]
        [0, 0, 1, 1, 1, 0]
    """

    def __init__(self, engines: int) -> None:
        self._homes: dict[str, int] = {}
        self._under_way = [0] * engines

    def next(self, picture: str) -> int:
        """The engine for one more prompt about that picture."""
        least = self._under_way.index(min(self._under_way))
        home = self._homes.get(picture, least)
        if self._under_way[home] - self._under_way[least] >= _LEAD:
            home = least
        self._homes[picture] = home
        self._under_way[home] += 1
        return home

    def ended(self, engine: int) -> None:
        """One prompt less is under way there."""
        self._under_way[engine] -= 1


class VllmPool:
    """Greedy replies by several engines.

    Args:
        engine: How each is set up.
        count: How many: on a GPU the first sees GPU 0, the second GPU 1, and so on.

    Raises:
        EvalError: If one cannot load the model.
    """

    def __init__(self, engine: Engine, count: int) -> None:
        self._workers: list[tuple[BaseProcess, Connection]] = []
        self._shares = Shares(count)
        self._number = 0
        self._asked: dict[int, tuple[int, int]] = {}  # by number: its place and its engine
        try:
            for number in range(count):
                self._workers.append(_started(engine, number))
            for _, link in self._workers:
                _received(link)
        except BaseException:
            self.close()
            raise

    def begin(self, place: int, prompt: Prompt) -> None:
        """Ask the engine that has the picture.

        Raises:
            EvalError: If its process has ended.
        """
        engine = self._shares.next(prompt.picture_key)
        self._number += 1
        self._asked[self._number] = place, engine
        self._send(engine, (self._number, prompt))

    def finished(self) -> Ended:
        """Wait for one of the engines; what has ended in any of them.

        Raises:
            EvalError: If an engine fails, or its process ends.
        """
        ended: Ended = []
        for link in wait([link for _, link in self._workers]):
            for number, found in _received(cast("Connection", link)):
                if number in self._asked:  # else it was given up
                    place, engine = self._asked.pop(number)
                    self._shares.ended(engine)
                    ended.append((place, found))
        return ended

    def abandon(self) -> None:
        """Give up what is under way."""
        self._asked.clear()
        self._shares = Shares(len(self._workers))
        for engine, (process, _) in enumerate(self._workers):
            if process.is_alive():
                self._send(engine, None)

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply a prompt, in order.

        Raises:
            EvalError: As `VllmBackend.replies`, or if an engine's process ends.
        """
        return [one for part in streamed(self, prompts, max(len(prompts), 1)) for one in part]

    def close(self) -> None:
        """End the processes."""
        for process, link in self._workers:
            link.close()
            process.join(30)
            if process.is_alive():
                process.kill()

    def _send(self, engine: int, asked: tuple[int, Prompt] | None) -> None:
        try:
            self._workers[engine][1].send(asked)
        except OSError as error:
            raise EvalError(_ENDED) from error


def _started(engine: Engine, number: int) -> tuple[BaseProcess, Connection]:
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_work, args=(theirs, engine, number), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _received(link: Connection) -> Ended:
    try:
        answer: Ended | str = link.recv()
    except (EOFError, ConnectionError) as error:
        raise EvalError(_ENDED) from error
    if isinstance(answer, str):
        raise EvalError(answer)
    return answer


def _work(link: Connection, engine: Engine, number: int) -> None:
    """The life of one engine: ready, then what has ended after each step."""
    if engine.device != "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = _visible(number)
    else:
        os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")  # they share the cores
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # this process is the engine's own
    # by a thread, or both sides could wait for the other to read
    told = SimpleQueue[Ended | str | None]()
    teller = Thread(target=_tell, args=(link, told), daemon=True)
    teller.start()
    try:
        backend = VllmBackend(engine)
        told.put([])
        _answer(backend, link, told)
    except (EvalError, PolicyError) as error:
        told.put(str(error))
    except (EOFError, ConnectionError, KeyboardInterrupt):
        return
    told.put(None)
    teller.join()


def _answer(backend: VllmBackend, link: Connection, told: SimpleQueue[Ended | str | None]) -> None:
    under_way = 0
    while True:
        while link.poll(0 if under_way else None):
            asked: tuple[int, Prompt] | None = link.recv()
            if asked is None:
                backend.abandon()
                under_way = 0
                continue
            try:
                backend.begin(*asked)
                under_way += 1
            except EvalError as error:
                told.put([(asked[0], error)])
        if ended := backend.finished():
            under_way -= len(ended)
            told.put(ended)


def _tell(link: Connection, told: SimpleQueue[Ended | str | None]) -> None:
    while (answer := told.get()) is not None:
        try:
            link.send(answer)
        except OSError:  # the run has ended
            return


def _visible(number: int) -> str:
    """The name of that GPU among those that this run may use."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return allowed.split(",")[number] if allowed else str(number)
