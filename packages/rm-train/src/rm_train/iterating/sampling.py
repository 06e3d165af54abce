"""Sampled replies of a policy, several to each question: what traces are distilled from.

The replies are written in chunks of questions, each a file that appears whole. A chunk depends on
model, questions, settings, seed and its number alone, so that a sampling that was killed goes on,
on any number of processes, and ends in what would have come without the kill.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any, Final, cast

import torch
from accelerate import PartialState  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from transformers import GenerationConfig

from rm_eval import Policy, load_policy
from rm_rewards import Completion, jsonl
from rm_train import embedded
from rm_train.config import EMBEDDED, TrainConfig
from rm_train.embedded_data import embedded_questions
from rm_train.failures import explained_failures
from rm_train.fitting import fitting
from rm_train.learner import device_of
from rm_train.prompts import Material, Pictures, read_material
from rm_train.provenance import model_fingerprint
from rm_train.quiet import quiet_libraries
from rm_train.run_directory import RunDirectory
from rm_train.shared_pictures import share_pictures
from rm_train.warmup import tell_on_stderr

COMPLETIONS: Final = "completions.jsonl"
"""All replies of a sampling, in the order of the questions; there when it is done."""

_CHUNKS: Final = "chunks"
_STRIDE: Final = 1_000_003


def sample(config: TrainConfig) -> Path:
    """Sample `num_generations` replies to each question; gives the file of the replies.

    Of the settings those of model, questions, sampling, pictures, device and seed play a part;
    `micro_batch` says how many replies are made at a time (rounded to whole questions). A policy
    with an adapter is merged. With `resume: auto` a sampling that was stopped goes on.

    Raises:
        ConfigError, RunError, PolicyError, RecordError: As `rm_train.run`.
    """
    with quiet_libraries(), explained_failures(config.out):
        device = device_of(config)
        state = cast("Any", PartialState(cpu=device == "cpu"))
        directory = RunDirectory(config.out)
        with state.main_process_first():
            if state.is_main_process:
                directory.admit(config)
            questions = config.questions or embedded_questions(directory.data, config.seed)[0]
            material = read_material(questions, config.maps)
        done = directory.path / COMPLETIONS
        if not done.is_file():
            _sample(config, material, directory, state, device)
        return done


def _sample(
    config: TrainConfig,
    material: Material,
    directory: RunDirectory,
    state: Any,  # noqa: ANN401 - accelerate has no types
    device: str,
) -> None:
    model = str(embedded.checkpoint_path()) if config.model == EMBEDDED else config.model
    sampler = _Sampler(config, material, _policy(config, model, device))
    chunks = sampler.chunks
    if state.is_main_process:
        found = {"questions": material.fingerprint, "model": model_fingerprint(model)}
        directory.begin(config, found)
    folder = directory.path / _CHUNKS
    folder.mkdir(exist_ok=True, parents=True)
    for number in range(state.process_index, chunks, state.num_processes):
        file = folder / f"{number:06d}.jsonl"
        if not file.is_file():
            jsonl.write(sampler.replies(number), file)
        if state.is_main_process and (number + 1 == chunks or number % ceil(chunks / 5) == 0):
            tell_on_stderr(f"{directory.path}: {number + 1} of {chunks} batches of replies")
    state.wait_for_everyone()
    if state.is_main_process:
        files = (folder / f"{number:06d}.jsonl" for number in range(chunks))
        jsonl.write(
            chain.from_iterable(jsonl.read(Completion, file) for file in files),
            directory.path / COMPLETIONS,
        )
    state.wait_for_everyone()


def _policy(config: TrainConfig, model: str, device: str) -> Policy:
    policy = load_policy(
        model,
        device=device,
        dtype=config.dtype,
        min_pixels=config.min_pixels or None,
        max_pixels=config.max_pixels or None,
    )
    share_pictures(policy.model)
    return policy


@dataclass(slots=True)
class _Sampler:
    """Replies to a chunk of questions, from a seed of the chunk's own."""

    config: TrainConfig
    material: Material
    policy: Policy

    @property
    def _size(self) -> int:
        """Questions in a chunk."""
        replies = self.config.micro_batch or self.config.completions_per_step
        return max(1, replies // self.config.num_generations)

    @property
    def chunks(self) -> int:
        return ceil(len(self.material.questions) / self._size)

    def replies(self, number: int) -> Iterator[Completion]:
        places = range(number * self._size, (number + 1) * self._size)
        asked = [place for place in places if place < len(self.material.questions)]
        torch.manual_seed(self.config.seed * _STRIDE + number)
        made = self._generated(asked)
        group = self.config.num_generations
        for row, tokens in enumerate(made):
            question = self.material.questions[asked[row // group]]
            yield self._completion(question.id, row % group, tokens)

    def _generated(self, asked: Sequence[int]) -> list[list[int]]:
        model, processor = cast("Any", self.policy.model), cast("Any", self.policy.processor)
        pictures = Pictures(fitting(processor)).of(self.material.pictures[n] for n in asked)
        batch = processor(
            text=[self._prompt(self.material.questions[n].question) for n in asked],
            images=[[picture] for picture in pictures],
            padding=True,
            return_tensors="pt",
        ).to(model.device)
        with torch.inference_mode():
            made = model.generate(**batch, generation_config=self._settings())
        new = made[:, batch["input_ids"].shape[1] :]
        return cast("list[list[int]]", new.cpu().tolist())

    def _prompt(self, text: str) -> str:
        content = [{"type": "image"}, {"type": "text", "text": text}]
        return cast("Any", self.policy.processor).apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )

    def _settings(self) -> GenerationConfig:
        config, tokenizer = self.config, cast("Any", self.policy.processor).tokenizer
        pad = tokenizer.pad_token_id
        return GenerationConfig(
            do_sample=True,
            temperature=config.temperature,
            top_p=config.top_p,
            top_k=0,
            num_return_sequences=config.num_generations,
            max_new_tokens=config.max_completion_length,
            eos_token_id=sorted(self._ends()),
            pad_token_id=tokenizer.eos_token_id if pad is None else pad,
        )

    def _ends(self) -> set[int]:
        """Tokens that end a turn: the tokenizer's, and the one or several of the model."""
        own: int | list[int] | None = cast("Any", self.policy.model).generation_config.eos_token_id
        found: set[int] = {cast("Any", self.policy.processor).tokenizer.eos_token_id}
        return found.union([own] if isinstance(own, int) else own or [])

    def _completion(self, question: str, sample: int, tokens: list[int]) -> Completion:
        ends = self._ends()
        end = next((at for at, token in enumerate(tokens) if token in ends), None)
        kept = tokens if end is None else tokens[: end + 1]
        text = cast("Any", self.policy.processor).tokenizer.decode(kept, skip_special_tokens=True)
        return Completion(
            question_id=question,
            sample=sample,
            text=text,
            tokens=len(kept),
            finish_reason="length" if end is None else "stop",
        )
