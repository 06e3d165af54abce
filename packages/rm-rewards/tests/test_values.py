import pytest

from rm_rewards.values import cleaned, letter, number, yes_no


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("yes", ["yes"]),
        ("No.", ["no"]),
        ("TRUE", ["yes"]),
        ("Yes, there is no need to change trains here", ["yes"]),
        ("yes or no", ["yes", "no"]),
        ("I know nothing", []),
        ("是的", ["yes"]),
        ("不是", ["no"]),
        ("maybe", []),
        ("", []),
    ],
)
def test_yes_and_no(text: str, values: list[str]) -> None:
    assert list(yes_no(text)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("8", ["8"]),
        ("8 stations", ["8"]),
        ("8.0", ["8"]),
        ("8.5", ["8.5"]),
        ("-8", ["-8"]),
        ("3+5=8", ["8"]),
        ("1,204", ["1204"]),
        ("eight", ["8"]),
        ("8 or 9", ["8", "9"]),
        ("8, yes 8", ["8"]),
        ("Line 3 has 8 stations", ["8"]),
        ("There are three lines passing through Central station on this map", ["3"]),
        (
            "Please solve the problem and put your answer in one box. According to the subway map, "
            "how many lines pass through A?",
            [],
        ),
        ("Line 3", ["3"]),
        ("1" * 5000, []),
        ("none", []),
    ],
)
def test_numbers(text: str, values: list[str]) -> None:
    assert list(number(text)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("B", ["B"]),
        ("b", ["B"]),
        ("(C)", ["C"]),
        ("D)", ["D"]),
        ("B) 1", ["B"]),
        ("B: 5 stations", ["B"]),
        ("Option B", ["B"]),
        ("option b", ["B"]),
        ("I choose option B here", ["B"]),
        ("A or B", ["A", "B"]),
        ("A because it has 3", ["A"]),
        ("A quick look at the map", []),
        ("a lot of stations", []),
        ("five", ["C"]),
        ("Five.", ["C"]),
        ("E", []),
        ("", []),
    ],
)
def test_letters(text: str, values: list[str]) -> None:
    assert list(letter(text, ("three", "four", "five", "six"))) == values


def test_the_text_of_two_options_stands_for_neither() -> None:
    assert letter("5", ("5", "5", "6", "7")) == ()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"\text{Yes}", "Yes"),
        (r"$\mathbf{8}$", "8"),
        (r"8\ \text{stations}", "8 stations"),
        ("**B**", "B"),
        ("８", "8"),
        ("“yes”", "yes"),
    ],
)
def test_markup_is_cleaned_away(text: str, plain: str) -> None:
    assert cleaned(text) == plain
