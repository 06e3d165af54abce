"""From a design to finished runs, in a folder that a later call can go on from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from rm_train.ablation.design import SEED, Design, Trial, trials
from rm_train.ablation.directory import Directory, finished
from rm_train.ablation.pool import Pool
from rm_train.ablation.task import held_out_questions, training_questions
from rm_train.ablation.worker import Answer, Order
from rm_train.config import EMBEDDED, ConfigError, TrainConfig
from rm_train.config_file import resolve, to_mapping, to_yaml
from rm_train.embedded import checkpoint_path
from rm_train.run_directory import write_text

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Planned:
    """A trial with the settings of its run."""

    trial: Trial
    config: TrainConfig

    @property
    def model(self) -> str:
        """Folder or hub name of the model that the run starts from."""
        return str(checkpoint_path()) if self.config.model == EMBEDDED else self.config.model


@dataclass(frozen=True, slots=True)
class Work:
    """All runs of a design in their folder.

    Attributes:
        questions: The held-out questions.
    """

    design: Design
    directory: Directory
    runs: tuple[Planned, ...]
    questions: Path

    def before(self) -> dict[str, Planned]:
        """The models that runs start from, by a name for each, with a run that does."""
        models = list(dict.fromkeys(one.model for one in self.runs))
        first = {one.model: one for one in reversed(self.runs)}
        return {f"{n:02}-{Path(m).name}": first[m] for n, m in enumerate(models)}


def plan(design: Design, out: Path) -> Work:
    """Every run of the design with its settings, all of them checked; writes nothing.

    Raises:
        ConfigError: If a run's settings cannot be used: the run and the setting.
    """
    directory = Directory(out)
    runs = tuple(_planned(design, directory, trial) for trial in trials(design))
    questions = design.settings.get("eval_questions")
    if design.task is None and questions is None:
        raise ConfigError("eval_questions: found none, expected held-out questions")
    held_out = (
        Path(str(questions)) if design.task is None else directory.data / "held-out/questions.jsonl"
    )
    if design.task is None and not held_out.is_file():
        raise ConfigError(f"eval_questions: {held_out}: no such file")
    return Work(design, directory, runs, held_out)


def _planned(design: Design, directory: Directory, trial: Trial) -> Planned:
    settings = dict(trial.settings)
    preset = settings.pop("preset", None)
    settings.pop("eval_questions", None)  # ablate measures: all runs with one reward
    if design.task is not None:
        seed = trial.repeat[SEED]
        settings["questions"] = str((directory.data / f"train-{seed}/questions.jsonl").resolve())
    elif settings.get("questions"):
        settings["questions"] = str(Path(str(settings["questions"])).resolve())
    settings |= {"out": str(directory.run(trial.name)), "resume": "auto"}
    try:
        config = resolve(None if preset is None else str(preset), None, settings)
    except ConfigError as error:
        raise ConfigError(f"run {trial.name}: {error}") from None
    _check_model(config, trial.name)
    return Planned(trial, config)


def _check_model(config: TrainConfig, name: str) -> None:
    local = config.model.startswith((".", "/", "bases/"))
    if local and not Path(config.model).is_dir():
        raise ConfigError(
            f"run {name}: model: {config.model}: no such folder; base checkpoints are made by "
            "`python -m rm_train.embedded.make --ladder --seed N --out bases/N`"
        )


def carry_out(work: Work, tell: Tell, *, jobs: int = 1, gpus: Sequence[str] = ()) -> list[Answer]:
    """Do what is left to do; gives an answer for each run that was tried.

    Args:
        work: The runs.
        tell: Gets a line for each run that has ended.
        jobs: How many work at a time.
        gpus: Dealt to them in turn.

    Raises:
        RunError: If the folder is in use, or is no ablation.
    """
    directory = work.directory
    directory.begin()
    with directory.alone() as lock:
        _prepare(work)
        orders = _orders(work)
        done = len(work.runs) - sum(order.config is not None for order in orders)
        tell(f"{directory.path}: {len(work.runs)} runs, {done} of them done")

        def told(answer: Answer, number: int, of: int) -> None:
            how = f"failed: {answer.reason}" if answer.reason else f"{answer.seconds:.0f} s"
            tell(f"{number}/{of}  {answer.name}  {how}")

        return Pool(jobs, gpus, (lock,)).work(orders, told)


def _prepare(work: Work) -> None:
    task = work.design.task
    if task is not None:
        held_out_questions(task, work.directory.data)
        for seed in work.design.seeds:
            training_questions(task, work.directory.data, seed)
    write_text(
        work.directory.design,
        yaml.safe_dump(json.loads(json.dumps(asdict(work.design))), sort_keys=False),
    )
    for one in work.runs:
        write_text(work.directory.config(one.trial.name), to_yaml(one.config))


def _orders(work: Work) -> list[Order]:
    before = {
        name: _order(work, name, one, one.model, work.directory.before(name))
        for name, one in work.before().items()
    }
    after = {
        one.trial.name: _order(
            work,
            one.trial.name,
            one,
            str(work.directory.run(one.trial.name) / "model"),
            work.directory.held_out(one.trial.name),
            config=to_mapping(one.config),
        )
        for one in work.runs
    }
    return [order for order in (*before.values(), *after.values()) if not _done(order)]


def _done(order: Order) -> bool:
    return finished(Path(order.held_out))


def _order(
    work: Work,
    name: str,
    one: Planned,
    model: str,
    held_out: Path,
    *,
    config: Mapping[str, object] | None = None,
) -> Order:
    settings = one.config
    small = settings.device == "cpu"
    return Order(
        name=name,
        config=config,
        model=model,
        questions=str(work.questions),
        held_out=str(held_out),
        grading=work.design.grading,
        batch_size=max(settings.prompts_per_step, 64) if small else 16,
        max_new_tokens=settings.max_completion_length,
        device=settings.device,
        min_pixels=settings.min_pixels,
        max_pixels=settings.max_pixels,
        log=str(work.directory.log(name)),
    )


def failures(answers: Sequence[Answer]) -> dict[str, str]:
    """The reason of each run that failed."""
    return {answer.name: answer.reason for answer in answers if answer.reason}
