"""What each alarm usually means, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Meaning:
    """The part of an alarm's message that is the same for every run."""

    means: str
    do: str


MEANINGS: Final = {
    "dead-groups-hard": Meaning(
        "almost all groups are all wrong, so their advantages are 0 and little is learned",
        "begin with easier questions (schedule rewardmap), a longer warm-up, more num_generations, "
        "or a reward with partial credit",
    ),
    "dead-groups-easy": Meaning(
        "almost all groups are all right: the stage is learned and its steps are wasted",
        "shorten the stage, or leave out questions that are always right",
    ),
    "dead-groups-other": Meaning(
        "replies that differ in correctness earn the same",
        "look at the reward: `rm-rewards report`, and `rm-train doctor` for constant columns",
    ),
    "no-signal": Meaning(
        "all advantages are 0: the model stays what it is",
        "go back to an earlier checkpoint if it knew more, and lower lr; else begin with easier "
        "questions or a longer warm-up",
    ),
    "unparsed": Meaning(
        "the form that is asked for is not learned, since the share does not fall",
        "look at samples.jsonl; warm up on gold answers (--sft-steps), or raise "
        "max_completion_length",
    ),
    "reward-errors": Meaning(
        "replies could not be scored; they are left out of their groups, not counted as wrong",
        "look at samples.jsonl for status error, and at `rm-rewards explain`",
    ),
    "truncated": Meaning(
        "replies are cut off before their end and cannot be right",
        "raise max_completion_length, or set mask_truncated",
    ),
    "kl": Meaning(
        "the policy has gone far from where it began",
        "lower lr, raise beta; look at samples.jsonl whether it still writes sense",
    ),
    "entropy-collapse": Meaning(
        "the policy writes the same whatever it is asked: nothing new is tried any more",
        "go back to an earlier checkpoint; lower lr, raise epsilon_high (DAPO: 0.28), temperature "
        "or beta",
    ),
    "entropy-explosion": Meaning(
        "the policy is breaking up into noise",
        "go back to an earlier checkpoint; lower lr or max_grad_norm",
    ),
    "reward-spread": Meaning(
        "all replies earn the same, so there is nothing left to prefer",
        "look at samples.jsonl: a constant answer, or a reward that is full without being right",
    ),
    "length": Meaning(
        "replies grow without getting better",
        "look at samples.jsonl for repetition; lower max_completion_length or choose another "
        "loss_type (dr_grpo)",
    ),
    "hacking-detail": Meaning(
        "the model has found what the detail reward pays for, and gives up being right",
        "lower --alpha; see `rm-rewards attack` for what earns detail without a right answer",
    ),
    "hacking-reward": Meaning(
        "the model is rewarded for something else than being right",
        "look at samples.jsonl, and at `rm-rewards attack` for what earns without a right answer",
    ),
    "hacking-format": Meaning(
        "the model has learned the form and nothing else",
        "easier questions first, more partial credit, or less weight on the format",
    ),
    "forgetting": Meaning(
        "what an earlier stage taught is being lost",
        "--schedule replay or random, a lower lr, more questions a step",
    ),
    "forgetting-held-out": Meaning(
        "the training has cost accuracy on held-out questions of this type",
        "--schedule replay or random, a lower lr, or stop earlier",
    ),
}
"""By the code of the alarm."""
