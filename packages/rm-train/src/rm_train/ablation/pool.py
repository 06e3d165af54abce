"""Worker processes that carry out orders, so many at a time; a process that dies is replaced."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from rm_train.ablation.worker import Answer, Order

Tell = Callable[[Answer, int, int], None]


class Pool:
    """So many workers, each started when it is first needed.

    Args:
        jobs: How many work at a time.
        gpus: The GPUs that are dealt to the workers in turn; none leaves all to each.
        hold: File descriptors that each worker keeps open for as long as it lives.
    """

    def __init__(self, jobs: int, gpus: Sequence[str] = (), hold: Sequence[int] = ()) -> None:
        self._jobs = jobs
        self._free: SimpleQueue[_Place] = SimpleQueue()
        self._places = [_Place(gpus[n % len(gpus)] if gpus else None, hold) for n in range(jobs)]
        for place in self._places:
            self._free.put(place)

    def work(self, orders: Sequence[Order], tell: Tell) -> list[Answer]:
        """Carry out the orders, begun in the order given; an answer each, as they come in.

        Args:
            orders: What is to be done.
            tell: Gets each answer with how many there are by then and will be in all.
        """
        answers: list[Answer] = []
        threads = ThreadPoolExecutor(self._jobs)
        try:
            waiting = [threads.submit(self._one, order) for order in orders]
            for done in as_completed(waiting):
                answers.append(done.result())
                tell(answers[-1], len(answers), len(orders))
        finally:  # also on Ctrl-C: what has not begun is dropped, what has is ended
            for place in self._places:
                place.close()
            threads.shutdown(cancel_futures=True)
            for place in self._places:
                place.clear()
        return answers

    def _one(self, order: Order) -> Answer:
        place = self._free.get()
        try:
            return place.carry_out(order)
        finally:
            self._free.put(place)


class _Place:
    """Where one worker at a time lives."""

    def __init__(self, gpu: str | None, hold: Sequence[int]) -> None:
        self._gpu = gpu
        self._hold = hold
        self._closed = False
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None

    def carry_out(self, order: Order) -> Answer:
        process = self._worker(order.log)
        if process is None or process.stdin is None or process.stdout is None:
            return Answer(order.name, 0.0, "not begun")
        try:
            process.stdin.write(json.dumps(asdict(order)) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (BrokenPipeError, ValueError):
            line = ""
        if line:
            return Answer(**json.loads(line))
        status = self.clear()
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return Answer(order.name, 0.0, f"its process ended with {how}; see {order.log}")

    def _worker(self, log: str) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._closed:
                return None
            if self._process is None:
                own = {} if self._gpu is None else {"CUDA_VISIBLE_DEVICES": self._gpu}
                with Path(log).open("a", encoding="utf-8") as last_words:
                    self._process = subprocess.Popen(
                        [sys.executable, "-m", "rm_train.ablation.worker"],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=last_words,
                        env={**os.environ, **own},
                        pass_fds=tuple(self._hold),
                        text=True,
                        encoding="utf-8",
                        start_new_session=True,  # Ctrl-C is for the one who gives the orders
                    )
            return self._process

    def close(self) -> None:
        """End the worker; there will be no other."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.terminate()

    def clear(self) -> int:
        """Wait for the worker's end; gives its status."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return 0
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was still to be said to a worker that has ended
                    pipe.close()
        return process.wait()
