"""Replies of a local model by transformers: greedy, in batches.

torch and transformers are imported when a reply is made, not before.
"""

# ruff: noqa: PLC0415 - importing torch takes seconds, and `--help` must not wait for it

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.chat import sha256_of, templated
from rm_eval.errors import EvalError
from rm_eval.policy import Policy

if TYPE_CHECKING:
    from torch import Tensor

    from rm_eval.steering.applying import Steered


def check_device(device: str, count: int = 1) -> None:
    """Refuse a device that is not there.

    Args:
        device: As torch names it.
        count: How many of its kind are wanted.

    Raises:
        EvalError: Naming the device.
    """
    import torch

    try:
        kind = torch.device(device).type
    except RuntimeError:
        raise EvalError(f"device: found {device!r}, expected cpu, cuda or cuda:N") from None
    if kind == "cuda" and not torch.cuda.is_available():
        raise EvalError(f"device: found {device!r}, but torch sees no GPU here; expected cpu")
    if kind == "cuda" and torch.cuda.device_count() < count:
        raise EvalError(
            f"engines: found {count}, expected {torch.cuda.device_count()} GPUs at most"
        )


class TransformersBackend:
    """Greedy replies of one policy.

    Of the checkpoint's own generation settings only the repetition penalty and the ends of turn are
    kept, as in the published ReasonMap inference; sampling is off. The policy's
    `generation_config` is replaced.

    Args:
        policy: The model and its processor.
        max_new_tokens: Longest reply.
        steered: What is added to the model's states while it replies.
    """

    def __init__(
        self, policy: Policy, *, max_new_tokens: int, steered: Steered | None = None
    ) -> None:
        from transformers import GenerationConfig

        self._generating = nullcontext if steered is None else steered.generating
        self._model = cast("Any", policy.model)
        self._processor = cast("Any", policy.processor)
        tokenizer = self._processor.tokenizer
        own = self._model.generation_config
        self._ends = ends_of_turn(own.eos_token_id, tokenizer.eos_token_id)
        self._model.generation_config = GenerationConfig(
            do_sample=False,
            num_beams=1,
            repetition_penalty=own.repetition_penalty or 1.0,
            max_new_tokens=max_new_tokens,
            eos_token_id=sorted(self._ends) or None,
            pad_token_id=tokenizer.eos_token_id
            if tokenizer.pad_token_id is None
            else tokenizer.pad_token_id,
        )

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply a prompt, all in one batch, padded on the left.

        Raises:
            EvalError: If the processor refuses a prompt, or the memory is too small for the batch.
        """
        import torch

        texts = [templated(self._processor, prompt) for prompt in prompts]
        batch = self._batch(prompts, texts)
        try:
            with torch.inference_mode(), self._generating():
                made = self._model.generate(**batch.to(self._model.device))
        except torch.OutOfMemoryError:
            raise EvalError(
                f"the device ran out of memory with {len(prompts)} questions at a time; "
                "take a smaller batch size or fewer max pixels"
            ) from None
        picture_token = self._picture_token()
        visual = (batch["input_ids"] == picture_token).sum(dim=1).tolist()
        lengths = batch["attention_mask"].sum(dim=1).tolist()
        new = made[:, batch["input_ids"].shape[1] :].cpu()
        rows = zip(new, visual, lengths, texts, strict=True)
        return [
            replace(self._reply(row, int(count), int(length)), prompt_sha256=sha256_of(text))
            for row, count, length, text in rows
        ]

    def facts(self) -> dict[str, str]:
        """In what type and by what attention it computes, and its generation settings."""
        config, settings = self._model.config, self._model.generation_config
        return {
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "attention": str(getattr(config, "_attn_implementation", None)),
            "generation": json.dumps(settings.to_diff_dict(), sort_keys=True, default=str),
        }

    def _batch(self, prompts: Sequence[Prompt], texts: Sequence[str]) -> Any:  # noqa: ANN401 - a BatchFeature, untyped
        shown = [[] if prompt.picture is None else [prompt.picture] for prompt in prompts]
        images = shown if any(shown) else None
        try:
            return self._processor(
                text=list(texts), images=images, padding=True, return_tensors="pt"
            )
        except ValueError as error:
            named = ", ".join(repr(prompt.question_id) for prompt in prompts)
            raise EvalError(f"questions {named}: the processor refused them: {error}") from error

    def _picture_token(self) -> int:
        found = getattr(self._processor, "image_token_id", None)
        return int(self._model.config.image_token_id if found is None else found)

    def _reply(self, row: Tensor, visual_tokens: int, prompt_tokens: int) -> Reply:
        tokens = cast("list[int]", row.tolist())
        end = next((at for at, token in enumerate(tokens) if token in self._ends), None)
        kept = tokens if end is None else tokens[: end + 1]
        text = self._processor.tokenizer.decode(kept, skip_special_tokens=True)
        reason = "length" if end is None else "stop"
        return Reply(
            text, len(kept), reason, visual_tokens=visual_tokens, prompt_tokens=prompt_tokens
        )

    def close(self) -> None:
        """The model goes with the object."""


def ends_of_turn(*tokens: int | list[int] | None) -> frozenset[int]:
    """The ids of the tokens that end a turn, as the settings give them: one, several or none."""
    found: set[int] = set()
    for token in tokens:
        found.update([] if token is None else [token] if isinstance(token, int) else token)
    return frozenset(found)
