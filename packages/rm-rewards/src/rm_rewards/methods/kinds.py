"""The methods that score replies, as parts of a composition: in TOML by name, in Python as `Kind`s.

    [parts.share]
    use = "star_r1"
    weight = 0.5

A value is in the method's own units, so that weight 1 is the published weight. Parts that look at
the whole group say so (`Kind.whole`), and those that need more than the reply's text say what
(`Kind.needs`, `Aside`). What needs a truth that a `Question` does not carry, boxes or positions,
is made for it by `box_iou`, `boxes_found` and `map_drawn`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from rm_rewards.methods import kind_values as values
from rm_rewards.methods.observe_r1 import FORMAT
from rm_rewards.methods.seed_bench_r1 import format_reward as thought_then_answer
from rm_rewards.methods.spacer import Drawn, drawn_map, map_score
from rm_rewards.methods.vad_r1 import CONFIRMED, FLIPPED
from rm_rewards.methods.vlm_r1 import Box, Found, Size, detection, found_boxes, rec_reward
from rm_rewards.methods.vlm_r1_length import cosine_length, repetition
from rm_rewards.parts import Kind, Options, Sample, each
from rm_rewards.records import Question, RecordError

T = TypeVar("T")
_RIGHT_OR_LESS: Final = (0.0, 1.0)
_SAME_FOR_ALL: Final = (0.0, 0.0)

METHOD_KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            name="star_r1",
            of=each(values.marked("star-r1")),
            gap=_RIGHT_OR_LESS,
            anew=True,
            meaning="STAR-R1: share of right statements about the legs; 1 for a right reply",
        ),
        Kind(
            name="hfrrf",
            of=each(values.marked("hfrrf")),
            gap=_RIGHT_OR_LESS,
            anew=True,
            meaning="Vision-R1: 1 if form and answer are right",
        ),
        Kind(
            name="hfrrf_gated",
            of=each(values.gated_detail),
            gap=_RIGHT_OR_LESS,
            options={"cap": 0.5},
            anew=True,
            meaning="Vision-R1, repaired: the same, else `cap` x the detail of `rewardmap`",
        ),
        Kind(
            name="grounded_prm",
            of=each(values.marked("grounded-prm")),
            range=(-1.0, 1.0),
            gap=(0.0, 2.0),
            anew=True,
            meaning="GroundedPRM: verdicts of the graph on the steps and on the end, -1 to 1",
        ),
        Kind(
            name="observe_format",
            of=each(values.observe_format),
            range=(0.0, FORMAT),
            meaning="Observe-R1: 0.5 for observe, think, answer with an answer in it",
        ),
        Kind(
            name="cosine_length",
            of=each(
                lambda s, options: cosine_length(
                    s.tokens, correct=s.reward.correct, longest=max(1, int(options["longest"]))
                )
            ),
            range=(-0.5, 1.0),
            gap=(0.5, 1.5),
            options={"longest": 1024.0},
            meaning="VLM-R1: by length, right replies 1 to 0.5, wrong ones -0.5 to 0",
        ),
        Kind(
            name="word_repetition",
            of=each(lambda s, options: repetition(s.text, n=max(1, int(options["n"])))),
            range=(-1.0, 0.0),
            options={"n": 6.0},
            meaning="VLM-R1: minus the share of repeated runs of `n` words",
        ),
        Kind(
            name="mra",
            of=each(values.mean_relative_accuracy),
            gap=_RIGHT_OR_LESS,
            meaning="SpaceR: 1 for a right reply, less for a number the further it is off",
        ),
        Kind(
            name="station_order",
            of=each(values.order_of_stops),
            meaning="SpaceR, our map form: order of the stops that a Counting1 lists, 0 to 1",
        ),
        Kind(
            name="thought_then_answer",
            of=each(lambda s, _: thought_then_answer(s.text)),
            meaning="SEED-Bench-R1: 1 for `<think>`, then `<answer>`, and nothing else",
        ),
        Kind(
            name="consistent",
            of=each(values.consistent),
            meaning="SEED-Bench-R1, by rule: 1 if the reasoning comes to the answer, right or not",
        ),
        Kind(
            name="pair_agrees",
            of=each(values.pair_agrees),
            gap=_RIGHT_OR_LESS,
            needs=("second",),
            meaning="SVQA-R1: 1 for a right reply whose twin with the stations swapped agrees",
        ),
        Kind(
            name="removal",
            of=each(values.removal),
            range=(FLIPPED, CONFIRMED),
            gap=(FLIPPED, CONFIRMED - FLIPPED),
            needs=("second", "removed"),
            meaning="Vad-R1, our map form: 0.5 / -0.2 by the reply without the line it had used",
        ),
        Kind(
            name="observe_bonus",
            of=values.observe_bonus,
            range=(0.0, 0.2),
            gap=(0.0, 0.2),
            options={"least": 100.0},
            whole=True,
            meaning="Observe-R1: 0.2 for the shortest right reply of more than `least` tokens",
        ),
        Kind(
            name="observe_weight",
            of=values.observe_weight,
            range=(0.0, 1.8),
            gap=_SAME_FOR_ALL,
            whole=True,
            meaning="Observe-R1: 7.2 d (1 - d), one number a group, for a metric (weight 0)",
        ),
        Kind(
            name="care_bonus",
            of=values.care_bonus,
            range=(0.0, 0.5),
            gap=(0.0, 0.5),
            options={"margin": 0.0},
            whole=True,
            needs=("likelihood",),
            meaning="GRPO-CARE: 0.5 for a right reply as likely as the group's right ones",
        ),
        Kind(
            name="copo_entropy",
            of=values.copo_entropy,
            gap=_SAME_FOR_ALL,
            whole=True,
            meaning="COPO: entropy of the group's answers over its most, for a metric (weight 0)",
        ),
        Kind(
            name="copo_coefficient",
            of=values.copo_coefficient,
            gap=_SAME_FOR_ALL,
            whole=True,
            meaning="COPO: 1 - lam H, one number a group, for a metric (weight 0)",
        ),
    )
}
"""The kinds that a specification can name, beside those of `rm_rewards.parts.KINDS`."""


def box_iou(true: Mapping[str, Box], *, model: Size, image: Size) -> Kind:
    """VLM-R1's IoU of the first box in `<answer>`, by the true box of each question's id.

    Raises:
        RecordError: When it scores, for a question without a box.
    """
    return Kind(
        name="box_iou",
        of=each(lambda s, _: rec_reward(s.text, _true(true, s.question), model=model, image=image)),
        meaning="VLM-R1: overlap of the first box with the true one",
    )


def boxes_found(true: Mapping[str, Sequence[Found]]) -> Kind:
    """VLM-R1's detection score of the boxes in `<answer>`, by the true ones of each question's id.

    Raises:
        RecordError: When it scores, for a question without boxes.
    """
    return Kind(
        name="boxes_found",
        of=each(lambda s, _: detection(found_boxes(s.text), _true(true, s.question)).score),
        meaning="VLM-R1: how well the boxes match the true ones",
    )


def map_drawn(true: Mapping[str, Drawn]) -> Kind:
    """SpaceR's score of the map that a right reply draws, by the true one of each question's id.

    Raises:
        RecordError: When it scores, for a question without a map.
    """

    def value(sample: Sample, _options: Options) -> float:
        truth, drawn = _true(true, sample.question), drawn_map(sample.text)
        return map_score(drawn, truth) if sample.reward.correct and drawn else 0.0

    return Kind(
        name="map_drawn",
        of=each(value),
        gap=_RIGHT_OR_LESS,
        meaning="SpaceR: how well a right reply draws the map",
    )


def _true(true: Mapping[str, T], question: Question) -> T:
    if question.id not in true:
        raise RecordError("true", question.id, "the truth of that question")
    return true[question.id]


__all__ = ["METHOD_KINDS", "box_iou", "boxes_found", "map_drawn"]
