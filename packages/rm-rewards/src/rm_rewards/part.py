"""One named part of a composed reward: what it measures, its weight and its gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from rm_rewards.parts import Kind, Sample
from rm_rewards.records import RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One named part of a composed reward.

    Attributes:
        name: Its name in the components; unique in the composition.
        kind: What it measures.
        weight: What its value is multiplied by; may be negative. A part of weight 0 is a metric:
            it is shown and gives nothing.
        gate: The name of an earlier part. The part counts only where that one is at least
            `gate_at`.
        gate_at: Where the gate opens.
        options: Options of the kind that differ from its defaults.
    """

    name: str
    kind: Kind
    weight: float = 1.0
    gate: str | None = None
    gate_at: float = 1.0
    options: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def given(self) -> tuple[float, float]:
        """The least and the most that it gives where its gate is open."""
        low, high = self.kind.range
        return min(self.weight * low, self.weight * high), max(
            self.weight * low, self.weight * high
        )


def check(part: Part, earlier: Sequence[str]) -> None:
    """Refuse a part that cannot be used behind those of these names.

    Raises:
        RecordError: For a name that is taken, a gate that is no earlier part, a number that is not
            finite, or an option that its kind does not have.
    """
    place = f"parts.{part.name}"
    if not part.name or part.name in earlier:
        raise RecordError(place, part.name, "a name that no other part has")
    if part.gate is not None and part.gate not in earlier:
        raise RecordError(f"{place}.gate", part.gate, f"an earlier part: {', '.join(earlier)}")
    numbers = {"weight": part.weight, "gate_at": part.gate_at, **part.options}
    for key, value in numbers.items():
        if not isfinite(value):
            raise RecordError(f"{place}.{key}", value, "a finite number")
    for key in part.options:
        if key not in part.kind.options:
            known = ", ".join(part.kind.options) or "no options"
            raise RecordError(f"{place}.{key}", key, f"an option of {part.kind.name}: {known}")


def values_of(part: Part, samples: Sequence[Sample]) -> list[float]:
    """The values of a group of replies, clipped to the range of the part's kind.

    Raises:
        RecordError: For another number of values than replies, or an aside that lacks what the
            kind needs.
    """
    low, high = part.kind.range
    for need in part.kind.needs:
        if all(getattr(sample.aside, need) is None for sample in samples):
            expected = (
                f"what {part.kind.name!r} needs: score_group(asides=[Aside({need}=...), ...])"
            )
            raise RecordError(f"parts.{part.name}.{need}", None, expected)
    values = list(part.kind.of(samples, {**part.kind.options, **part.options}))
    if len(values) != len(samples):
        expected = f"one value for each of {len(samples)} replies"
        raise RecordError(f"parts.{part.name}", len(values), expected)
    return [min(high, max(low, v)) if isfinite(v) else low for v in values]
