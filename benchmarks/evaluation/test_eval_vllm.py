"""What the harness costs beside a bare vLLM, and what asking one picture after another saves.

`.ci/vllm --bench` runs it. Ours is everything between the model and the report: pictures opened,
prompts checked, replies journalled and graded.
"""

import asyncio
import base64
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from statistics import mean, median
from typing import Any, Final, cast

import httpx
import pytest
from PIL import Image
from rounds import beside

from rm_eval import run
from rm_eval.backends.backend import Backend, Prompt
from rm_eval.backends.chat import templated
from rm_eval.backends.engine import Engine
from rm_eval.backends.offline import VllmBackend
from rm_eval.backends.openai_server import OpenAIBackend
from rm_eval.backends.server_settings import Server
from rm_eval.backends.window import in_batches, streamed
from rm_eval.dataset import load_dataset
from rm_eval.job import Job, checked_job
from rm_eval.manifest import Settings
from rm_eval.pictures import open_picture
from rm_rewards import Completion, jsonl

pytestmark = pytest.mark.skipif(
    find_spec("vllm") is None, reason="vLLM is not installed (.ci/vllm installs it)"
)

BAR: Final = 0.95  # of a bare vLLM's throughput
GROUPED: Final = 3.0  # x the throughput in the order of the file
CACHE: Final = 6_000  # tokens: about nine prompts with their pictures
TOKEN: Final = 512  # bytes of the tiny model's cache
AT_ONCE: Final = 16
CPU: Final = {"enforce_eager": True, "block_size": 32}


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that can be begun again and again, in a new folder each time."""

    job: Job
    backend: Backend
    numbers: Iterator[int]

    def measured(self) -> Path:
        """One more run."""
        out = self.job.out.with_name(f"run{next(self.numbers)}")
        run.measure(replace(self.job, out=out), opened_by=lambda _: self.backend)
        return out

    def prompts(self) -> Iterator[Prompt]:
        """In the order of the file."""
        for one in self.job.dataset.questions:
            picture = self.job.pictures[one.id]
            yield Prompt(one.id, open_picture(picture), one.question, picture.sha256)

    def grouped(self) -> list[Prompt]:
        """One picture after another."""
        return sorted(self.prompts(), key=lambda prompt: int(prompt.question_id.split("-")[0]))


def asked(model: Path, file: Path, reply: int, opened: Callable[[], Backend]) -> Asked:
    settings = Settings(backend="vllm", max_new_tokens=reply, max_model_len=2048, batch_size=256)
    job = checked_job(model, load_dataset(file), settings, file.parent.parent / "run")
    return Asked(job, opened(), count())


def engine(model: Path, side: int, reply: int, **more: object) -> VllmBackend:
    """With every picture scaled to `side` pixels: (side / 28)^2 visual tokens."""
    pixels = {"min_pixels": side * side, "max_pixels": side * side}
    chosen: Any = {"max_model_len": 2048, "max_new_tokens": reply, **pixels, "more": more}
    return VllmBackend(Engine(model=model, device="cpu", dtype="auto", **chosen))


def forget(backend: Any) -> Any:  # noqa: ANN401 - for its `_llm`, which is vLLM's
    """No picture and no prompt is known any more."""
    llm = backend._llm
    llm.reset_prefix_cache()
    llm.reset_mm_cache()
    return llm


def replies(out: Path) -> dict[str, str]:
    return {one.question_id: one.text for one in jsonl.read(Completion, out / "completions.jsonl")}


def cached(out: Path) -> float:
    return float(json.loads((out / "report.json").read_text("utf-8"))["cached"])


def test_the_harness_beside_a_bare_generate(
    benchmark: Any,  # noqa: ANN401 - pytest-benchmark is untyped
    tell: Callable[[str], None],
    model: Path,
    questions: Callable[..., Path],
) -> None:
    side, reply = 448, 16
    ours = asked(
        model,
        questions(pictures=48, asked=8, side=side),
        reply,
        partial(engine, model, side, reply, kv_cache_memory_bytes=1 << 28),
    )
    backend: Any = ours.backend
    prompts = ours.grouped()
    texts = [templated(backend._processor, prompt) for prompt in prompts]
    places = [ours.job.pictures[prompt.question_id].path for prompt in prompts]
    sampling = cast("Any", import_module("vllm")).SamplingParams(
        temperature=0.0,
        max_tokens=reply,
        repetition_penalty=backend._sampling.repetition_penalty,
        stop_token_ids=backend._sampling.stop_token_ids,
    )

    def harness() -> Path:
        forget(backend)
        return ours.measured()

    def bare() -> list[str]:
        opened = {place: Image.open(place).convert("RGB") for place in dict.fromkeys(places)}
        rows = [
            {"prompt": text, "multi_modal_data": {"image": opened[place]}}
            for text, place in zip(texts, places, strict=True)
        ]
        made = forget(backend).generate(rows, sampling_params=sampling, use_tqdm=False)
        return [one.outputs[0].text for one in made]

    expected = dict(zip([prompt.question_id for prompt in prompts], bare(), strict=True))
    assert replies(benchmark.pedantic(harness)) == expected
    found = beside(harness, bare)
    tell(f"throughput of a run beside LLM.generate over its {len(places)} prompts: {found}")
    backend.close()
    assert max(median(found.clock), median(found.cpu)) >= BAR


def test_a_window_beside_batches(
    benchmark: Any,  # noqa: ANN401 - as above
    tell: Callable[[str], None],
    model: Path,
    questions: Callable[..., Path],
) -> None:
    side, reply = 168, 128  # most replies end at once, one in twenty at the limit
    ours = asked(
        model,
        questions(pictures=48, asked=4, side=side),
        reply,
        partial(engine, model, side, reply, kv_cache_memory_bytes=1 << 28),
    )
    backend: Any = ours.backend
    lengths: list[int] = []

    def window() -> None:
        forget(backend)
        found = [one for some in streamed(backend, ours.prompts(), 32) for one in some]
        lengths[:] = [one.tokens or 0 for one in found]

    def batches() -> None:
        forget(backend)
        for _ in in_batches(backend.replies, ours.prompts(), 32):
            pass

    benchmark.pedantic(window)
    found = beside(window, batches)
    tell(
        f"throughput of 32 prompts under way beside batches of 32, replies of {min(lengths)} to "
        f"{max(lengths)} tokens (mean {mean(lengths):.0f}): {found}"
    )
    backend.close()


def test_one_picture_after_another_beside_the_order_of_the_file(
    benchmark: Any,  # noqa: ANN401 - as above
    tell: Callable[[str], None],
    model: Path,
    questions: Callable[..., Path],
) -> None:
    side, reply = 672, 4
    # vLLM 0.31 fails where it puts back a prompt whose picture it had cached; so few have room
    room = {"kv_cache_memory_bytes": CACHE * TOKEN, "max_num_seqs": 8}
    ours = asked(
        model,
        questions(pictures=12, asked=12, side=side),
        reply,
        partial(engine, model, side, reply, **room),
    )
    backend: Any = ours.backend
    shares: list[float] = []

    def harness() -> Path:
        forget(backend)
        return ours.measured()

    def as_they_stand() -> None:
        forget(backend)
        made = [one for some in streamed(backend, ours.prompts(), 256) for one in some]
        tokens = sum(one.prompt_tokens or 0 for one in made)
        shares.append(sum(one.cached_tokens or 0 for one in made) / tokens)

    out = benchmark.pedantic(harness)
    found = beside(harness, as_they_stand)
    tell(
        f"throughput of 12 questions about each of 12 pictures, with a cache of {CACHE} tokens, "
        f"one picture after another ({cached(out):.0%} of the prompts' tokens cached) beside "
        f"question-major ({median(shares):.0%}): {found}"
    )
    backend.close()
    assert max(median(found.clock), median(found.cpu)) >= GROUPED


@contextmanager
def serving(model: Path, log: Path) -> Generator[str]:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    command = [sys.executable, str(Path(sys.executable).parent / "vllm"), "serve", str(model)]
    command += ["--served-model-name", "tiny", "--port", str(port), "--host", "127.0.0.1"]
    command += ["--dtype", "float32", "--enforce-eager", "--max-model-len", "2048"]
    command += ["--block-size", "32", "--kv-cache-memory-bytes", "256M"]
    command += ["--limit-mm-per-prompt", '{"image": 1, "video": 0}']
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        while not _healthy(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None, log.read_text("utf-8")[-3000:]
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def _healthy(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def test_the_harness_beside_a_raw_client(
    benchmark: Any,  # noqa: ANN401 - as above
    tell: Callable[[str], None],
    model: Path,
    questions: Callable[..., Path],
    tmp_path: Path,
) -> None:
    side, reply = 112, 16
    file = questions(pictures=48, asked=8, side=448)
    with serving(model, tmp_path / "log.txt") as url:
        server = Server(base_url=url, concurrency=AT_ONCE)
        ours = asked(
            model, file, reply, lambda: OpenAIBackend("tiny", server, max_new_tokens=reply)
        )
        prompts = ours.grouped()

        async def ask(
            client: Any,  # noqa: ANN401 - an AsyncOpenAI
            held: asyncio.Semaphore,
            prompt: Prompt,
        ) -> str:
            place = ours.job.pictures[prompt.question_id].path
            picture = base64.b64encode(place.read_bytes()).decode()
            url = {"url": f"data:image/png;base64,{picture}"}
            content: list[Any] = [{"type": "image_url", "image_url": url}]
            content += [{"type": "text", "text": prompt.text}]
            async with held:
                made = await client.chat.completions.create(
                    model="tiny",
                    messages=[{"role": "user", "content": content}],
                    max_tokens=reply,
                    temperature=0.0,
                )
            return str(made.choices[0].message.content)

        async def ask_all() -> list[str]:
            held = asyncio.Semaphore(AT_ONCE)
            openai: Any = import_module("openai")  # comes with vLLM
            async with openai.AsyncOpenAI(base_url=url, api_key="none") as client:
                return await asyncio.gather(*(ask(client, held, one) for one in prompts))

        expected = dict(
            zip([one.question_id for one in prompts], asyncio.run(ask_all()), strict=True)
        )
        assert replies(benchmark.pedantic(ours.measured)) == expected
        found = beside(ours.measured, lambda: asyncio.run(ask_all()))
        ours.backend.close()
    tell(
        f"throughput of a run beside AsyncOpenAI over its {len(prompts)} prompts, {AT_ONCE} at "
        f"once, pictures of {side} pixels' side for the model, one vllm serve: {found}"
    )
    assert median(found.clock) >= BAR
