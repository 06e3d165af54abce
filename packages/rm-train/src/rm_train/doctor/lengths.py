"""Is there room for the prompts with their picture tokens, and for the replies?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from rm_train.doctor.finding import Finding, some_of

_ENCODER_BUDGET: Final = 4096
"""Tokens that TRL 1.16 lets vLLM inside the trainer take in one batch; not a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptLength:
    """How long the prompt of a question is.

    Attributes:
        question: Its id.
        text: Tokens of the templated text, the picture's placeholder left out.
        visual: Tokens that the picture becomes.
    """

    question: str
    text: int
    visual: int

    @property
    def total(self) -> int:
        """All tokens of the prompt."""
        return self.text + self.visual


def length_findings(
    prompts: Sequence[PromptLength], completion: int, limits: Mapping[str, int]
) -> Iterator[Finding]:
    """Prompts that leave too little room for a reply.

    Args:
        prompts: All that are asked, or the longest of them.
        completion: The longest reply, in tokens.
        limits: Most tokens of prompt and reply together, by whose limit it is.
    """
    if not prompts:
        return
    totals = [prompt.total for prompt in prompts]
    longest = max(prompts, key=lambda prompt: prompt.total)
    yield Finding(
        level="note",
        code="prompt-length",
        found=f"prompts of {min(totals):,} to {max(totals):,} tokens (median "
        f"{median(totals):,.0f}); with {completion:,} for the reply {max(totals) + completion:,} "
        "at most",
    )
    for name, limit in limits.items():
        long = [prompt.question for prompt in prompts if prompt.total + completion > limit]
        if long:
            yield Finding(
                level="error",
                code="prompt-length",
                found=f"question {longest.question!r}: {longest.text:,} tokens of text + "
                f"{longest.visual:,} of its picture + {completion:,} for the reply are more than "
                f"{name}, {limit:,}; so it is for {len(long):,} of {len(prompts):,} "
                f"({some_of(long)})",
                effect="positions beyond the limit were never trained, or the prompt is refused in "
                "the middle of the run",
                way_out="lower max_pixels or max_completion_length, or leave those questions out",
            )


def encoder_findings(visual: Sequence[int]) -> Iterator[Finding]:
    """Pictures that are larger than a batch of vLLM inside the trainer.

    Args:
        visual: Tokens of each picture.
    """
    large = sum(tokens > _ENCODER_BUDGET for tokens in visual)
    if large:
        yield Finding(
            level="warning",
            code="vllm-batch",
            found=f"{large} of {len(visual)} pictures have more than {_ENCODER_BUDGET:,} tokens "
            f"(up to {max(visual):,}), vLLM inside the trainer takes {_ENCODER_BUDGET:,} at once",
            effect="each of them is computed in a batch of its own, and rollouts are slow",
            way_out="lower max_pixels, or use vllm_mode server",
        )
