"""What is varied, what is compared with what, and the runs that follow from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, TypeAlias

from rm_train.config import ConfigError

SEED: Final = "seed"

Style: TypeAlias = Literal["each", "full"]
Labels: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Level:
    """One value of a factor: what it is called, and what it sets."""

    label: str
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that is varied; `baseline` is the label of the level the others are held against.

    Strata and repeats are factors too, whose levels are never held against each other.
    """

    name: str
    levels: tuple[Level, ...]
    baseline: str

    def level(self, label: str) -> Level:
        """The level of that label.

        Raises:
            KeyError: If there is none.
        """
        return {level.label: level for level in self.levels}[label]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Synthetic maps and their questions.

    Attributes:
        train_maps: Maps to train on; other ones for each seed.
        held_out_maps: Maps that every run is measured on.
        per_map: Questions of each type for one training map; a map may not have as many.
        held_out: Likewise for a held-out map.
        transfers: The fewest and the most transfers of the planning questions.
    """

    train_maps: int
    held_out_maps: int
    per_map: Mapping[str, int]
    held_out: Mapping[str, int]
    transfers: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """When a run counts as having learned.

    Attributes:
        kind: The question type that is watched.
        level: The accuracy to reach.
        window: The running mean is over so many steps that ask this type.
    """

    kind: str
    level: float
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """All of an ablation.

    Attributes:
        title: One line for tables and pictures.
        style: `each` varies one factor at a time against the baseline, `full` takes every
            combination.
        also: Further arms beside those that vary one factor; what they leave out is the baseline.
        factors: What is compared.
        strata: What results are told apart by; every stratum has all arms.
        repeats: What is repeated beside the seed, such as the model that a run starts from.
        seeds: Of the runs; training maps and samples follow them.
        settings: Of every run; names that are no setting fill `{name}` in texts.
        task: Synthetic maps, or None where `settings` name question files.
        reach: When a run has learned.
        grading: The reward specification that grades the held-out replies of every run.
    """

    title: str
    style: Style
    also: tuple[Labels, ...]
    factors: tuple[Factor, ...]
    strata: tuple[Factor, ...]
    repeats: tuple[Factor, ...]
    seeds: tuple[int, ...]
    settings: Mapping[str, object]
    task: Task | None
    reach: Reach
    grading: str

    @property
    def baseline(self) -> dict[str, str]:
        """The arm that the others are held against."""
        return {factor.name: factor.baseline for factor in self.factors}

    def arms(self) -> list[dict[str, str]]:
        """The label of each factor in each arm, the baseline first."""
        if self.style == "full":
            labels = [[level.label for level in factor.levels] for factor in self.factors]
            found = [dict(zip(self.baseline, chosen, strict=True)) for chosen in product(*labels)]
            return sorted(found, key=lambda arm: arm != self.baseline)
        others = [
            {**self.baseline, factor.name: level.label}
            for factor in self.factors
            for level in factor.levels
            if level.label != factor.baseline
        ]
        return [self.baseline, *others, *({**self.baseline, **arm} for arm in self.also)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run of an ablation.

    Attributes:
        name: Of its folder.
        arm, stratum, repeat: The labels of the factors; `repeat` holds the seed as well.
        settings: Of the run, in the form of `rm_train.resolve`.
    """

    name: str
    arm: Labels
    stratum: Labels
    repeat: Labels
    settings: Mapping[str, object]


def trials(design: Design) -> tuple[Trial, ...]:
    """Every run. All arms of a repeat come before the next one: a design cut short is balanced.

    Raises:
        ConfigError: If two runs have one name, or a text asks for a name that has no value.
    """
    seeds = Factor(SEED, tuple(Level(str(s), {SEED: s}) for s in design.seeds), "")
    made: list[Trial] = []
    for repeat in _combined([seeds, *design.repeats]):
        for stratum in _combined(design.strata):
            made += [_trial(design, arm, stratum, repeat) for arm in design.arms()]
    names = [trial.name for trial in made]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"factors: two runs would be called {twice[0]!r}; rename a level")
    return tuple(made)


def _combined(factors: Sequence[Factor]) -> Iterator[list[tuple[str, Level]]]:
    names = [factor.name for factor in factors]
    for levels in product(*(factor.levels for factor in factors)):
        yield list(zip(names, levels, strict=True))


def _trial(
    design: Design,
    arm: Labels,
    stratum: Sequence[tuple[str, Level]],
    repeat: Sequence[tuple[str, Level]],
) -> Trial:
    chosen = [(factor.name, factor.level(arm[factor.name])) for factor in design.factors]
    settings = dict(design.settings)
    for _, level in (*stratum, *repeat, *chosen):
        settings |= level.settings
    parts = [f"{name}={level.label}" for name, level in (*stratum, *chosen, *repeat)]
    return Trial(
        name=",".join(re.sub(r"[^\w.+=-]", "_", part) for part in parts),
        arm=dict(arm),
        stratum={name: level.label for name, level in stratum},
        repeat={name: level.label for name, level in repeat},
        settings=_filled(settings),
    )


def _filled(settings: Mapping[str, object]) -> dict[str, object]:
    """Texts with `{name}` replaced by the value of that name; names so used are left out."""
    used: set[str] = set()

    def value(match: re.Match[str]) -> str:
        if match[1] not in settings:
            raise ConfigError(f"{match[0]}: expected one of {', '.join(settings)} in the braces")
        used.add(match[1])
        return str(settings[match[1]])

    filled = {
        name: re.sub(r"\{(\w+)\}", value, text) if isinstance(text, str) else text
        for name, text in settings.items()
    }
    return {name: text for name, text in filled.items() if name not in used - {SEED}}
