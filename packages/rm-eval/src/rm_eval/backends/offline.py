"""Replies of a local model by vLLM in this process.

vLLM gets the text of a prompt with one placeholder for the picture, never the processor's tokens:
it would expand those again, and answer another prompt without an error. The tokens that it read are
compared with the processor's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.chat import sha256_of, templated
from rm_eval.backends.engine import Engine, greedy, line_of, opened
from rm_eval.backends.window import streamed
from rm_eval.errors import EvalError
from rm_eval.policy import load_processor


@dataclass(frozen=True, slots=True)
class _Asked:
    """A prompt under way.

    Attributes:
        place: The window's name for it.
        visual_tokens: As the processor makes them.
        tokens: The whole prompt by the processor, for the first alone.
    """

    place: int
    question_id: str
    visual_tokens: int
    tokens: tuple[int, ...] | None
    prompt_sha256: str


class VllmBackend:
    """Greedy replies of one model, many under way at once.

    Of the checkpoint's own generation settings only the repetition penalty and the ends of turn are
    kept, as by transformers.

    Raises:
        EvalError: If vLLM cannot load the model.
    """

    def __init__(self, engine: Engine) -> None:
        self._model = engine.model
        self._processor: Any = load_processor(
            engine.model, min_pixels=engine.min_pixels, max_pixels=engine.max_pixels
        )
        self._llm = opened(engine, self._processor)
        self._sampling = greedy(engine, self._processor)
        self._room = int(self._llm.llm_engine.model_config.max_model_len)
        self._token = int(self._processor.image_token_id)
        self._compared = False
        self._asked: dict[str, _Asked] = {}  # by vLLM's name for it
        self._counted: dict[tuple[int, int], int] = {}

    def begin(self, place: int, prompt: Prompt) -> None:
        """Ask it beside those that are under way.

        Raises:
            EvalError: If it is too long, or vLLM refuses it.
        """
        text = templated(self._processor, prompt)
        visual = self._visual_tokens(prompt)
        self._check_room(prompt, text, visual)
        tokens = None if self._compared else self._made(prompt, text)
        try:
            name = self._llm.enqueue(
                [self._row(prompt, text)], sampling_params=self._sampling, use_tqdm=False
            )[0]
        except Exception as error:  # vLLM raises any type for what it cannot compute
            raise self._cannot(error) from error
        # it goes on with eight characters of its own, which its replies do not have
        self._asked[name.partition("-")[0]] = _Asked(
            place, prompt.question_id, visual, tokens, sha256_of(text)
        )

    def finished(self) -> list[tuple[int, Reply | EvalError]]:
        """One step of all that is under way, and what ended with it.

        Raises:
            EvalError: If vLLM fails.
        """
        try:
            outputs: list[Any] = self._llm.llm_engine.step()
        except Exception as error:
            raise self._cannot(error) from error
        return [self._taken(output) for output in outputs if output.finished]

    def abandon(self) -> None:
        """Give up what is under way."""
        self._llm.llm_engine.abort_request(list(self._asked))
        self._asked.clear()

    def replies(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply a prompt, in order.

        Raises:
            EvalError: If a prompt is too long, or vLLM read other tokens than the processor makes.
        """
        return [one for part in streamed(self, prompts, max(len(prompts), 1)) for one in part]

    def facts(self) -> dict[str, str]:
        """In what type and by what attention it computes, and its sampling parameters."""
        config = self._llm.llm_engine.vllm_config
        layers = config.compilation_config.static_forward_context.values()
        used = {one.attn_backend.get_name() for one in layers if hasattr(one, "attn_backend")}
        chosen = config.attention_config.backend  # with the engine in a process of its own
        named = chosen.name if chosen is not None else "chosen by vLLM"
        return {
            "dtype": str(config.model_config.dtype).removeprefix("torch."),
            "attention": ", ".join(sorted(used)) or named,
            "generation": repr(self._sampling),
        }

    def close(self) -> None:
        """Let go of the engine and its memory, so that another may be opened in this process."""
        self._llm.llm_engine.engine_core.shutdown()
        del self._llm
        state = cast("Any", import_module("vllm.distributed.parallel_state"))
        state.cleanup_dist_env_and_memory()  # left to chance, it would take the next one's groups

    def _row(self, prompt: Prompt, text: str) -> dict[str, Any]:
        if prompt.picture is None:
            return {"prompt": text}
        return {
            "prompt": text,
            "multi_modal_data": {"image": prompt.picture},
            "multi_modal_uuids": {"image": [prompt.picture_key]},
        }

    def _taken(self, output: Any) -> tuple[int, Reply | EvalError]:  # noqa: ANN401 - RequestOutput
        asked = self._asked.pop(output.request_id)
        read: list[int] = list(output.prompt_token_ids)
        visual = read.count(self._token)
        if asked.tokens is not None and asked.tokens != tuple(read):
            return asked.place, _apart(asked.question_id, len(read), len(asked.tokens))
        self._compared = True
        if visual != asked.visual_tokens:
            return asked.place, _apart(asked.question_id, visual, asked.visual_tokens)
        made = output.outputs[0]
        tokens = list(made.token_ids)
        reply = Reply(
            self._processor.tokenizer.decode(tokens, skip_special_tokens=True),
            len(tokens),
            "length" if made.finish_reason == "length" else "stop",
            visual_tokens=visual,
            prompt_tokens=len(read),
            cached_tokens=output.num_cached_tokens,
            prompt_sha256=asked.prompt_sha256,
        )
        return asked.place, reply

    def _made(self, prompt: Prompt, text: str) -> tuple[int, ...]:
        images = None if prompt.picture is None else [[prompt.picture]]
        made = self._processor(text=[text], images=images)
        return tuple(int(token) for token in made["input_ids"][0])

    def _check_room(self, prompt: Prompt, text: str, visual: int) -> None:
        """Refuse what does not fit: vLLM would refuse the whole call, or cut the reply short."""
        reply = int(self._sampling.max_tokens)
        if len(text.encode()) + visual + reply <= self._room:  # a token is a byte at least
            return
        words = len(self._processor.tokenizer(text)["input_ids"]) - (prompt.picture is not None)
        if words + visual + reply > self._room:
            raise EvalError(
                f"question {prompt.question_id!r}: its {words} tokens of text, {visual} of its "
                f"picture and {reply} for the reply are more than the model's {self._room}; lower "
                "--max-pixels or --max-new-tokens, or raise --max-model-len"
            )

    def _visual_tokens(self, prompt: Prompt) -> int:
        if prompt.picture is None:
            return 0
        size = (prompt.picture.height, prompt.picture.width)
        if size not in self._counted:
            counted = self._processor._get_num_multimodal_tokens(image_sizes=[size])
            self._counted[size] = int(counted.num_image_tokens[0])
        return self._counted[size]

    def _cannot(self, error: Exception) -> EvalError:
        return EvalError(f"{self._model}: vLLM cannot answer: {line_of(error)}")


def _apart(question: str, read: int, made: int) -> EvalError:
    return EvalError(
        f"question {question!r}: vLLM read {read} tokens where the processor makes {made}, so it "
        "would answer another prompt; take --backend transformers"
    )
