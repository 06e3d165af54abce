"""Reward specifications: what a name such as `rewardmap` stands for, down to each constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import inf
from typing import Final, Literal, TypeAlias

from rm_rewards.credit import PlanningPoints
from rm_rewards.judge import ACCEPTED, Accept
from rm_rewards.records import RecordError

Grader: TypeAlias = Literal[
    "published", "paper", "repaired", "star-r1", "hfrrf", "observe-r1", "grounded-prm"
]
METHODS: Final = ("star-r1", "hfrrf", "observe-r1", "grounded-prm")
"""The graders that follow other papers than RewardMap's (`rm_rewards.methods`)."""

_GRADERS: Final = ("published", "paper", "repaired", *METHODS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardSpec:
    """One reward: total = format + correctness + alpha * detail (RewardMap, eq. 1, unweighted).

    Vary it with `dataclasses.replace`: the version then changes with it.

    Attributes:
        name, semver: What it is called, and the version of its rules.
        grader: `published` follows the released code, `paper` the paper's Algorithm 1,
            `repaired` this package's own rules, a name of `METHODS` that method's.
        format: Points for the form that was asked for.
        correctness: Points for a right answer.
        alpha: What the detail is multiplied by.
        accept: Which routes are right beside the question's own (`repaired` only): those with no
            more transfers (`min-transfers`), `any` that reach the destination, those that none
            beats in transfers and stops (`pareto`), those with the fewest stops (`shortest`), or
            none (`best`).
        wrong_cap: The most detail of a wrong reply; a right reply has 1 (`repaired` only).
        points: The table of partial credit (`repaired` only).
        weighted: Whether the difficulty weight is multiplied into the total.
    """

    name: str
    semver: str = "1.0.0"
    grader: Grader = "repaired"
    format: float = 1.0
    correctness: float = 1.0
    alpha: float = 0.0
    accept: Accept = "min-transfers"
    wrong_cap: float = 0.9
    points: PlanningPoints = field(default_factory=PlanningPoints)
    weighted: bool = False

    def __post_init__(self) -> None:
        for name, found, allowed in (
            ("grader", self.grader, _GRADERS),
            ("accept", self.accept, ACCEPTED),
        ):
            if found not in allowed:
                raise RecordError(name, found, " or ".join(allowed))
        for name in ("format", "correctness", "alpha", "wrong_cap"):
            value: float = getattr(self, name)
            if not 0.0 <= value < inf:
                raise RecordError(name, value, "a number that is not negative")
        if self.grader == "repaired" and self._wrong_beats_right():
            raise RecordError(
                "format",
                self.format,
                "at most correctness + alpha * (1 - wrong_cap): "
                "otherwise a wrong reply in good form beats a right one in poor form",
            )

    def _wrong_beats_right(self) -> bool:
        slack = 1e-9
        best_wrong = self.format + self.alpha * self.wrong_cap
        return self.wrong_cap > 1.0 or best_wrong > self.correctness + self.alpha + slack

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest total. The released rules have no least one."""
        if self.grader == "repaired" or self.grader in METHODS:
            least = -self.alpha if self.grader == "grounded-prm" else 0.0
            return least, self.format + self.correctness + self.alpha
        most_detail, most_weight = 10.0, 2.0 if self.weighted else 1.0
        return -inf, (self.format + self.correctness + self.alpha * most_detail) * most_weight

    @property
    def version(self) -> str:
        """Name, semantic version and the first 8 digits of the SHA-256 of the canonical form."""
        from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, which an import need not

        digest = sha256(self.canonical().encode()).hexdigest()
        return f"{self.name}-{self.semver}+{digest[:8]}"

    def canonical(self) -> str:
        """The specification as JSON with sorted keys and without white space."""
        import json  # noqa: PLC0415 - what an import need not load

        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))


SPECS: Final[Mapping[str, RewardSpec]] = {
    spec.name: spec
    for spec in (
        RewardSpec(name="rewardmap", semver="1.2.0", alpha=0.5),
        RewardSpec(name="sparse", semver="1.2.0"),
        RewardSpec(
            name="reference",
            grader="published",
            format=0.0,
            correctness=10.0,
            alpha=0.5,
            weighted=True,
        ),
        RewardSpec(name="paper", grader="paper", correctness=10.0, alpha=0.5),
        RewardSpec(name="star-r1", semver="1.1.0", grader="star-r1", alpha=1.0),
        RewardSpec(
            name="hfrrf", semver="1.1.0", grader="hfrrf", format=0.0, correctness=0.0, alpha=1.0
        ),
        RewardSpec(name="observe-r1", semver="1.1.0", grader="observe-r1", format=0.5),
        RewardSpec(
            name="grounded-prm",
            semver="1.2.0",
            grader="grounded-prm",
            format=0.0,
            correctness=0.0,
            alpha=1.0,
        ),
    )
}


def reward_spec(name: str | RewardSpec) -> RewardSpec:
    """The specification of that name; a specification is given back as it is.

    Raises:
        RecordError: For an unknown name, with the names that there are.
    """
    if isinstance(name, RewardSpec):
        return name
    if name not in SPECS:
        raise RecordError("reward", name, f"one of {', '.join(SPECS)}")
    return SPECS[name]
