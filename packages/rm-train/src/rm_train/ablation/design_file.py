"""From the keys of a file, and what the command line asks, to a design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rm_train.ablation.design import SEED, Design, Factor, Level, Reach, Style, Task
from rm_train.ablation.file_keys import AblationFile, Levels, TaskKeys, read_keys, shipped
from rm_train.config import ConfigError

_ALSO: Final[Mapping[str, str]] = {"order": "schedule"}
"""Other names of factors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks of a file.

    Attributes:
        only: Labels to keep, by the name of a factor, stratum or repeat.
        over: Factors to vary, of this file or of one that comes along; empty: all of the file.
        seeds: How many; None leaves it to the file.
        short: Take the file's short form.
        preset: Run settings in place of the file's `embedded` section.
        settings: Settings over all others.
        style: `each` or `full`; None leaves it to the file.
    """

    over: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    seeds: int | None = None
    short: bool = False
    preset: str | None = None
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    style: Style | None = None


def read_design(name: str, wanted: Wanted) -> Design:
    """The design in a file.

    Args:
        name: One of `shipped()`, or the path of a file.
        wanted: What the command line asks.

    Raises:
        ConfigError: Naming the file, the key, the value and what was expected.
        OSError: If the file cannot be read.
    """
    return _design(read_keys(name), name, wanted)


def _design(read: AblationFile, where: str, wanted: Wanted) -> Design:
    tiny = wanted.preset is None
    base: dict[str, object] = {**read.base, **(read.embedded if tiny else {})}
    if not tiny:
        base["preset"] = wanted.preset
    if wanted.short:
        base |= read.short.base
    base |= wanted.settings
    seeds = wanted.seeds or (read.short.seeds if wanted.short else read.seeds)
    chosen = _chosen(read, where, wanted.over)
    own_questions = base.get("questions") is not None
    factors = tuple(
        _factor(where, name, levels, read.baseline.get(name)) for name, levels in chosen.items()
    )
    strata = _factors(where, read.strata) if tiny else ()
    repeats = _factors(where, read.repeats) if tiny else ()
    check_labels(wanted.only, (*factors, *strata, *repeats))
    return Design(
        title=read.title,
        style=wanted.style or read.design,
        also=_also(where, read, factors, wanted),
        factors=_kept(factors, wanted),
        strata=_kept(strata, wanted),
        repeats=_kept(repeats, wanted),
        seeds=tuple(range(seeds)),
        settings=_with_baselines(where, read, chosen, base),
        task=None if own_questions else _task(read.task, where),
        reach=Reach(kind=read.reach.kind, level=read.reach.level, window=read.reach.window),
        grading=read.grading,
    )


def _chosen(read: AblationFile, where: str, over: Sequence[str]) -> dict[str, Levels]:
    """The factors to vary: of the file, or of the files that come along."""
    names = [_ALSO.get(name, name) for name in over]
    repeated = {SEED, *read.strata, *read.repeats}
    wanted = [name for name in names if name not in repeated]
    if not wanted:
        return read.factors
    known: dict[str, Levels] = {}
    for name in shipped():
        known = {**read_keys(name).factors, **known}
    known |= read.factors
    for name in wanted:
        if name not in known:
            names = ", ".join([*known, SEED])
            raise ConfigError(f"--over {name}: not in {where}; the factors are {names}")
    return {name: known[name] for name in wanted}


def _with_baselines(
    where: str, read: AblationFile, chosen: Mapping[str, Levels], base: Mapping[str, object]
) -> dict[str, object]:
    """The base settings, with the baseline of each factor that is not varied."""
    settings = dict(base)
    for name, levels in read.factors.items():
        if name not in chosen:
            factor = _factor(where, name, levels, read.baseline.get(name))
            settings |= factor.level(factor.baseline).settings
    return settings


def check_labels(only: Mapping[str, tuple[str, ...]], factors: Sequence[Factor]) -> None:
    """Make sure that there is what is to be kept.

    Raises:
        ConfigError: Naming the label and those that there are.
    """
    known = {factor.name: [level.label for level in factor.levels] for factor in factors}
    for name, labels in only.items():
        if name not in known:
            raise ConfigError(f"--only {name}: expected one of {', '.join(known)}")
        for label in labels:
            if label not in known[name]:
                raise ConfigError(f"--only {name}={label}: expected {' or '.join(known[name])}")


def _kept(factors: Sequence[Factor], wanted: Wanted) -> tuple[Factor, ...]:
    """The factors with the levels that are wanted; the baseline stays, or the first is it."""
    made: list[Factor] = []
    for factor in factors:
        labels = wanted.only.get(factor.name)
        levels = tuple(one for one in factor.levels if labels is None or one.label in labels)
        names = [level.label for level in levels]
        made.append(
            Factor(factor.name, levels, factor.baseline if factor.baseline in names else names[0])
        )
    return tuple(made)


def _also(
    where: str, read: AblationFile, factors: Sequence[Factor], wanted: Wanted
) -> tuple[dict[str, str], ...]:
    """The further arms, those alone whose factors are varied and whose labels are kept."""
    known = {factor.name: {level.label for level in factor.levels} for factor in factors}
    arms: list[dict[str, str]] = []
    for arm in read.also:
        labels = {name: str(label) for name, label in arm.items()}
        for name, label in labels.items():
            if label not in known.get(name, {label}):
                expected = " or ".join(sorted(known[name]))
                raise ConfigError(f"{where}: also.{name}: found {label!r}, expected {expected}")
        if all(
            name in known and label in wanted.only.get(name, (label,))
            for name, label in labels.items()
        ):
            arms.append(labels)
    return tuple(arms)


def _factors(where: str, read: Mapping[str, Levels]) -> tuple[Factor, ...]:
    return tuple(_factor(where, name, levels, None) for name, levels in read.items())


def _factor(where: str, name: str, levels: Levels, baseline: object) -> Factor:
    if isinstance(levels, dict):
        made = tuple(Level(label, settings) for label, settings in levels.items())
    else:
        made = tuple(Level(str(value), {name: value}) for value in levels)
    labels = [level.label for level in made]
    if not made or len(set(labels)) < len(labels):
        raise ConfigError(f"{where}: factors.{name}: found {labels}, expected different levels")
    first = str(labels[0] if baseline is None else baseline)
    if first not in labels:
        expected = " or ".join(labels)
        raise ConfigError(f"{where}: baseline.{name}: found {first!r}, expected {expected}")
    return Factor(name, made, first)


def _task(read: TaskKeys | None, where: str) -> Task:
    if read is None:
        raise ConfigError(f"{where}: task: found none, expected one, or --questions")
    return Task(
        train_maps=read.train_maps,
        held_out_maps=read.held_out_maps,
        per_map=read.per_map,
        held_out=read.held_out,
        transfers=read.transfers,
    )
