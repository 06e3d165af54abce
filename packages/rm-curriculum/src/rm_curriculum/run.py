"""Where a run stands: what was dealt, what is in flight, and what was reported."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from copy import deepcopy

from rm_curriculum.errors import CurriculumError
from rm_curriculum.flight import Flight
from rm_curriculum.ledger import Ledger, entropy
from rm_curriculum.metrics import Metrics
from rm_curriculum.outcome import Outcome, Report
from rm_curriculum.packing import pack, unpack
from rm_curriculum.plan import PlanPolicy
from rm_curriculum.policy import Choice
from rm_curriculum.setup import Setup
from rm_curriculum.state import (
    SCHEMA,
    State,
    check_state,
    read_flight,
    read_inbox,
    read_seen,
    saved_report,
)


class Run:
    """The part of a curriculum that changes.

    Attributes:
        drawn: How many draws there were.
    """

    def __init__(self, setup: Setup) -> None:
        self.drawn = 0
        self._setup = setup
        self._last = array("I", [0]) * (len(setup.table) if setup.schedule.adaptive else 0)
        self._policy = setup.start(self._last)
        self._flight = Flight(tracked=setup.tracked)
        self._again: list[tuple[int, int]] = []
        self._inbox: list[Report] = []
        self._ledger = Ledger(setup.kinds, setup.kind_of, [0] * len(setup.kinds))

    @property
    def done(self) -> bool:
        """Whether all draws have been dealt, the ones that returned to the pool as well."""
        return self.drawn >= self._setup.total and not self._returned()

    @property
    def in_flight(self) -> int:
        """How many draws are dealt and not reported."""
        return len(self._flight)

    def take(self, n: int) -> tuple[Choice, Sequence[int]]:
        """The next `n` items or fewer, at least one, and the numbers of their draws.

        What returned to the pool comes first, by itself, so that the choices after it are those
        that would have followed. Not to be called once `done`.
        """
        if returned := self._returned():
            return self._take_again(returned, n)
        self._hand_over()
        first = self.drawn
        choice = self._policy.choose(first, min(n, self._setup.total - first))
        items = choice.items
        self.drawn = first + len(items)
        self._flight.depart(items, first)
        self._ledger.deal(items)
        if self._last:
            for number, item in enumerate(items, first + 1):
                self._last[item] = number
        return choice, range(first, self.drawn)

    def report(self, item: int, outcome: Outcome, draw_id: str | int | None) -> bool:
        """Keep what a draw of the item earned until the next `take`; False if it is known."""
        draw = self._flight.arrive(item, draw_id, self.drawn)
        if draw is None:
            self._ledger.ignored += 1
            return False
        self._inbox.append((draw, item, outcome))
        return True

    def settle_one(self, item: int, draw_id: str | int | None) -> None:
        """Count a draw of the item as asked."""
        self._flight.arrive(item, draw_id, self.drawn)

    def settle(self) -> None:
        """Count all in flight as asked."""
        self._flight.clear()
        self._again = []

    def state(self) -> State:
        """All of it as JSON."""
        setup = self._setup
        flying, *seen = self._flight.saved()
        return State(
            schema=SCHEMA,
            dataset=setup.dataset_hash(),
            items=len(setup.table),
            schedule=setup.schedule.name,
            seed=setup.seed,
            config=setup.config_hash(),
            drawn=self.drawn,
            last=pack(self._last) if self._last else "",
            flight=pack(flying),
            seen=[pack(part) for part in seen],
            inbox=[saved_report(report) for report in _sorted(self._inbox)],
            books=self._ledger.state(),
            policy=self._policy.state(),
        )

    def twin(self) -> Run:
        """A run that stands where this one does, with the same draws in flight."""
        made = self.restored(self.state())
        made._flight, made._again = deepcopy(self._flight), list(self._again)
        return made

    def restored(self, state: Mapping[str, object], *, best_effort: bool = False) -> Run:
        """A run of the same setup that goes on from a state. This one stays as it is.

        What was in flight has returned to the pool.

        Args:
            state: What `state` gave.
            best_effort: Whether to take over what fits of a state of other items.

        Raises:
            CurriculumError: If the state does not fit, or is damaged.
        """
        checked = check_state(state, self.state(), best_effort=best_effort)
        same = checked["dataset"] == self._setup.dataset_hash()
        made = Run(self._setup)
        made._ledger = made._ledger.restored(checked["books"], same_items=same)
        if same:
            made._resume(checked)
        else:
            made.drawn = made._policy.carry(checked["policy"], checked["drawn"])
        if not 0 <= made.drawn <= self._setup.total:
            raise CurriculumError(
                f"state: {made.drawn} items drawn, but this run has {self._setup.total} "
                f"({self._setup.epochs} x {self._setup.placed}); raise epochs"
            )
        return made

    def metrics(self) -> Metrics:
        """Place, coverage, mixtures and what was earned; see `Metrics`."""
        setup, ledger = self._setup, self._ledger.with_reports(_sorted(self._inbox))
        place = self._policy.where(self.drawn) if not self.done else (None, setup.epochs)
        seen, staleness = self._coverage()
        mixture = ledger.mixture(1)
        return Metrics(
            stage=place[0],
            epoch=place[1],
            position=self.drawn,
            total=setup.total,
            coverage=seen / setup.placed,
            repeats=self.drawn - seen,
            staleness=staleness,
            mixture=mixture,
            mixture_by_stage=ledger.mixture(0),
            mixture_by_city=ledger.mixture(2),
            entropy=entropy(mixture),
            updates=ledger.reports(),
            reward=ledger.means("reward", "samples"),
            accuracy=ledger.means("accuracy", "with_accuracy"),
            dead=ledger.means("dead", "reports"),
            collapsed=ledger.collapsed,
            in_flight=self.in_flight,
            ignored=ledger.ignored,
            policy=self._policy.metrics(),
        )

    def _resume(self, state: State) -> None:
        size = len(self._setup.table)
        self.drawn = state["drawn"]
        if self._last:
            self._last[:] = unpack(state["last"], "I", name="last", length=size)
        self._policy.restore(state["policy"])
        self._inbox = read_inbox(state["inbox"], size)
        found = read_flight(state["flight"], size)
        flying = [] if self._setup.tracked is False else found
        recent, older = read_seen(state["seen"])
        self._flight.restore(flying, recent, older, reported=self._has_reports())
        self._again = flying

    def _has_reports(self) -> bool:
        return bool(self._inbox or self._ledger.reports())

    def _returned(self) -> list[tuple[int, int]]:
        if self._again:
            self._again = [pair for pair in self._again if self._flight.holds(pair[1], pair[0])]
        return self._again

    def _take_again(
        self, returned: Sequence[tuple[int, int]], n: int
    ) -> tuple[Choice, Sequence[int]]:
        stage, epoch = self._policy.where(returned[0][0])
        taken: list[tuple[int, int]] = []
        for draw, item in returned[:n]:
            if self._policy.where(draw) != (stage, epoch):
                break
            taken.append((draw, item))
        self._again = list(returned[len(taken) :])
        return Choice(stage, epoch, [item for _, item in taken]), [draw for draw, _ in taken]

    def _hand_over(self) -> None:
        if self._inbox:
            reports, self._inbox = _sorted(self._inbox), []
            self._ledger.book(reports)
            self._policy.observe(reports)

    def _coverage(self) -> tuple[int, float]:
        if isinstance(self._policy, PlanPolicy):
            return min(self.drawn, self._setup.placed), self._policy.staleness(self.drawn)
        seen = len(self._last) - self._last.count(0)
        return seen, self.drawn - sum(self._last) / seen if seen else 0.0


def _sorted(reports: Sequence[Report]) -> list[Report]:
    try:
        return sorted(reports)
    except TypeError:  # two reports of one place, one of them without accuracy
        return sorted(reports, key=lambda report: (report[0], report[1], repr(report)))
