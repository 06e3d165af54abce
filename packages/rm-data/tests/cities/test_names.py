import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_data.cities.line_names import MOST_LINES, SCHEMES, line_names
from rm_data.cities.name_words import WORDS
from rm_data.cities.palettes import BRIGHT, GLOWING, colours, similar
from rm_data.cities.rude_words import is_rude, letters
from rm_data.cities.station_names import LONGEST, Names, kind_for, shortened
from rm_data.picture.fonts import missing_characters
from rm_data.spelling import name_key

KIND = st.sampled_from(sorted(WORDS))


def edits(a: str, b: str) -> int:
    """The Levenshtein distance, by the textbook."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            cost = previous + (left != right)
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, cost)
    return row[-1]


def drawn(kind: str, seed: int, count: int) -> list[str]:
    names = Names(Random(seed), kind)
    found = [names.draw() for _ in range(count)]
    assert None not in found
    return [name for name in found if name is not None]


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_every_language_has_names_for_the_largest_city(kind: str) -> None:
    for seed in range(3):
        names = drawn(kind, seed, 250)
        assert len({name_key(name) for name in names}) == 250
        assert max(map(len, names)) <= LONGEST


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_names_of_a_city_are_not_to_be_confused(kind: str) -> None:
    keys = [letters(name) for name in drawn(kind, 7, 120)]
    least = WORDS[kind].apart + 1
    assert all(edits(a, b) >= least for a, b in combinations(keys, 2))


@given(st.text("abcd", max_size=7), st.text("abcd", max_size=7), st.sampled_from([1, 2]))
def test_names_that_differ_in_few_letters_share_a_shortened_form(
    one: str, two: str, apart: int
) -> None:
    if edits(one, two) <= apart:
        assert not shortened(one, apart).isdisjoint(shortened(two, apart))


def test_no_composed_name_is_rude_and_every_character_has_a_font() -> None:
    for kind in WORDS:
        for seed in range(8):
            for name in drawn(kind, seed, 100):
                assert not is_rude(name)
                assert missing_characters(name) == ""


def test_no_name_is_that_of_a_station_at_hand(station_lists: Path) -> None:
    lists = [json.loads(file.read_bytes()) for file in station_lists.glob("*/*.json")]
    real = {name_key(stop) for lines in lists for stops in lines.values() for stop in stops}
    assert len(real) > 1000
    names = [form.replace("{}", s) for w in WORDS.values() for s in w.stems for form in w.forms]
    assert not [name for name in names if name_key(name) in real]


def test_rude_words_are_found_within_and_across_words_and_under_accents() -> None:
    for name in ("Scunthorpe", "Bas Shit Road", "MERDÉ", "Pu Ta", "鬼门"):
        assert is_rude(name)
    for name in ("Marlow Gate", "Lindenplatz", "文昌广场"):
        assert not is_rude(name)


def test_a_language_that_is_used_up_says_so() -> None:
    names = Names(Random(0), "nordic")
    assert None in [names.draw(4) for _ in range(40)]


def test_scripts_have_languages_of_their_own() -> None:
    assert {kind_for(Random(seed), "accented") for seed in range(60)} == {
        "french", "german", "iberian", "nordic",
    }  # fmt: skip
    assert kind_for(Random(0), "cjk") == "chinese"


def line_words(count: int) -> Sequence[str]:
    return [word for word, _ in colours(Random(count), count, BRIGHT)]


@given(st.sampled_from(sorted(SCHEMES)), st.integers(2, 20), st.integers(0, 10**6))
def test_lines_of_a_city_have_different_names_under_any_spelling(
    scheme: str, count: int, seed: int
) -> None:
    if count > MOST_LINES.get(scheme, count):
        return
    called = line_names(Random(seed), scheme, line_words(count))
    spelled = [letters(line.name).replace("line", "") for line in called]
    assert len(called) == len(set(spelled)) == count
    for line in called:
        others = {letters(n) for other in called if other != line for n in (other.name,)}
        assert not others & {letters(alias) for alias in line.aliases}
        assert missing_characters(line.name) == ""


def test_a_line_named_after_a_colour_has_it() -> None:
    drawn_colours = colours(Random(3), 5, BRIGHT)
    called = line_names(Random(3), "colours", [word for word, _ in drawn_colours])
    assert [line.name for line in called] == [f"{word} Line" for word, _ in drawn_colours]


def redmean(a: str, b: str) -> float:
    one, two = ([int(c[at : at + 2], 16) for at in (1, 3, 5)] for c in (a, b))
    red = (one[0] + two[0]) / 2
    dr, dg, db = (x - y for x, y in zip(one, two, strict=True))
    return ((2 + red / 256) * dr**2 + 4 * dg**2 + (2 + (255 - red) / 256) * db**2) ** 0.5


@pytest.mark.parametrize("palette", [BRIGHT, GLOWING])
def test_the_colours_of_a_palette_are_told_apart(palette: dict[str, str]) -> None:
    assert len(palette) == 20
    assert min(redmean(a, b) for a, b in combinations(palette.values(), 2)) > 75


def test_similar_colours_are_close_but_not_equal() -> None:
    before = colours(Random(1), 8, BRIGHT)
    after = similar(Random(1), before, pairs=2)
    changed = [b for b, a in zip(after, before, strict=True) if b != a]
    assert len(changed) == 2
    for _, colour in changed:
        assert 60 < min(redmean(colour, other) for _, other in after if other != colour) < 190
    assert len({colour for _, colour in after}) == 8


def test_a_palette_is_not_larger_than_it_is() -> None:
    with pytest.raises(ValueError, match="lines: found 21, expected at most 20"):
        colours(Random(0), 21, BRIGHT)
