"""The finished looks at a training, read back and made sure to be of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rm_eval.errors import EvalError
from rm_eval.finished import read_run
from rm_eval.job import REWARDS
from rm_eval.manifest import NAME, Manifest, Settings, read_manifest
from rm_eval.results import Results
from rm_eval.training_time.plan import looks_in, step_of

_WHERE: Final = ("device", "engines", "max_model_len")


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the step, what each reply earned, always in one order, and its folder."""

    step: int
    graded: Results
    folder: Path


def is_finished(folder: Path) -> bool:
    """Whether the look in that folder has its rewards, which are written when all is asked."""
    return (folder / REWARDS).is_file()


def read_looks(out: Path) -> list[Look]:
    """The finished looks in a folder, by step.

    Raises:
        EvalError: If two of them were asked other questions or in another way.
        RecordError: If a file of one is damaged.
        OSError: If one cannot be read.
    """
    found: list[Look] = []
    first: tuple[Path, Manifest] | None = None
    for folder in looks_in(out):
        if not is_finished(folder):
            continue
        run = read_run(folder, folder.name)
        manifest = run.manifests["."]
        first = first or (folder, manifest)
        _check_alike(*first, folder, manifest)
        found.append(Look(step_of(folder), run.graded, folder))
    return found


def _check_alike(first: Path, one: Manifest, second: Path, other: Manifest) -> None:
    kinds = [
        {
            "questions": manifest.data.fingerprint,
            "pictures": manifest.data.pictures,
            "reward": manifest.reward_version,
            **_asking(manifest.settings),
        }
        for manifest in (one, other)
    ]
    for name, value in kinds[0].items():
        if kinds[1][name] != value:
            raise EvalError(
                f"{first} and {second}: asked with {name} {value!r} and {kinds[1][name]!r}; the "
                "looks at a training must be alike: remove one of them"
            )


def check_asking(out: Path, settings: Settings) -> None:
    """Refuse to ask in another way than the first look of a folder was asked.

    Raises:
        EvalError: Naming the setting, with both values.
    """
    begun = next((one for one in looks_in(out) if (one / NAME).is_file()), None)
    if begun is None:
        return
    now = _asking(settings)
    for name, value in _asking(read_manifest(begun).settings).items():
        if now[name] != value:
            raise EvalError(
                f"{begun}: was asked with {name} {value!r}, now it is {now[name]!r}; go on with "
                "the same settings, or take another folder"
            )


def _asking(settings: Settings) -> dict[str, object]:
    """What may not differ between looks: all but where they are computed."""
    return {name: value for name, value in asdict(settings).items() if name not in _WHERE}


def right(look: Look) -> Sequence[bool]:
    """Whether each question was answered right."""
    return look.graded.right.tolist()
