"""A step of GRPO on Qwen2.5-VL at full size, with random weights: what it takes on your GPU.

    python benchmarks/full_size.py --size 3b --out /scratch/full        # one GPU
    accelerate launch --num_processes 8 benchmarks/full_size.py --size 7b --out /scratch/full

The architecture is the published one, built from its numbers; weights are random, so nothing has to
be fetched. Replies are random tokens and run to the full length: the dearest case. It makes the
model, three maps and their questions below --out, trains through `rm_train.run` with LoRA, and
prints one line of JSON: tokens a second, peak memory, and the shares of the time that go into
replies, rewards and everything else (probabilities, gradients, the update). The first step, which
warms up, is left out.
"""

# datasets and transformers are not fully typed:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import argparse
import functools
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import torch
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, TrainerCallback
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.trainer import DEFAULT_CALLBACKS
from trl.trainer.grpo_trainer import GRPOTrainer

import rm_train
from rm_data import ask, draw, generate
from rm_rewards import Question, jsonl
from rm_train import TrainConfig, resolve
from rm_train.embedded.tokenizer import SPECIAL, build_tokenizer

CELL: Final = 28 * 28
"""Pixels that become one token."""

RANK: Final = int(os.environ.get("RANK", "0"))


@dataclass(frozen=True, slots=True)
class Size:
    """The numbers of a published configuration; `mrope` are the sections of its positions."""

    vocab: int
    hidden: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    tied: bool
    vision_depth: int = 32
    vision_hidden: int = 1280
    vision_inner: int = 3420
    vision_heads: int = 16
    mrope: tuple[int, int, int] = (16, 24, 24)
    full_attention: tuple[int, ...] = (7, 15, 23, 31)


SIZES: Final = {
    "3b": Size(151_936, 2048, 11_008, 36, 16, 2, tied=True),
    "7b": Size(152_064, 3584, 18_944, 28, 28, 4, tied=False),
    "tiny": Size(2048, 64, 128, 2, 4, 2, True, 2, 64, 128, 4, (2, 3, 3), (1,)),
}


def config_of(size: Size) -> Qwen2_5_VLConfig:
    """The architecture at that size, with the special tokens of our own tokenizer."""
    number = build_tokenizer().get_vocab().__getitem__
    text: dict[str, Any] = {
        "vocab_size": size.vocab,
        "hidden_size": size.hidden,
        "intermediate_size": size.inner,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": size.kv_heads,
        "max_position_embeddings": 128_000,
        "bos_token_id": number("<|endoftext|>"),
        "eos_token_id": number("<|im_end|>"),
        "pad_token_id": number("<|endoftext|>"),
        "tie_word_embeddings": size.tied,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 1e6,
            "mrope_section": list(size.mrope),
        },
    }
    vision: dict[str, Any] = {
        "depth": size.vision_depth,
        "hidden_size": size.vision_hidden,
        "intermediate_size": size.vision_inner,
        "num_heads": size.vision_heads,
        "out_hidden_size": size.hidden,
        "fullatt_block_indexes": list(size.full_attention),
    }
    return Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
        tie_word_embeddings=size.tied,
        dtype="bfloat16",
    )


def there(file: Path, *, wait: bool) -> bool:
    """Whether the file is there; processes other than the first wait for it."""
    while wait and not file.is_file():
        time.sleep(1)
    return file.is_file()


def make_model(size: Size, folder: Path, *, wait: bool) -> None:
    """Random weights in bfloat16, with tokenizer and processor, as a folder of Hugging Face."""
    if there(folder / "preprocessor_config.json", wait=wait):
        return
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        model = Qwen2_5_VLForConditionalGeneration(config_of(size))
    finally:
        torch.set_default_dtype(before)
    model.save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)
    Qwen2VLImageProcessorPil().save_pretrained(folder)  # written last: the sign that all is there


def make_questions(folder: Path, *, wait: bool) -> Path:
    """Questions of all types about three maps."""
    if there(folder / "questions.jsonl", wait=wait):
        return folder / "questions.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Question] = []
    for seed in range(3):
        network = generate(seed, style="named")
        picture, file = f"{network.city}.png", f"{network.city}.json"
        draw(network, style="named", seed=seed).save(folder / picture)
        (folder / file).write_text(jsonl.dump(network) + "\n", encoding="utf-8")
        made += ask(network, seed=seed, figure=picture, network_path=file)
    jsonl.write(made, folder / "questions.jsonl")
    return folder / "questions.jsonl"


class Clock(TrainerCallback):
    """The ends of steps, and how much of each went into replies and rewards, in seconds."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self.spent: dict[str, float] = {"replies": 0.0, "rewards": 0.0}
        self.parts: list[dict[str, float]] = []

    def __call__(self) -> Clock:
        """The trainer makes its callbacks by calling them: it gets this one."""
        return self

    def on_train_begin(self, *_args: object, **kwargs: Any) -> None:  # noqa: ANN401 - of transformers
        """Replies of random weights must not hold a picture that is not there."""
        never = torch.tensor([build_tokenizer().get_vocab()[token] for token in SPECIAL])

        def without(_module: object, _inputs: object, logits: torch.Tensor) -> torch.Tensor:
            return logits.index_fill(-1, never.to(logits.device), -1e4)

        kwargs["model"].get_output_embeddings().register_forward_hook(without)

    def on_step_end(self, *_args: object, **_kwargs: object) -> None:
        """Called by the trainer."""
        self.ends.append(now())
        self.parts.append(dict(self.spent))

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The work, whose time is counted under that name."""

        @functools.wraps(work)
        def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any method
            began = now()
            try:
                return work(*args, **kwargs)
            finally:
                self.spent[name] += now() - began

        return counted


def now() -> float:
    """Seconds, when all that the GPU was asked for is done."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


@contextmanager
def watched(clock: Clock) -> Generator[None]:
    """Every trainer of transformers is timed by the clock."""
    parts = {"_generate_single_turn": "replies", "_calculate_rewards": "rewards"}
    stock = {name: getattr(GRPOTrainer, name) for name in parts}
    callbacks = cast("list[Any]", DEFAULT_CALLBACKS)
    for name, part in parts.items():
        setattr(GRPOTrainer, name, clock.timed(part, stock[name]))
    callbacks.append(clock)
    try:
        yield
    finally:
        callbacks.remove(clock)
        for name, method in stock.items():
            setattr(GRPOTrainer, name, method)


def measure(config: TrainConfig) -> dict[str, object]:
    """Train, and tell what it took: the steps from the second on."""
    clock = Clock()
    with watched(clock):
        rm_train.run(config)
    steps = len(clock.ends) - 1
    seconds = (clock.ends[-1] - clock.ends[0]) / steps
    shares = {
        name: (clock.parts[-1][name] - clock.parts[0][name]) / steps / seconds
        for name in clock.spent
    }
    lines = (config.out / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    lengths = [json.loads(line)["completion_length"] for line in lines][1:]
    tokens = config.completions_per_step * sum(lengths) / len(lengths)
    return {
        "seconds_a_step": round(seconds, 3),
        "reply_tokens_a_second": round(tokens / seconds, 1),
        "reply_tokens_a_second_while_sampling": round(tokens / seconds / shares["replies"], 1),
        "share_replies": round(shares["replies"], 3),
        "share_rewards": round(shares["rewards"], 4),
        "share_all_else": round(1 - sum(shares.values()), 3),
        "peak_gib": round(peak_bytes() / 2**30, 2),
    }


def peak_bytes() -> int:
    """Of the GPU where there is one, else of this process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def settings(given: argparse.Namespace) -> TrainConfig:
    """The run: LoRA, 8 replies a question, pictures of exactly so many tokens."""
    out = Path(given.out)
    pixels = given.visual_tokens * CELL
    tiny = given.size == "tiny"
    chosen: dict[str, object] = {
        "model": str(out / f"model-{given.size}"),
        "questions": str(out / "questions" / "questions.jsonl"),
        "out": str(out / f"run-{given.size}-{given.visual_tokens}"),
        "max_steps": given.steps,
        "prompts_per_step": given.prompts,
        "num_generations": 8,
        "micro_batch": given.micro_batch,
        "max_completion_length": given.reply_tokens,
        "min_pixels": pixels,
        "max_pixels": pixels,
        "dtype": "float32" if tiny else "bfloat16",
        "use_vllm": given.vllm,
        "save_steps": 0,
        "doctor": False,
    }
    return resolve("rewardmap-qwen2.5-vl-7b-lora", overrides=chosen)


def main(arguments: list[str] | None = None) -> dict[str, object]:
    """Make what is missing, measure, print."""
    parser = argparse.ArgumentParser(description="A step of GRPO at full size.")
    parser.add_argument("--size", choices=sorted(SIZES), default="3b")
    parser.add_argument("--out", required=True, help="where model, maps and run go")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--prompts", type=int, default=4, help="questions in a step")
    parser.add_argument("--micro-batch", type=int, default=4, help="replies in a forward pass")
    parser.add_argument("--visual-tokens", type=int, default=1280)
    parser.add_argument("--reply-tokens", type=int, default=1024)
    parser.add_argument("--vllm", action="store_true", help="sample with vLLM inside the trainer")
    given = parser.parse_args(arguments)
    made = make_questions(Path(given.out) / "questions", wait=RANK != 0)
    make_model(SIZES[given.size], made.parents[1] / f"model-{given.size}", wait=RANK != 0)
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    found: dict[str, object] = {"size": given.size, "device": device}
    found |= {"visual_tokens": given.visual_tokens, "reply_tokens": given.reply_tokens}
    found |= measure(settings(given))
    if RANK == 0:
        print(json.dumps(found))
    return found


if __name__ == "__main__":
    main()
