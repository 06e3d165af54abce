"""Rounds of distilling: sample, keep what is right, teach it to the base model, reinforce, again.

As OpenVLThinker iterates (arXiv 2503.17352): the supervised part of each round starts from the base
model, on the verified traces of the policy that the round before has reinforced.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from rm_rewards import Question, jsonl
from rm_train.config import EMBEDDED, ConfigError, SftConfig, TrainConfig
from rm_train.embedded_data import embedded_questions
from rm_train.iterating.held_out import Score, measured, score_of
from rm_train.iterating.phase import Phase, check_launcher, run_phase
from rm_train.iterating.traces import TRACES, Distilled, distil
from rm_train.plan import plan_of
from rm_train.quiet import one_thread
from rm_train.run_directory import RunDirectory

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did.

    Attributes:
        number: From 1.
        distilled: Its replies and traces.
        taught: On the held-out questions, the base model after the traces; None without such.
        reinforced: The same model after GRPO.
        model: The folder of the reinforced model.
    """

    number: int
    distilled: Distilled
    taught: Score | None
    reinforced: Score | None
    model: Path


@dataclass(frozen=True, slots=True)
class Iterated:
    """All rounds, and the base model on the held-out questions (None without such)."""

    base: Score | None
    rounds: tuple[Round, ...]


def iterate(
    config: TrainConfig, rounds: int, *, launcher: str | None = None, tell: Tell = print
) -> Iterated:
    """Go through the rounds that are left, into `config.out`.

    Round N lies in `round-N/`: `rollouts/` (`rm-train sample`), `traces.jsonl`, `sft/`
    (`rm-train sft` from `config.model`), `grpo/` (`rm-train run` from `sft/model`). The replies of
    round 1 are those of `config.model`, or those in `config.sft.replies`. Each round has a seed of
    its own, `config.seed` + N.

    Args:
        config: The settings of all phases; `schedule` is the order of questions in each GRPO.
        rounds: How many there shall be in all; more can be asked for later.
        launcher: As for `run_phase`.
        tell: Gets a line after each round.

    Raises:
        ConfigError: If `rounds` or `sft.steps` is 0, or a setting cannot be used.
        RunError: If no reply of a round is right, or a phase fails.
        PolicyError, RecordError: As `rm_train.run`.
    """
    _check(config, rounds, launcher)
    directory = RunDirectory(config.out)
    directory.admit(replace(config, resume="auto"))
    if config.questions is not None:  # those that are made fit any schedule
        plan_of(list(jsonl.read(Question, config.questions)), config)
    directory.begin(config, {})
    config = _with_questions(config, directory)
    threads = one_thread() if config.model == EMBEDDED else nullcontext()
    with threads:
        base = measured(config, config.model, config.out / "base")
        done: list[Round] = []
        policy = config.model
        for number in range(1, rounds + 1):
            done.append(_round(config, number, policy, launcher))
            policy = str(done[-1].model)
            tell(_told(done[-1]))
    return Iterated(base, tuple(done))


def _check(config: TrainConfig, rounds: int, launcher: str | None) -> None:
    config.check()
    if rounds < 1:
        raise ConfigError(f"--rounds: found {rounds}, expected 1 or more")
    if not config.sft.steps:
        raise ConfigError(
            "sft.steps: found 0, expected a number of steps (--sft-steps): each round teaches its "
            "traces to the base model"
        )
    check_launcher(config, launcher)


def _with_questions(config: TrainConfig, directory: RunDirectory) -> TrainConfig:
    """The embedded run's own questions, made once for all phases."""
    if config.questions is not None:
        return config
    made, held_out = embedded_questions(directory.data, config.seed)
    return replace(config, questions=made, eval_questions=config.eval_questions or held_out)


def _round(config: TrainConfig, number: int, policy: str, launcher: str | None) -> Round:
    folder = config.out / f"round-{number}"
    config = replace(config, seed=config.seed + number)
    assert config.questions is not None  # `_with_questions` has seen to it
    plain = replace(config, eval_questions=None, sft=replace(config.sft, replies=None))
    given = config.sft.replies if number == 1 else None
    asked = Phase("sample", replace(plain, model=policy, out=folder / "rollouts"))
    replies = given or run_phase(asked, launcher)
    counts = distil(config.questions, replies, folder, config.reward_spec(), config.networks)
    lessons = replace(plain.sft, replies=folder / TRACES, questions=None, merge=True)
    taught = replace(plain, out=folder / "sft", sft=lessons)
    model = run_phase(Phase("sft", taught), launcher)
    reinforced = replace(config, model=str(model), out=folder / "grpo", sft=SftConfig())
    run_phase(Phase("run", reinforced), launcher)
    held_out = folder / "grpo" / "eval"
    return Round(
        number,
        counts,
        score_of(held_out / "before"),
        score_of(held_out / "after"),
        folder / "grpo" / "model",
    )


def _told(done: Round) -> str:
    counts = done.distilled
    line = (
        f"round {done.number}: {counts.right} of {counts.replies} replies right, traces for "
        f"{counts.traces} of {counts.questions} questions"
    )
    if done.taught is None or done.reinforced is None:
        return line
    return (
        f"{line}; held-out {done.taught.share:.3f} taught, {done.reinforced.share:.3f} reinforced"
    )
