"""What may be chosen for a run, by the names that `rm_eval.bench` and `bench_suite` take."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TypedDict

from rm_eval.backends.server_settings import Server
from rm_eval.backends.steering_settings import Steering
from rm_eval.cost import check_prices
from rm_eval.custom import Trust, read_task
from rm_eval.errors import EvalError
from rm_eval.manifest import BATCH_SIZES, BackendName, Settings
from rm_eval.policy import Dtype
from rm_eval.steering.vector import chosen_steering
from rm_eval.stratified import Limit

_STEERING: Final = ("steer", "steer_strength")
_TRUST: Final = ("tasks_from", "trust_task_code")


class Options(TypedDict, total=False):
    """Choices for a run; each may be left out.

    Attributes:
        backend: `transformers` (default), `vllm` in this process, or `openai`: any server that
            speaks OpenAI's chat protocol.
        tasks: Names of `TASKS`; None asks every question of the file.
        limit: Ask only so many, or as a float such a share: each type and category in its share,
            the orders of one HR-Bench question together.
        blind: Replace every picture by one grey of its size: the control for whether the picture is
            needed.
        batch_size: Questions at a time; None: 8 by transformers, 256 by vLLM, 64 by a server.
        max_new_tokens: Longest reply; the published inference allows 2048 (default).
        seed: Decides which questions `limit` keeps; default 0. Greedy replies need none.
        reward: The reward specification that grades; default `rewardmap`.
        device: `cpu` (default), `cuda`, `cuda:1`.
        dtype: `auto` (default) keeps the type in which the weights are stored.
        min_pixels: The fewest pixels a picture is scaled to; None keeps the model's own bound.
        max_pixels: The most pixels, likewise.
        max_model_len: Longest prompt with its reply, in tokens, by vLLM; None: the model's own.
        engines: How many engines of vLLM answer side by side, one a GPU.
        server: How the server is asked, for `openai`.
        steer: A steering vector of `rm-eval steer make`, for `transformers`; None: none.
        steer_strength: How many times the vector is added, default 1.
        price_in: What a million tokens of prompts cost; with `price_out` reports tell the cost.
        price_out: What a million tokens of replies cost.
        budget: Stop before more than this is spent, over all sittings; needs the prices.
        tasks_from: Task files of one's own, `FILE.yaml`, `FILE.py` or `FILE.py:NAME`: a Python file
            in a prepared folder runs if it is one of them.
        trust_task_code: Run the Python file of any prepared folder.
    """

    backend: BackendName
    tasks: Iterable[str] | None
    limit: Limit | None
    blind: bool
    batch_size: int | None
    max_new_tokens: int
    seed: int
    reward: str
    device: str
    dtype: Dtype
    min_pixels: int | None
    max_pixels: int | None
    max_model_len: int | None
    engines: int
    server: Server | None
    steer: str | Path | None
    steer_strength: float
    price_in: float | None
    price_out: float | None
    budget: float | None
    tasks_from: Iterable[str | Path]
    trust_task_code: bool


def settings_of(options: Options) -> Settings:
    """The settings of a run, with the defaults for what was left out.

    Raises:
        TypeError: If there is no option of a name.
        EvalError: If a steering vector cannot be used, or not with that backend; or the prices.
        OSError: If it cannot be read.
    """
    backend: BackendName = options.get("backend", "transformers")
    tasks, size = options.get("tasks"), options.get("batch_size")
    own = {name: value for name, value in options.items() if name not in (*_STEERING, *_TRUST)}
    given: dict[str, Any] = {
        **own,
        "tasks": None if tasks is None else tuple(tasks),
        "batch_size": BATCH_SIZES[backend] if size is None else size,
        "server": (options.get("server") or Server()) if backend == "openai" else None,
        "steering": _steering(options, backend),
    }
    settings = Settings(**given)
    check_prices(settings)
    return settings


def trust_of(options: Options) -> Trust:
    """What of the task files in prepared folders may run.

    Raises:
        EvalError: If a file that was passed defines no task that can be used.
        OSError: If it cannot be read.
    """
    given = tuple(read_task(file) for file in options.get("tasks_from", ()))
    return Trust(given, options.get("trust_task_code", False))


def _steering(options: Options, backend: BackendName) -> Steering | None:
    vector, strength = options.get("steer"), options.get("steer_strength", 1.0)
    if vector is None:
        if strength != 1.0:
            raise EvalError(f"steer_strength: found {strength:g} without a vector; give --steer")
        return None
    if backend != "transformers":
        raise EvalError(
            f"steer: found backend {backend!r}, which cannot be steered; take transformers"
        )
    return chosen_steering(Path(vector), strength)
