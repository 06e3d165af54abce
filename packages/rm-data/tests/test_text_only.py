from __future__ import annotations

import pytest

from rm_data import ask, generate
from rm_data.text_only import FOLDS, Sample, accuracy, sample_of
from rm_rewards import Leg, Question


def samples(words: str, answers: str, cities: int = 10) -> list[Sample]:
    """One sample a city for each pair of a word and an answer."""
    return [
        Sample(frozenset([word, f"name{city}{place}"]), answer, f"city {city}")
        for city in range(cities)
        for place, (word, answer) in enumerate(zip(words, answers, strict=True))
    ]


def test_a_word_that_tells_the_answer_is_found_in_cities_never_seen() -> None:
    assert accuracy(samples("ab", "01")) == 1.0


def test_words_that_tell_nothing_leave_a_guess() -> None:
    found = accuracy(samples("aaaa", "0101", cities=40))
    assert 0.3 < found < 0.7


def test_names_of_a_city_cannot_be_learnt_by_heart() -> None:
    told = [
        Sample(frozenset([f"station {city}"]), str(city % 2), f"city {city}")
        for city in range(60)
        for _ in range(5)
    ]
    assert accuracy(told) < 0.7


def test_with_few_cities_questions_are_held_out_instead() -> None:
    few = samples("ab", "01", cities=1) * 20
    numbered = [
        Sample(sample.words | {f"n{i}"}, sample.answer, sample.group)
        for i, sample in enumerate(few)
    ]
    assert len({sample.group for sample in numbered}) < FOLDS
    assert accuracy(numbered) == 1.0


def test_the_label_of_a_choice_is_the_rank_of_the_right_number() -> None:
    asked = Question(
        id="1", type="Counting1", question="?", answer=2, options=("9", "4", "6", "7"), city="c"
    )
    found = sample_of(asked)
    assert found is not None
    assert found.answer == "1"
    assert found.words == {"gap 0: 2", "gap 1: 1", "gap 2: 2", "least: 4"}


def test_nothing_is_guessed_about_routes() -> None:
    leg = Leg(route_name="L", departure_stop="A", arrival_stop="B")
    assert sample_of(Question(id="1", type="planning", question="?", routes=((leg,),))) is None


@pytest.mark.parametrize("kind", ["TorF1", "TorF2", "Counting1"])
def test_our_questions_give_little_away(kind: str) -> None:
    """Balanced by construction: half yes, half no; each rank of the right number a quarter."""
    asked = [
        sample
        for seed in range(60)
        for question in ask(generate(seed, style="named"), kind, seed=seed, per_map=8)
        if (sample := sample_of(question)) is not None
    ]
    chance = {"Counting1": 0.25}.get(kind, 0.5)
    assert abs(accuracy(asked) - chance) < 0.12
