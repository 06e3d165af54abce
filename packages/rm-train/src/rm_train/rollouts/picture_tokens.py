"""A prompt with pictures as vLLM takes it: each picture one token, which vLLM expands itself.

TRL 1.16 hands vLLM the tokens of the processor, in which each picture already is a run of tokens.
vLLM expands the first of them again, so replies are sampled from a prompt that is not trained on,
and nothing fails (huggingface/trl#6294).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rm_train.run_directory import RunError


def one_token_a_picture(ids: Sequence[int], picture: int) -> list[int]:
    """The tokens with each run of the picture token made one, as vLLM expects them.

    Example:
        >>> one_token_a_picture([1, 9, 9, 9, 2, 9, 9, 3], picture=9)
        [1, 9, 2, 9, 3]
    """
    runs = ((token, list(run)) for token, run in groupby(ids))
    return [t for token, run in runs for t in ([token] if token == picture else run)]


def check_same_prompts(
    trained: Sequence[Sequence[int]], sampled: Sequence[Sequence[int]], picture: int
) -> None:
    """Refuse replies to other tokens than those that are trained on.

    Args:
        trained: Each prompt as the trainer's processor made it.
        sampled: Each prompt as vLLM read it, pictures expanded.
        picture: The picture token.

    Raises:
        RunError: At the first prompt that differs, with its numbers of tokens.
    """
    for ours, theirs in zip(trained, sampled, strict=True):
        if list(ours) != list(theirs):
            seen = list(ours).count(picture), list(theirs).count(picture)
            raise RunError(
                f"vLLM read a prompt of {len(theirs)} tokens ({seen[1]} of pictures) where the "
                f"trainer has {len(ours)} ({seen[0]} of pictures): pictures are expanded twice, or "
                "vLLM scales them to other pixel bounds; --no-use-vllm samples in the trainer"
            )
