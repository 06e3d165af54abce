"""Verified traces: of the replies to each question the shortest right one, to be learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from rm_data import distilled
from rm_rewards import Completion, Question, RewardSpec, jsonl, score, score_group
from rm_train.run_directory import RunError, write_text

TRACES: Final = "traces.jsonl"
"""The traces as replies, one a question at most; there when the distilling is done."""

_COUNTS: Final = "traces.json"


@dataclass(frozen=True, slots=True)
class Distilled:
    """What came of a sampling.

    Attributes:
        questions: That were asked.
        replies: That were sampled.
        right: Of the replies.
        traces: Questions with a verified trace.
        cut: Traces of which reflections were cut away.
    """

    questions: int
    replies: int
    right: int
    traces: int
    cut: int


def distil(
    questions: Path, completions: Path, folder: Path, reward: RewardSpec, networks: Path | None
) -> Distilled:
    """Write the traces of a sampling into `folder`, unless they are there.

    Of each question's right replies the shortest is taken, cut where it begins to doubt itself and
    verified anew (OpenVLThinker, arXiv 2503.17352).

    Args:
        questions: The questions that were asked.
        completions: The replies to them.
        folder: Gets `traces.jsonl` and `traces.json`.
        reward: What says whether a reply is right.
        networks: Folder of networks, for questions that name none.

    Raises:
        RunError: If no reply is right: there is nothing to learn from.
        RecordError: If a question, reply or network cannot be used.
        OSError: If a file cannot be read or written.
    """
    if (folder / TRACES).is_file():
        return _counts(folder / _COUNTS)
    asked = {
        name: question for name, (_, question) in jsonl.read_by_id(Question, questions).items()
    }
    found = jsonl.Networks(questions.parent, networks)
    replies = tuple(jsonl.read(Completion, completions))

    def verify(question: Question, text: str) -> bool:
        return score(question, text, network=found.to_judge(question), reward=reward).correct

    right = _verified(asked, replies, reward, found)
    chains = tuple(distilled(asked, replies, right, verify))
    cut = sum(chain.cut for chain in chains)
    counts = Distilled(len(asked), len(replies), sum(right.values()), len(chains), cut)
    if not chains:
        raise RunError(
            f"{completions}: none of the {counts.replies} replies to {counts.questions} questions "
            "is right, so there is nothing to learn from; sample more of them (num_generations), "
            "ask easier questions, or begin with a model that was taught (rm-train sft)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / _COUNTS, TypeAdapter(Distilled).dump_json(counts).decode())
    jsonl.write(
        (Completion(question_id=c.question.id, sample=c.sample, text=c.text) for c in chains),
        folder / TRACES,
    )
    return counts


def _verified(
    asked: Mapping[str, Question],
    replies: tuple[Completion, ...],
    reward: RewardSpec,
    networks: jsonl.Networks,
) -> dict[tuple[str, int], bool]:
    groups: dict[str, list[Completion]] = {}
    for reply in replies:
        groups.setdefault(reply.question_id, []).append(reply)
    right: dict[tuple[str, int], bool] = {}
    for name, group in groups.items():
        if name not in asked:
            continue  # `distilled` names it
        question, texts = asked[name], [reply.text for reply in group]
        network = networks.to_judge(question)
        earned = score_group(question, texts, network=network, reward=reward)
        for reply, one in zip(group, earned, strict=True):
            right[name, reply.sample] = one.correct
    return right


def _counts(file: Path) -> Distilled:
    try:
        return TypeAdapter(Distilled).validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        raise RunError(
            f"{file}: found {first['input']!r}, expected what distilling wrote"
        ) from None
