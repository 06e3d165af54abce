"""What is fixed before the first look of a training: the questions, and how errors are counted.

```
plan.json       this
asked/          the questions, chosen once
step-000050/    a look: a run of rm-eval
curve.*         what was found, as jsonl, csv, md and html
items.jsonl     each question's way through the training
```
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from rm_eval.atomic import write_json
from rm_eval.custom import carried_task
from rm_eval.dataset import Dataset, load_dataset, load_networks
from rm_eval.errors import EvalError
from rm_eval.item import ITEMS
from rm_eval.job import QUESTIONS
from rm_eval.pictures import check_pictures
from rm_eval.stratified import Limit
from rm_eval.training_time.spending import Budget
from rm_rewards import RecordError, jsonl

PLAN: Final = "plan.json"
ASKED: Final = "asked"

_STEP: Final = re.compile(r"step-(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPlan:
    """How a training is looked at.

    Attributes:
        every: Steps between two looks; the last step is looked at in any case.
        limit: How many questions are asked, or as a float which share of them, each type and
            category in its share; None asks all.
        seed: Decides which.
        budget: The error level of all looks together.
        training: The folder of the training that is watched; empty from inside.
        start: The model that is asked as step 0; empty: the first look is what there is first.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"strict": True}

    every: int = 1
    limit: Limit | None = None
    seed: int = 0
    budget: Budget = field(default_factory=Budget)
    training: str = ""
    start: str = ""

    def is_due(self, step: int) -> bool:
        """Whether a step is looked at, if it is not the last."""
        return step % self.every == 0

    def chosen(self, questions: Path) -> Dataset:
        """The questions that are asked, each of which has its picture and network.

        Raises:
            EvalError: If the plan, a picture or a question cannot be used.
            RecordError: If a line of the questions is not one, or a network is not usable.
            OSError: If a file cannot be read.
        """
        if self.every < 1:
            raise EvalError(f"every: found {self.every}, expected 1 or more")
        self.budget.check()
        found = load_dataset(questions, limit=self.limit, seed=self.seed)
        check_pictures(found)
        load_networks(found)
        return found

    def settle(self, questions: Path, out: Path) -> None:
        """Fix the plan and its questions in a folder, or see that they are those fixed there.

        Raises:
            EvalError: As `chosen`; or if the folder holds another plan or other questions.
            RecordError, OSError: As `chosen`.
        """
        chosen = self.chosen(questions)
        if (out / PLAN).is_file():
            self._check_same(chosen, out)
            return
        if out.is_dir() and any(one.name != ASKED for one in out.iterdir()):
            raise EvalError(f"{out}: not empty, and no {PLAN} there; take another folder")
        if chosen.items:
            jsonl.write(chosen.items.values(), out / ASKED / ITEMS)
        if (own := carried_task(chosen.file.parent)) is not None:
            own.travel(chosen.file.parent, out / ASKED)
        jsonl.write(chosen.moved_to(out / ASKED), out / ASKED / QUESTIONS)
        write_json(asdict(self), out / PLAN)

    def _check_same(self, chosen: Dataset, out: Path) -> None:
        fixed = asdict(read_plan(out))
        for name, value in asdict(self).items():
            if fixed[name] != value:
                raise EvalError(
                    f"{out}: was begun with {name} {fixed[name] or 'none'}, now it is "
                    f"{value or 'none'}: the plan of looks stays what it was; take another folder, "
                    "or the same settings to go on"
                )
        asked = load_dataset(out / ASKED)
        if (
            list(asked.questions) != list(chosen.moved_to(out / ASKED))
            or asked.items != chosen.items
        ):
            raise EvalError(
                f"{out}: was begun with other questions than {chosen.file} holds now; take another "
                "folder"
            )


def read_plan(out: Path) -> LookPlan:
    """The plan that is fixed in a folder.

    Raises:
        EvalError: If there is none, or it is damaged.
    """
    file = out / PLAN
    if not file.is_file():
        raise EvalError(f"{out}: no {PLAN} there, expected a folder that `rm-eval watch` writes")
    try:
        return jsonl.parse_object(LookPlan, json.loads(file.read_bytes()), str(file))
    except (ValueError, RecordError) as error:
        raise EvalError(f"{file}: {' '.join(str(error).split())}") from None


def folder_of(out: Path, step: int) -> Path:
    """Where the look at a step lies."""
    return out / f"step-{step:06d}"


def step_of(folder: Path) -> int:
    """The step that a look's folder is of.

    Raises:
        ValueError: If it is not called `step-N`.
    """
    found = _STEP.fullmatch(folder.name)
    if found is None:
        raise ValueError(f"{folder}: expected a folder called step-N")
    return int(found.group(1))


def looks_in(out: Path) -> list[Path]:
    """The folders of looks, begun or finished, by step."""
    return sorted((one for one in out.glob("step-*") if _STEP.fullmatch(one.name)), key=step_of)
