r"""The stops in between that a reply to Counting1 lists, and what they earn.

The question asks for a letter only; a reply may also list the stops that it counted, on a line
of their own that begins with a label::

    Via Stops: Holly, Pine
    \boxed{D}

The label is `Via Stops:`, `Intermediate Stops:` or `Stops Between:` (also "stations", or 中间站：);
the last such line counts. Stops are parted by commas, semicolons, 、 or arrows.

The right stops are the question's own (`fine_grained_answer`), else those of the network, where it
leaves no doubt about them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from rm_rewards.directory import Directory, directory_of
from rm_rewards.names import station_key
from rm_rewards.network import Network
from rm_rewards.records import Question
from rm_rewards.thought import spoken
from rm_rewards.values import cleaned, number

_LABEL: Final = re.compile(
    r"(?:\b(?:via|intermediate)[ _](?:stop|station)s?"
    r"|\b(?:stop|station)s[ _](?:in[ _])?between|中间站|途经站)[*`\"' ]{0,4}[:：]",
    re.IGNORECASE,
)
_CUT: Final = re.compile(r"[,;，；、]|->|→")
_EDGE: Final = " \t\r.。*`\"'“”[]{}()"
_MOST_STOPS: Final = 200
_LONGEST_NAME: Final = 200
_LONGEST_LINE: Final = 8_000

Listed: TypeAlias = Callable[[str], float]
"""The share in [0, 1] of the stops in between that a reply has listed."""


def grades_stops(question: Question) -> bool:
    """Whether the question has a detail for stops: for each Counting1, 1 if the answer is right."""
    return question.type == "Counting1"


def needs_network(question: Question) -> bool:
    """Whether a network tells what the question itself does not: the stops of a Counting1."""
    return grades_stops(question) and not isinstance(question.fine_grained_answer, tuple)


def listed_stops(reply: str) -> tuple[str, ...]:
    """The stops on the last line that is labelled as asked, without those in the reasoning.

    Example:
        >>> listed_stops("Via Stops: Holly, Pine")
        ('Holly', 'Pine')
    """
    labels = list(_LABEL.finditer(text := spoken(reply).text))
    if not labels:
        return ()
    line = text[labels[-1].end() :][:_LONGEST_LINE].lstrip(" *`").split("\n", 1)[0]
    named = (name.strip(_EDGE) for name in _CUT.split(line.split("\\boxed", 1)[0]))
    return tuple(name[:_LONGEST_NAME] for name in named if name)[:_MOST_STOPS]


def stops_grader(question: Question, network: Network | None) -> Listed:
    """What grades the stops that a reply lists: (right - wrong) / all, and never below 0.

    Each stop counts once; a stop named again is wrong, and so is every other. The two stations of
    the question do not count. Wrong stops weigh as much as right ones, so that a list of all the
    stations there are earns nothing (by F1 it would earn something); as nothing but this question's
    own stops counts, no constant list earns much. Nothing is earned where there are no stops in
    between, or none that are known.
    """
    key = station_key if network is None else directory_of(network).place
    via = question.fine_grained_answer
    if isinstance(via, tuple):
        right = frozenset(key(stop) for stop in via)
    else:
        right = frozenset[str]() if network is None else _between(question, directory_of(network))
    if not right:
        return _nothing
    ends = frozenset(key(end) for end in (question.station_1, question.station_2) if end)
    return lambda reply: _share([key(stop) for stop in listed_stops(reply)], right, ends - right)


def _between(question: Question, directory: Directory) -> frozenset[str]:
    """The places between the two stations; none unless just one ride has the right number of them.

    The rides are the shortest on the question's line, or on each line that serves both stations.
    """
    options, answer = question.options or (), question.answer
    if answer is None or answer >= len(options):
        return frozenset()
    start, end = (directory.place(s or "") for s in (question.station_1, question.station_2))
    lines = directory.lines_at.get(start, ())
    if question.line:
        lines = (directory.line(question.line),)
    rides = {directory.ride(line, start, end)[1:-1] for line in lines}
    fitting = [ride for ride in rides if number(cleaned(options[answer])) == (str(len(ride)),)]
    return frozenset(fitting[0]) if len(fitting) == 1 else frozenset()


def _nothing(_: str) -> float:
    return 0.0


def _share(listed: Sequence[str], right: frozenset[str], ends: frozenset[str]) -> float:
    counted = [stop for stop in listed if stop not in ends]
    hits = len(right.intersection(counted))
    return max(0, 2 * hits - len(counted)) / len(right)
