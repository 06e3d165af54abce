"""Replies in, rewards out, with memory for one group at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import IO

from rm_rewards.commands.inputs import network_of, placed
from rm_rewards.composition import AnyReward, Component, Composed, Composition
from rm_rewards.jsonl import Networks, dump
from rm_rewards.parts import Aside
from rm_rewards.records import Reward
from rm_rewards.replies import Reply
from rm_rewards.scoring import score_completion
from rm_rewards.whole_file import replacing


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """The companion of one `Reward` on disk: every part by name, always all of them."""

    question_id: str
    sample: int
    total: float
    reward_version: str
    components: Mapping[str, Component]


def scored(
    replies: Iterable[Reply], networks: Networks, reward: AnyReward
) -> Iterator[tuple[Reply, Composed]]:
    """Each reply with its reward, and with its components if the reward is a composition.

    A group, for parts that look at whole groups, is the replies to one question that follow each
    other.

    Raises:
        RecordError: With the place of the reply that cannot be scored.
    """
    if isinstance(reward, Composition):
        for _, group in groupby(replies, key=lambda reply: reply.question.id):
            yield from _group(list(group), networks, reward)
        return
    for reply in replies:
        with placed(reply.where):
            network = network_of(networks, reply.question)
            found = score_completion(
                reply.question, reply.completion, network=network, reward=reward
            )
        yield reply, Composed(reward=found, components={})


def _group(
    replies: list[Reply], networks: Networks, reward: Composition
) -> Iterator[tuple[Reply, Composed]]:
    first = replies[0]
    with placed(first.where):
        network = network_of(networks, first.question)
        texts = [reply.completion.text for reply in replies]
        asides = [Aside(tokens=reply.completion.tokens) for reply in replies]
        found = reward.score_group(first.question, texts, network=network, asides=asides)
    for reply, composed in zip(replies, found, strict=True):
        yield reply, replace(composed, reward=_recorded(composed.reward, reply))


def _recorded(reward: Reward, reply: Reply) -> Reward:
    """With the sample of the record, and `truncated` where the length limit cut it off."""
    cut = reward.status == "unparsed" and reply.completion.finish_reason == "length"
    status = "truncated" if cut else reward.status
    return replace(reward, sample=reply.completion.sample, status=status)


def components_of(composed: Composed) -> Components:
    """The companion line of a reward."""
    return Components(
        question_id=composed.reward.question_id,
        sample=composed.reward.sample,
        total=composed.reward.total,
        reward_version=composed.reward.reward_version,
        components=composed.components,
    )


@contextmanager
def companion(path: Path | None) -> Generator[IO[str] | None]:
    """A file beside the output that appears whole or not at all; None if none is wanted."""
    if path is None:
        yield None
        return
    with replacing(path) as stream:
        yield stream


def noted(found: Iterable[tuple[Reply, Composed]], stream: IO[str] | None) -> Iterator[Reward]:
    """The rewards, while their components go to the stream."""
    for _, composed in found:
        if stream is not None:
            stream.write(dump(components_of(composed)) + "\n")
        yield composed.reward
