"""A run before its first question: everything checked that can be checked without the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rm_eval.backends.chat import check_texts
from rm_eval.backends.engine import check_vllm
from rm_eval.backends.local import check_device
from rm_eval.backends.server_settings import Server
from rm_eval.custom import NO_TRUST, OwnTask, Trust, carried_task
from rm_eval.dataset import Dataset, load_networks
from rm_eval.errors import EvalError
from rm_eval.extractors import PAPER
from rm_eval.item_grading import grade_item
from rm_eval.journal import COMPLETIONS
from rm_eval.manifest import (
    NAME,
    Data,
    Manifest,
    Model,
    Settings,
    check_same,
    describe_model,
    library_versions,
    read_manifest,
)
from rm_eval.of_questions import OfQuestions
from rm_eval.pictures import Picture, check_pictures, pictures_fingerprint
from rm_eval.policy import load_processor
from rm_eval.snapshot import local_folder
from rm_eval.steering.vector import check_model
from rm_rewards import Completion, Network, Question, Reward, reward_spec, score_completion

QUESTIONS: Final = "questions.jsonl"
REWARDS: Final = "rewards.jsonl"


@dataclass(frozen=True, slots=True)
class Job:
    """A run whose input has been checked.

    Attributes:
        dataset: The questions to ask.
        pictures: The picture of each question by the question's id.
        networks: The networks of the planning questions that have one, likewise.
        model: The folder of the model; behind a server its name.
        settings: All that was chosen.
        out: The run folder.
        own: The task of one's own whose file travels with the questions, or None.
    """

    dataset: Dataset
    pictures: OfQuestions[Picture]
    networks: OfQuestions[Network]
    model: Path
    settings: Settings
    out: Path
    own: OwnTask | None = None

    def grade(self, question: Question, completion: Completion) -> Reward:
        """What that reply to the question earns."""
        if self.dataset.has_item(question):
            return grade_item(self.dataset.items[question.id], completion, self.own)
        network = self.networks.of(question)
        reward = self.settings.reward
        return score_completion(question, completion, network=network, reward=reward)

    def manifest(self, model: Model | None = None) -> Manifest:
        """What the run is made with; reads every file of the model, unless it is described.

        Raises:
            EvalError: If the run is to be steered by a vector of another model.
        """
        remote = self.settings.backend == "openai"
        described = model or describe_model(self.model, remote=remote)
        if self.settings.steering is not None:
            check_model(self.settings.steering, self.model, described.weights)
        return Manifest(
            model=described,
            data=Data(
                file=str(self.dataset.file.resolve()),
                questions=len(self.dataset.questions),
                fingerprint=self.dataset.fingerprint,
                pictures=pictures_fingerprint(self.pictures),
                task_file=None if self.own is None else self.own.record(),
            ),
            settings=self.settings,
            reward_version=self._graded_by(),
            versions=library_versions(self.settings.backend),
        )

    def _graded_by(self) -> str:
        """What grades: the reward, the extractor of the general benchmarks, or both."""
        general = {self.dataset.has_item(question) for question in self.dataset.questions}
        reward = reward_spec(self.settings.reward).version
        reader = PAPER if self.own is None else self.own.version
        names = [*([] if all(general) else [reward]), *([reader] if any(general) else [])]
        return ", ".join(names)


def checked_job(
    model: str | Path, dataset: Dataset, settings: Settings, out: Path, trust: Trust = NO_TRUST
) -> Job:
    """The run of these questions, after a look at every picture, network, setting and the model.

    Args:
        model: A folder, a name on the hub, or what a server calls it.
        dataset: The questions.
        settings: All that was chosen.
        out: The run folder.
        trust: What may run of a task file that is code.

    Raises:
        EvalError: If a picture, a setting or a task file cannot be used.
        PolicyError: If the model's folder or processor cannot be used.
        RecordError: If a network cannot be used, or a question not be graded.
        OSError: If a network cannot be read.
    """
    for name in ("batch_size", "max_new_tokens", "engines"):
        value: int = getattr(settings, name)
        if value < 1:
            raise EvalError(f"{name}: found {value}, expected 1 or more")
    job = Job(
        dataset=dataset,
        networks=load_networks(dataset),
        pictures=check_pictures(dataset),
        model=Path(model) if settings.backend == "openai" else local_folder(model),
        settings=settings,
        out=out,
        own=carried_task(dataset.file.parent, trust),
    )
    for question in dataset.questions:
        job.grade(question, Completion(question_id=question.id, text=""))
    _check_model(job)
    return job


def _check_model(job: Job) -> None:
    settings = job.settings
    if settings.backend == "openai":
        (settings.server or Server()).check()
        return
    if settings.backend == "vllm":
        check_vllm(job.model, settings.device)
    check_device(settings.device, settings.engines)
    processor = load_processor(
        job.model, min_pixels=settings.min_pixels, max_pixels=settings.max_pixels
    )
    check_texts(processor, ((one.id, one.question) for one in job.dataset.questions))


def is_fresh(out: Path, manifest: Manifest) -> bool:
    """Whether the run begins in that folder; False if it goes on there.

    Raises:
        EvalError: If the folder holds another run, or files that a run would write over.
    """
    if (out / NAME).is_file():
        check_same(read_manifest(out), manifest, out)
        return False
    for name in (QUESTIONS, COMPLETIONS, REWARDS):
        if (out / name).is_file() and (out / name).stat().st_size:
            raise EvalError(
                f"{out}: holds {name} but no {NAME}, so it is no run; take another --out"
            )
    return True
