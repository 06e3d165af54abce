"""The rewards of eleven papers of this field, one module each, as published and repaired.

`from rm_rewards.methods import star_r1`. Each module says its formula, constants, range, source
and what it is blind to: [P] the paper's text, [C] its published code, [N] what others report of
it, RECONSTRUCTION where neither gives the formula. Standard library only; `import rm_rewards`
does not load them. Inputs out of range raise `rm_rewards.RecordError`; the text of a reply never
does.
"""

from rm_rewards.methods import (
    advantages,
    care,
    copo,
    grounded_prm,
    observe_r1,
    seed_bench_r1,
    spacer,
    star_r1,
    star_r1_route,
    svqa_r1,
    vad_r1,
    vision_r1,
    vlm_r1,
    vlm_r1_length,
    whole_replies,
)

__all__ = [
    "advantages",
    "care",
    "copo",
    "grounded_prm",
    "observe_r1",
    "seed_bench_r1",
    "spacer",
    "star_r1",
    "star_r1_route",
    "svqa_r1",
    "vad_r1",
    "vision_r1",
    "vlm_r1",
    "vlm_r1_length",
    "whole_replies",
]
