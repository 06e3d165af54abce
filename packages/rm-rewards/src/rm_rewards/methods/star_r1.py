"""STAR-R1: partial credit for a set of (index, attribute, value) triples.

Source: arXiv 2505.15804 [N, two sources]; no code was ever released, so this is a RECONSTRUCTION.

    each prediction: exact 5; index and attribute 1.5; index alone 0.5; else 0
    penalty: - predictions that are not exact - max(0, true - predicted)
    R = format (0 or 1) + points + penalty

Two points that the sources leave open: a prediction that is partly right counts as a miss, and a
repeated prediction is paid again (published form). The published form has no bounds and pays for
guessing as soon as one guess in six is exact. The repaired share lies in [0, 1]:

    share = sum over one-to-one pairs (1, 0.3 or 0.1) / max(true, predicted)

so that each truth pays once, a prediction that pairs with nothing never helps, and all of it is
earned by exactly the true set.

For a planned route the triples are (leg, field, value) with the fields line, from and to. The index
and the field are given by the form of the answer, so that only exact triples may pay there; and the
question itself gives where the first leg starts and the last one ends, so that these two, if right,
are left out on both sides. Otherwise a reply that has not seen the map earns two thirds of a direct
ride.

Blind to: whether the triples fit together (a route's legs may each be right by themselves only);
near misses of a value, such as the next station.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rm_rewards.judge import faults
from rm_rewards.methods.inputs import at_least, within
from rm_rewards.network import Network
from rm_rewards.records import Question
from rm_rewards.route import read_route
from rm_rewards.search import Ride
from rm_rewards.truth import Truth, truth_of


@dataclass(frozen=True, slots=True)
class Triple:
    """One statement: the object's index, which attribute, and what it is."""

    index: int
    attribute: str
    value: Hashable


@dataclass(frozen=True, slots=True, kw_only=True)
class StarPoints:
    """The published table of points."""

    exact: float = 5.0
    attribute: float = 1.5
    index: float = 0.5
    miss: float = 1.0
    missing: float = 1.0

    def __post_init__(self) -> None:
        for name in ("exact", "attribute", "index", "miss", "missing"):
            at_least(name, 0.0, getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class StarScore:
    """The published form's parts; `answer` is without the format.

    Attributes:
        points: What the predictions earn.
        penalty: Zero or less.
        answer: points + penalty.
    """

    points: float
    penalty: float

    @property
    def answer(self) -> float:
        """What the answer earns: no lower bound."""
        return self.points + self.penalty


def published(
    predicted: Sequence[Triple], true: Sequence[Triple], points: StarPoints | None = None
) -> StarScore:
    """The published points and penalty of a set of predictions.

    Example:
        >>> truth = [Triple(2, "color", "cyan"), Triple(5, "size", "large")]
        >>> published([truth[0], Triple(5, "size", "small")], truth).answer
        5.5
    """
    table = points or StarPoints()
    facts = frozenset(true)
    sides = frozenset((t.index, t.attribute) for t in facts)
    indices = frozenset(t.index for t in facts)
    earned, misses = 0.0, 0
    for p in predicted:
        if p in facts:
            earned += table.exact
            continue
        misses += 1
        if (p.index, p.attribute) in sides:
            earned += table.attribute
        elif p.index in indices:
            earned += table.index
    absent = max(0, len(facts) - len(predicted))
    return StarScore(points=earned, penalty=-table.miss * misses - table.missing * absent)


def share(
    predicted: Sequence[Triple],
    true: Sequence[Triple],
    *,
    attribute: float = 0.3,
    index: float = 0.1,
) -> float:
    """The repaired form, in [0, 1]; 1 only for exactly the true set, each triple once.

    Args:
        predicted: What the reply states; a repeated triple counts as one more statement.
        true: The truth; repeated triples are one.
        attribute: What a pair earns that agrees in index and attribute.
        index: What a pair earns that agrees in the index alone.

    Raises:
        RecordError: Unless 0 <= index <= attribute < 1.

    Example:
        >>> truth = [Triple(2, "color", "cyan"), Triple(5, "size", "large")]
        >>> share(truth[:1], truth), share(truth + [Triple(9, "x", i) for i in range(8)], truth)
        (0.5, 0.2)
    """
    within("attribute", 0.0, 0.999, attribute)
    within("index", 0.0, attribute, index)
    facts = list(dict.fromkeys(true))
    size = max(len(predicted), len(facts))
    if not size:
        return 1.0
    earned, rest = 0.0, list(predicted)
    for parts, worth in ((3, 1.0), (2, attribute), (1, index)):
        pairs, rest, facts = _paired(rest, facts, parts)
        earned += worth * pairs
    return min(1.0, earned / size)


def _paired(
    predicted: Sequence[Triple], true: Sequence[Triple], parts: int
) -> tuple[int, list[Triple], list[Triple]]:
    """How many pairs agree in their first parts, and what is left of both sides."""
    waiting: dict[Hashable, list[Triple]] = {}
    for fact in true:
        waiting.setdefault(_key(fact, parts), []).append(fact)
    pairs, rest = 0, list[Triple]()
    for p in predicted:
        facts = waiting.get(_key(p, parts))
        if facts:
            facts.pop(0)
            pairs += 1
        else:
            rest.append(p)
    return pairs, rest, [fact for facts in waiting.values() for fact in facts]


def _key(triple: Triple, parts: int) -> Hashable:
    return (triple.index, triple.attribute, triple.value)[:parts]


def route_triples(rides: Sequence[Ride]) -> tuple[Triple, ...]:
    """The map form: three statements a leg, about its line, where it starts and where it ends."""
    return tuple(
        Triple(i, name, value)
        for i, ride in enumerate(rides)
        for name, value in (("line", ride.line), ("from", ride.departure), ("to", ride.arrival))
    )


def untold(rides: Sequence[Ride], origin: str, destination: str) -> tuple[Triple, ...]:
    """The statements about a route without the two that the question itself gives."""
    told = (Triple(0, "from", origin), Triple(len(rides) - 1, "to", destination))
    return tuple(triple for triple in route_triples(rides) if triple not in told)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStar:
    """What a reply that plans a route earns.

    Attributes:
        well_formed: Whether it has the form that was asked for.
        correct: Whether the route is right.
        share: The repaired share by the best route that suits it best; 1 for any right route.
        published: The published points and penalty of all statements, by the route that gives most.
    """

    well_formed: bool
    correct: bool
    share: float
    published: StarScore


def route_star(question: Question, reply: str, *, network: Network | None = None) -> RouteStar:
    """STAR-R1's credit for a planned route. No text makes it raise.

    Each best route of the question is tried, and the one that gives most counts. A wrong reply has
    a share below 1: only a best route itself agrees with one in all its triples.

    Raises:
        RecordError: If the question has neither a network nor routes to judge by.
    """
    return star(truth_of(question, network), reply)


def star(truth: Truth, reply: str) -> RouteStar:
    """As `route_star`, against a truth that has been worked out."""
    reading = read_route(reply)
    rides = truth.rides(reading.legs)
    routes = truth.routes or ((),)
    said = untold(rides, truth.origin, truth.destination)
    facts = [untold(route, truth.origin, truth.destination) for route in routes]
    correct = bool(rides) and not faults(rides, truth)
    best = max(share(said, fact, attribute=0.0, index=0.0) for fact in facts)
    return RouteStar(
        well_formed=reading.well_formed,
        correct=correct,
        share=1.0 if correct else best if rides else 0.0,
        published=max(
            (published(route_triples(rides), route_triples(route)) for route in routes),
            key=lambda found: found.answer,
        ),
    )
