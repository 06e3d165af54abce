"""Planning scores on Beijing, components and reasons included, beside a naive scorer.

The replies are those of an imagined policy in training: the legs of a best route, in which each
line and stop, and their number, is right more often than not. What repeats and what does not:

- `all_legs_new`: no leg comes twice, in no question; the names in them do.
- `questions_new`: a first epoch. No question was met before; names and many legs were, in other
  questions on the same map.
- `routes_new`: a later epoch. Each leg was seen in a reply to the same question, but no whole route
  was, and none comes twice. Two epochs were scored before, so that most kinds of mistakes were met.
- `rollouts`: a later epoch as the policy writes it: routes come again as often as it plans them,
  always after other words, and one reply in twenty is not in the asked form (bold labels, no
  separator, words after the route, cut off, no route at all).
- `words_new`: whole routes that were seen, always after other words.
- `replies_seen`: the same replies again.

A round is 16 questions with 8 replies each. The fastest round counts, as does the fastest of the
naive scorer, which scores a round of `routes_new`.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from rm_rewards import Leg, Network, Question, Route, route_text, score_group
from rm_rewards.marker import Marker

Measure: TypeAlias = Callable[..., Any]
Batch: TypeAlias = list[tuple[Question, list[str]]]
Score: TypeAlias = Callable[[Batch], None]
GROUP = 8
PER_ROUND = 16
EPOCHS, BEFORE = 7, 2
RIGHT = 0.8
ODD = ["Beijing Zoo Road", "West Railway", "Olympic Gate"]


class Policy:
    """Plans routes to one question that are right in each thing with some probability."""

    def __init__(self, question: Question, network: Network, rng: random.Random) -> None:
        assert question.routes
        self.best, self.rng = question.routes[0], rng
        self.lines = [line.name for line in rng.sample(network.lines, 4)]
        self.stops = [network.names[stop] for stop in rng.sample(network.interchanges, 5)]
        self.stops.append(rng.choice(ODD))
        self.written: set[str] = set()

    def new(self) -> str:
        """A route that it has not written before."""
        while (text := route_text(self._route())) in self.written:
            pass
        self.written.add(text)
        return text

    def rollout(self) -> str:
        """A route as it comes, after some words; sometimes in poor form."""
        text = route_text(self._route())
        text = _malformed(text, self.rng) if self.rng.random() < 0.05 else text
        return f"I look at the map from {self.rng.random()} on.\n{text}"

    def _route(self) -> Route:
        number = len(self.best) + self.rng.choices((0, 1, -1), (7, 2, 1))[0]
        legs: list[Leg] = []
        for i in range(max(1, number)):
            leg = self.best[min(i, len(self.best) - 1)]
            leg = replace(leg, route_name=self._either(leg.route_name, self.lines))
            leg = replace(leg, arrival_stop=self._either(leg.arrival_stop, self.stops))
            if legs and self.rng.random() < 0.95:
                leg = replace(leg, departure_stop=legs[-1].arrival_stop)
            legs.append(leg)
        return tuple(legs)

    def _either(self, right: str, others: Sequence[str]) -> str:
        return right if self.rng.random() < RIGHT else self.rng.choice(others)


def _rounds(epoch: Batch) -> list[Batch]:
    return [epoch[i : i + PER_ROUND] for i in range(0, len(epoch), PER_ROUND)]


@pytest.fixture(scope="module")
def policies(asked: list[Question], beijing: Network) -> list[tuple[Question, Policy]]:
    rng = random.Random(0)
    return [(question, Policy(question, beijing, rng)) for question in asked]


@pytest.fixture(scope="module")
def batches(policies: list[tuple[Question, Policy]]) -> list[Batch]:
    """Seven epochs in rounds, in which no policy writes a route twice."""
    epochs = [[(q, [p.new() for _ in range(GROUP)]) for q, p in policies] for _ in range(EPOCHS)]
    return [batch for epoch in epochs for batch in _rounds(epoch)]


def _new_legs(asked: Sequence[Question], network: Network, seed: int) -> Iterator[Batch]:
    rng, written = random.Random(seed), set[Leg]()
    served = {n.name: [network.names[stop] for stop in n.paths[0]] for n in network.lines}

    anywhere = [station.name for station in network.stations]

    def leg() -> Leg:
        while True:
            line = rng.choice(network.lines).name
            start = rng.choice(served[line] if rng.random() < 0.7 else anywhere)
            end = rng.choice(served[line])
            made = Leg(route_name=line, departure_stop=start, arrival_stop=end)
            if made not in written:
                written.add(made)
                return made

    while True:
        sizes = rng.choices((1, 2, 3), (2, 2, 1), k=GROUP)
        yield [(q, [route_text(tuple(leg() for _ in range(n))) for n in sizes]) for q in asked]


def _malformed(text: str, rng: random.Random) -> str:
    match rng.randrange(5):
        case 0:
            return text.replace("Route Name:", "**Route Name:**")
        case 1:
            return text.replace("\n--\n", "\n") + "\nThat is all."
        case 2:
            return text + "\n\nI hope that this helps!"
        case 3:
            return text[: len(text) * 2 // 3]
        case _:
            return "Take the " + text.replace("\n", ", ").replace(": ", " ")


@pytest.fixture
def score(beijing: Network) -> Score:
    def run(batch: Batch) -> None:
        for question, texts in batch:
            score_group(question, texts, network=beijing)

    return run


@pytest.fixture
def measured(
    measure: Measure, batches: list[Batch], naive: Callable[..., object], beijing: Network
) -> Measure:
    def run(work: Callable[[Batch], object], rounds: Sequence[Batch]) -> None:
        def naively() -> None:
            for question, texts in batches[0]:
                for text in texts:
                    naive(question, text, beijing)

        measure(
            work,
            count=PER_ROUND * GROUP,
            unit="planning scores on Beijing",
            baseline=naively,
            named="a naive scorer",
            rounds=[(batch,) for batch in rounds],
        )

    return run


def test_the_naive_scorer_decides_alike(
    batches: Sequence[Batch], naive: Callable[..., object], asked: list[Question], beijing: Network
) -> None:
    for question, texts in (
        *batches[0],
        *batches[-1],
        *next(_new_legs(asked[:PER_ROUND], beijing, seed=1)),
    ):
        found = Marker(question, beijing, "rewardmap").rewards(texts)
        for text, reward in zip(texts, found, strict=True):
            decided = naive(question, text, beijing)
            assert decided == (pytest.approx(reward.total), reward.reasons)


def test_all_legs_new(
    measured: Measure, asked: list[Question], beijing: Network, score: Score
) -> None:
    made = _new_legs(asked[:PER_ROUND], beijing, seed=1)
    measured(score, [next(made) for _ in range(30)])


def test_questions_new(measured: Measure, batches: list[Batch], beijing: Network) -> None:
    def work(batch: Batch) -> None:
        for question, texts in batch:
            Marker(question, beijing, "rewardmap").rewards(texts)

    measured(work, batches[: len(batches) // EPOCHS])


def test_routes_new(measured: Measure, batches: list[Batch], score: Score) -> None:
    seen = len(batches) * BEFORE // EPOCHS
    for question, texts in (pair for batch in batches for pair in batch):
        legs = {leg for text in texts for leg in text.split("\n--\n")}
        score([(question, sorted(legs))])
    for batch in batches[:seen]:
        score(batch)
    measured(score, batches[seen:])


def test_rollouts(measured: Measure, policies: list[tuple[Question, Policy]], score: Score) -> None:
    epochs = [
        [(q, [p.rollout() for _ in range(GROUP)]) for q, p in policies] for _ in range(EPOCHS)
    ]
    for epoch in epochs[:BEFORE]:
        score(epoch)
    measured(score, [batch for epoch in epochs[BEFORE:] for batch in _rounds(epoch)])


def test_words_new(measured: Measure, batches: list[Batch], score: Score) -> None:
    said = [
        [(q, [f"I look at the map ({i}).\n{text}" for text in texts]) for q, texts in batches[0]]
        for i in range(30)
    ]
    score(batches[0])
    measured(score, said)


def test_replies_seen(measured: Measure, batches: list[Batch], score: Score) -> None:
    score(batches[0])
    measured(score, [batches[0]] * 30)
