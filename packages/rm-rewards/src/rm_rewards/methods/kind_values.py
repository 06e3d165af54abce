"""What each method says of the replies of a group, for the kinds of `rm_rewards.methods.kinds`."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log2

from rm_rewards.methods.care import CareConstants, care_group
from rm_rewards.methods.copo import coefficient, entropy
from rm_rewards.methods.observe_r1 import FORMAT, bonuses, d_weight
from rm_rewards.methods.seed_bench_r1 import thought_and_answer
from rm_rewards.methods.spacer import mra, station_order
from rm_rewards.methods.svqa_r1 import swapped_agree
from rm_rewards.methods.vad_r1 import removal_check
from rm_rewards.methods.vision_r1 import gated
from rm_rewards.names import station_key
from rm_rewards.parts import Options, Sample, SampleValue
from rm_rewards.reading import read_answer, reader
from rm_rewards.records import PLANNING
from rm_rewards.route import read_route
from rm_rewards.scoring import score
from rm_rewards.stops import listed_stops


def marked(name: str) -> SampleValue:
    """The detail that a named reward gives: the method's own judgement of the reply."""

    def value(sample: Sample, _options: Options) -> float:
        found = score(sample.question, sample.text, network=sample.network, reward=name)
        return found.detail

    return value


def gated_detail(sample: Sample, options: Options) -> float:
    """Vision-R1, repaired: 1 for right and well formed, else `cap` x the detail of `rewardmap`."""
    found = score(sample.question, sample.text, network=sample.network, reward="rewardmap")
    cap = min(0.999, max(0.0, options["cap"]))
    return gated(well_formed=found.format > 0, correct=found.correct, partial=found.detail, cap=cap)


def observe_format(sample: Sample, _options: Options) -> float:
    """0.5 for Observe-R1's form with an answer in it."""
    found = score(sample.question, sample.text, network=sample.network, reward="observe-r1")
    return FORMAT if found.format > 0 else 0.0


def mean_relative_accuracy(sample: Sample, _options: Options) -> float:
    """1 for a right reply; for another number SpaceR's MRA; else 0."""
    answer, said = sample.question.answer, sample.reward.parsed
    if sample.reward.correct or answer is None or said is None:
        return float(sample.reward.correct)
    try:
        return mra(float(said), float(answer))
    except ValueError:  # a letter, yes or no
        return 0.0


def order_of_stops(sample: Sample, _options: Options) -> float:
    """How well a Counting1 lists its stops in order; 0 where fewer than two are known."""
    via = sample.question.fine_grained_answer
    true = [station_key(stop) for stop in via] if isinstance(via, tuple) else []
    if len(set(true)) < len(true) or len(true) < 2:
        return 0.0
    return station_order([station_key(stop) for stop in listed_stops(sample.text)], true)


def consistent(sample: Sample, _options: Options) -> float:
    """1 if the reasoning comes to the answer that is given."""
    thought, said = thought_and_answer(sample.question, sample.text)
    return float(thought is not None and thought == said)


def observe_bonus(samples: Sequence[Sample], options: Options) -> Sequence[float]:
    """0.2 for one of the group, or for none."""
    correct, lengths = [s.reward.correct for s in samples], [s.tokens for s in samples]
    return bonuses(correct, lengths, least=int(options["least"]))


def observe_weight(samples: Sequence[Sample], _options: Options) -> list[float]:
    """Observe-R1's weight of the group, the same for each reply."""
    right = sum(s.reward.correct for s in samples)
    return [d_weight(right / len(samples))] * len(samples)


def care_bonus(samples: Sequence[Sample], options: Options) -> Sequence[float]:
    """0.5 for the right replies whose answers are as likely as those of the right ones are."""
    found = care_group(
        [s.reward.accuracy for s in samples],
        [0.0] * len(samples),
        [s.aside.likelihood for s in samples],
        CareConstants(margin=options["margin"]),
    )
    return found.bonuses


def copo_entropy(samples: Sequence[Sample], _options: Options) -> list[float]:
    """H over the most that it could be, the same for each reply."""
    bits = entropy([s.reward.parsed for s in samples])
    most = log2(len(samples)) if len(samples) > 1 else inf
    return [bits / most] * len(samples)


def copo_coefficient(samples: Sequence[Sample], _options: Options) -> list[float]:
    """1 - lam H, the same for each reply."""
    bits = entropy([s.reward.parsed for s in samples])
    return [coefficient(bits, len(samples))] * len(samples)


def pair_agrees(sample: Sample, _options: Options) -> float:
    """Right, and the reply to the twin says the same: the way reversed, or the same answer."""
    question, second = sample.question, sample.aside.second
    if second is None or not sample.reward.correct:
        return 0.0
    if question.type == PLANNING:
        return float(swapped_agree(question, sample.text, second, network=sample.network))
    values = reader(question.type, question.options)
    said = None if values is None else read_answer(second, values).value
    return float(said is not None and said == sample.reward.parsed)


def removal(sample: Sample, _options: Options) -> float:
    """0.5, -0.2 or 0 by the route that was planned without the line."""
    second, removed = sample.aside.second, sample.aside.removed
    if second is None or removed is None:
        return 0.0
    routes = read_route(sample.text).legs, read_route(second).legs
    return removal_check(*routes, removed, correct=sample.reward.correct)
