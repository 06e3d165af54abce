"""Several engines of vLLM side by side, one process a GPU, that share the questions of a batch.

All questions about one picture go to one engine, so that no picture is encoded twice.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.offline import Engine, VllmBackend
from rm_eval.errors import EvalError
from rm_eval.policy import PolicyError


def shared(keys: Sequence[str], parts: int) -> list[list[int]]:
    """The places of questions for each of so many engines, of near equal numbers.

    Args:
        keys: The picture of each question.
        parts: How many engines there are.

    Example:
        >>> shared(["a", "b", "a", "c", "a"], 2)
        [[0, 2, 4], [1, 3]]
    """
    of_picture: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        of_picture.setdefault(key, []).append(place)
    made: list[list[int]] = [[] for _ in range(parts)]
    for places in sorted(of_picture.values(), key=len, reverse=True):
        min(made, key=len).extend(places)
    return [sorted(places) for places in made]


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
        try:
            for number in range(count):
                self._workers.append(_started(engine, number))
            for _, link in self._workers:
                _received(link)
        except BaseException:
            self.close()
            raise

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply a prompt, in order; each engine answers its share in one call.

        Raises:
            EvalError: As `VllmBackend.replies`, or if an engine's process ends.
        """
        parts = shared([prompt.picture_key for prompt in prompts], len(self._workers))
        asked = [(link, part) for (_, link), part in zip(self._workers, parts, strict=True) if part]
        for link, part in asked:
            try:
                link.send([prompts[place] for place in part])
            except OSError as error:
                raise EvalError(_ENDED) from error
        found: dict[int, Reply] = {}
        for link, part in asked:
            found |= dict(zip(part, _received(link), strict=True))
        return [found[place] for place in range(len(prompts))]

    def close(self) -> None:
        """End the processes."""
        for process, link in self._workers:
            link.close()
            process.join(30)
            if process.is_alive():
                process.kill()


_ENDED = "a process of vLLM has ended; what it wrote above says why, the same command goes on"


def _started(engine: Engine, number: int) -> tuple[BaseProcess, Connection]:
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_work, args=(theirs, engine, number), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _received(link: Connection) -> list[Reply]:
    try:
        answer: list[Reply] | str = link.recv()
    except EOFError as error:
        raise EvalError(_ENDED) from error
    if isinstance(answer, str):
        raise EvalError(answer)
    return answer


def _work(link: Connection, engine: Engine, number: int) -> None:
    """The life of one engine: ready, then a batch of replies for each batch of prompts."""
    if engine.device != "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = _visible(number)
    else:
        os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")  # they share the cores
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # this process is the engine's own
    try:
        backend = VllmBackend(engine)
        link.send([])
        while True:
            link.send(backend.replies(link.recv()))
    except (EvalError, PolicyError) as error:
        link.send(str(error))
    except (EOFError, KeyboardInterrupt):
        return


def _visible(number: int) -> str:
    """The name of that GPU among those that this run may use."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return allowed.split(",")[number] if allowed else str(number)
