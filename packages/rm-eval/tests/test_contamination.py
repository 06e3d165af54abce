from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from rm_eval import EvalError
from rm_eval.contamination import TextIndex, check_contamination, hamming, perceptual_hash, words_of

COMMAND = Path(sys.executable).parent / "rm-eval"


def drawing(seed: int, side: int = 400) -> Image.Image:
    """A map of five coloured lines, other ones for each seed."""
    picture = Image.new("RGB", (side, side), "white")
    pen = ImageDraw.Draw(picture)
    for line in range(5):
        points = [
            ((seed * 37 + line * 71 + k * 113) % 97, (seed * 53 + line * 29 + k * 59) % 97)
            for k in range(4)
        ]
        colour = (40 * line, 200 - 40 * line, 90)
        scaled = [(x * side / 97, y * side / 97) for x, y in points]
        pen.line(scaled, fill=colour, width=side // 25)
    return picture


def test_a_picture_that_was_scaled_and_re_encoded_is_the_same(tmp_path: Path) -> None:
    picture = drawing(1)
    picture.resize((233, 233)).save(tmp_path / "a.jpg", quality=60)
    with Image.open(tmp_path / "a.jpg") as again:
        assert hamming(perceptual_hash(picture), perceptual_hash(again)) <= 26


@given(st.integers(0, 500), st.integers(0, 500))
@settings(max_examples=30, deadline=None)
def test_other_drawings_are_told_apart(one: int, other: int) -> None:
    apart = hamming(perceptual_hash(drawing(one)), perceptual_hash(drawing(other)))
    same = drawing(one).tobytes() == drawing(other).tobytes()
    assert (apart == 0) if same else (apart > 26)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_blank_paper_has_no_bits(mode: str) -> None:
    assert perceptual_hash(Image.new(mode, (300, 200), 1)) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("From Bank, to 'St. Paul’s' (2 stops)?", ["from", "bank", "to", "st", "paul", "s", "2"]),
        ("", []),
    ],
)
def test_words_have_neither_capitals_nor_marks(text: str, words: list[str]) -> None:
    assert words_of(text)[: len(words)] == words


TEMPLATE = "Using the map of {city} tell how many stops lie between {a} and {b} on the fastest way"


def text(city: str, a: str, b: str) -> str:
    return TEMPLATE.format(city=city, a=a, b=b)


def test_the_words_of_a_template_do_not_count() -> None:
    test = {f"t{i}": text("Rome", f"Alpha {i}", f"Beta {i}") for i in range(200)}
    training = {f"s{i}": text("Oslo", f"Gamma {i}", f"Delta {i}") for i in range(200)}
    index = TextIndex(training, test)
    assert [index.overlap(name) for name in test] == [(0.0, None)] * 200
    training["leak"] = f"Please. {test['t7']}"
    leaking = TextIndex(training, test)
    assert leaking.overlap("t7") == (1.0, "leak")
    assert leaking.overlap("t8")[0] < 0.5
    assert leaking.same("t7") is None
    assert TextIndex({"s": test["t7"].upper() + "!!"}, test).same("t7") == "s"


def rows(city: str, seed: int, ids: str, folder: Path) -> list[dict[str, object]]:
    (folder / "maps").mkdir(parents=True, exist_ok=True)
    drawing(seed).save(folder / "maps" / f"{city}.png")
    stations = [f"{city} {letter}" for letter in "ABCDEFGH"]
    return [
        {
            "id": f"{ids}{place}",
            "type": "Counting2",
            "question": text(city, stations[place], stations[place + 1]),
            "answer": 1,
            "figure": f"maps/{city}.png",
            "country": "nowhere",
            "city": city,
            "json": {"1": stations},
        }
        for place in range(5)
    ]


def written(folder: Path, lines: list[dict[str, object]]) -> Path:
    file = folder / "questions.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return file


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    """Trained on Aa and Bb; tested on Cc, on Bb, and on Dd: the map of Aa under another name."""
    old, new = tmp_path / "train", tmp_path / "test"
    trained = [*rows("Aa", 1, "s", old), *rows("Bb", 2, "u", old)]
    asked = [*rows("Cc", 3, "c", new), *rows("Bb", 4, "b", new), *rows("Dd", 1, "d", new)]
    for row in asked:
        if row["city"] == "Dd":
            row["json"] = {"1": [f"AA {letter}" for letter in "abcdefgh"]}
    return written(old, trained), written(new, asked)


def test_pictures_maps_networks_and_questions_are_found(sets: tuple[Path, Path]) -> None:
    found = check_contamination(*sets)
    kinds = {kind: [(leak.test, leak.training) for leak in found.of_kind(kind)] for kind in KINDS}
    assert kinds["picture"] == [("maps/Dd.png", "maps/Aa.png")]
    assert kinds["map"] == [("nowhere/Bb", "nowhere/Bb")]
    assert kinds["stations"] == [("nowhere/dd", "nowhere/aa")]
    assert kinds["question"] == [(f"b{place}", f"u{place}") for place in range(5)]
    assert (found.questions, found.touched) == (15, 10)
    assert {leak.questions for leak in found.of_kind("map")} == {5}


KINDS = ("picture", "map", "stations", "question", "words")


def test_a_set_that_shares_nothing_is_clean(sets: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "clean"
    found = check_contamination(sets[0], written(other, rows("Zz", 9, "z", other)))
    assert (found.leaks, found.touched, found.questions) == ((), 0, 5)


def test_a_set_against_itself_is_wholly_known(sets: tuple[Path, Path]) -> None:
    found = check_contamination(sets[1], sets[1])
    assert found.touched == found.questions
    assert len(found.of_kind("question")) == 15
    assert len(found.of_kind("picture")) == 3


def test_a_picture_that_is_missing_is_named(sets: tuple[Path, Path]) -> None:
    (sets[1].parent / "maps" / "Cc.png").unlink()
    with pytest.raises(EvalError, match=r"Cc\.png"):
        check_contamination(*sets)
    assert check_contamination(*sets, pictures=False).of_kind("picture") == ()


def test_contamination_on_the_command_line(sets: tuple[Path, Path], tmp_path: Path) -> None:
    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        called = [COMMAND, "contamination", *map(str, arguments)]
        return subprocess.run(called, capture_output=True, text=True, check=False)

    found = call(*sets, "--most", 1)
    assert (found.returncode, found.stderr) == (1, "")
    assert "10 of 15 questions of" in found.stdout
    assert "  - maps/Dd.png = maps/Aa.png (1.000); 5 questions" in found.stdout
    assert "  - and 4 more" in found.stdout
    other = tmp_path / "clean"
    clean = call(sets[0], written(other, rows("Zz", 9, "z", other)), "--format", "json")
    assert (clean.returncode, clean.stderr) == (0, "")
    assert json.loads(clean.stdout)["leaks"] == []
    missing = call(sets[0], tmp_path / "none.jsonl")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.count("\n") == 1
