"""The form of a route without its content: what a cold start knows of planning.

The answers have the published form and name real lines and stations of the map, all of them drawn
blindly. A model taught with these writes routes that can be read, and right ones by chance only.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import torch
from transformers import Qwen2Tokenizer

from rm_rewards import Leg, route_text
from rm_train.embedded.answering import Answering
from rm_train.embedded.lessons import LETTERS, LINES, Lesson, SchoolMap
from rm_train.embedded.reading import Model

ROUTES = ("planning0", "planning1")


def blind_routes(school: SchoolMap, rng: random.Random, count: int) -> list[Lesson]:
    """Journeys that the map asks for, each answered with a route of one or two legs drawn blindly.

    Args:
        school: The map.
        rng: Draws the questions, the number of legs, the lines and the stations.
        count: How many lessons.
    """
    asked = [lesson for lesson in school.lessons if lesson.kind in ROUTES]
    stations = [letter for letter in school.letters if letter]
    lines = sorted({name for at in school.lines for name in at})
    return [
        Lesson("form", rng.choice(asked).prompt, _blind(rng, lines, stations)) for _ in range(count)
    ]


def _blind(rng: random.Random, lines: list[str], stations: list[str]) -> str:
    """Legs follow on from each other; nothing else about them is looked at."""
    stops = rng.sample(stations, rng.choice((2, 3)))
    return route_text(
        tuple(
            Leg(route_name=rng.choice(lines), departure_stop=start, arrival_stop=end)
            for start, end in pairwise(stops)
        )
    )


class Form:
    """How much of the form a model has, whatever it fills in."""

    def __init__(self, tokenizer: Qwen2Tokenizer) -> None:
        self._answering = Answering(tokenizer)
        # what may stand in a place: any letter, any line, "another leg or the end", or one phrase
        self._kind = torch.arange(len(tokenizer))
        for same in (LETTERS, LINES, ("\n--\n", "<|im_end|>")):
            numbers = torch.tensor(tokenizer.convert_tokens_to_ids(list(same)))
            self._kind[numbers] = numbers[0]

    @torch.no_grad()
    def measure(self, model: Model, maps: Sequence[SchoolMap]) -> dict[str, float]:
        """The share of places in blind routes where the likeliest token is of the right kind."""
        rng = random.Random("form")
        lessons = [blind_routes(school, rng, 4) for school in maps]
        scores, truth = self._answering.scores(model, self._answering.forward(model, maps, lessons))
        right = self._kind[scores.argmax(-1)] == self._kind[truth]
        return {"form": float(right.float().mean())}
