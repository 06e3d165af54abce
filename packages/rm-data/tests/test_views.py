from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from rm_data import ask, draw, generate, load_network
from rm_data.cli import app
from rm_data.layout import layout_of
from rm_data.picture import Look, load_truth, scene, to_svg
from rm_data.picture.drawing import Drawing, drawing_of, dump_drawing, load_drawing
from rm_data.placing import differences
from rm_data.views import KINDS, View, views
from rm_rewards import Network, Question, RecordError, from_published, gold_answer, score
from rm_rewards.jsonl import dump, read, write
from rm_rewards.methods import svqa_r1

NETWORK = generate(5, style="named")
DRAWING = drawing_of(layout_of(NETWORK), Look(badges="full"))
ASKED = list(ask(NETWORK, per_map=6))

Judge = Callable[[Network, Question], None]


def seen(kind: str, questions: list[Question] = ASKED) -> list[tuple[Question, View]]:
    found = [(q, view) for q in questions for view in views(q, NETWORK, DRAWING, [kind])]
    assert found
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_of_a_view_is_that_of_its_network(kind: str, judge: Judge) -> None:
    for _, view in seen(kind):
        judge(view.network, view.question)
        assert score(view.question, gold_answer(view.question), network=view.network).correct


@pytest.mark.parametrize("kind", KINDS)
def test_the_id_of_a_view_tells_its_question_and_kind(kind: str) -> None:
    for question, view in seen(kind):
        assert view.question.id == f"{question.id}@{kind}"
        assert view.question.type == question.type
        assert view.same == (kind != "without")


def test_the_way_back_is_the_way_there_reversed() -> None:
    for question, view in seen("swap"):
        assert (view.question.station_1, view.question.station_2) == (
            question.station_2,
            question.station_1,
        )
        assert view.question.answer == question.answer
        if question.type == "planning":
            there, back = gold_answer(question), gold_answer(view.question)
            assert svqa_r1.swapped_agree(question, there, back, network=NETWORK)


def middle(network: Network, drawing: Drawing, stop: str) -> tuple[float, float]:
    made = scene(network, drawing.look, layout=drawing.layout)
    x, y = made.truth.stations[stop].centre
    return x / made.width, y / made.height


def test_a_mirror_changes_left_and_right_and_nothing_else() -> None:
    _, view = seen("mirror")[0]
    xs = {stop: place[0] for stop, place in DRAWING.positions.items()}
    for stop, (x, y) in view.drawing.positions.items():
        assert x == pytest.approx(min(xs.values()) + max(xs.values()) - xs[stop])
        assert y == DRAWING.positions[stop][1]
    west = min(xs, key=xs.__getitem__)
    assert middle(NETWORK, DRAWING, west)[0] < 0.4
    assert middle(view.network, view.drawing, west)[0] > 0.6


def test_four_quarter_turns_lead_back_and_one_turns_up_to_the_right() -> None:
    question = ASKED[0]
    drawing = DRAWING
    for turn in range(4):
        (view,) = views(question, NETWORK, drawing, ["rotate"])
        if turn == 0:
            north = min(DRAWING.positions.items(), key=lambda at: at[1][1])[0]
            easts = max(x for x, _ in view.drawing.positions.values())
            assert view.drawing.positions[north][0] == easts
        drawing = view.drawing
    assert set(drawing.positions) == set(DRAWING.positions)
    shape = [(x - y) for x, y in drawing.positions.values()]
    first = [(x - y) for x, y in DRAWING.positions.values()]
    assert max(a - b for a, b in zip(shape, first, strict=True)) == pytest.approx(
        min(a - b for a, b in zip(shape, first, strict=True))
    )


def test_every_line_gets_another_name_and_the_colour_goes_with_it() -> None:
    _, view = seen("rename")[0]
    assert sorted(view.lines) == sorted(view.lines.values())
    assert all(old != new for old, new in view.lines.items())
    colours = {line.name: line.colour for line in NETWORK.lines}
    assert {line.name: line.colour for line in view.network.lines} == colours
    for old, new in zip(NETWORK.lines, view.network.lines, strict=True):
        assert (new.name, new.paths) == (view.lines[old.name], old.paths)


def test_answers_about_lines_are_mapped_by_the_new_names() -> None:
    for question, view in seen("rename"):
        if question.routes is not None:
            gold = gold_answer(question)
            for old in view.lines:
                gold = gold.replace(f"Route Name: {old}\n", f"Route Name: <{old}>\n")
            for old, new in view.lines.items():
                gold = gold.replace(f"<{old}>", new)
            assert score(view.question, gold, network=view.network).correct
        else:
            assert view.question.answer == question.answer


def test_without_a_line_there_is_one_line_less_to_count() -> None:
    found = seen("without", [*ask(NETWORK, per_map=40)])
    assert {question.type for question, _ in found} == {"TorF1", "Counting2", "Counting3"}
    for question, view in found:
        assert len(view.network.lines) == len(NETWORK.lines) - 1
        if question.type in {"Counting2", "Counting3"}:
            assert view.question.answer == (question.answer or 0) - 1


def test_without_its_first_line_a_route_goes_another_way(judge: Judge) -> None:
    lists = {"1": ["A", "B", "C"], "2": ["C", "D", "E"], "3": ["A", "F", "E"], "4": ["B", "D"]}
    town = from_published(lists, city="town")
    asked = list(ask(town, "planning"))
    found = [(q, view) for q in asked for view in views(q, town, DRAWING, ["without"])]
    assert len(found) > 10
    for question, view in found:
        judge(view.network, view.question)
        assert question.routes is not None
        assert view.question.routes is not None
        used = question.routes[0][0].route_name
        assert used not in {leg.route_name for route in view.question.routes for leg in route}


def test_a_question_with_a_text_of_its_own_has_no_view_that_would_change_it() -> None:
    own = replace(ASKED[0], question="Is that so?")
    kinds = {view.kind for view in views(own, NETWORK, DRAWING, ["swap", "rename", "mirror"])}
    assert kinds == {"mirror"}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(RecordError, match="kinds: found 'upside-down', expected some of swap"):
        list(views(ASKED[0], NETWORK, DRAWING, ["upside-down"]))


def test_a_drawing_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "c.drawing.json"
    path.write_text(dump_drawing(DRAWING), encoding="utf-8")
    assert load_drawing(path) == DRAWING
    path.write_text(dump_drawing(DRAWING).replace('"text":', '"text":"x","text_":'))
    with pytest.raises(RecordError, match=r"c\.drawing\.json: look\.text"):
        load_drawing(path)


def asked_in(folder: Path, network: Network, drawing: Drawing | None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{network.city}.json").write_text(dump(network), encoding="utf-8")
    if drawing is not None:
        path = folder / f"{network.city}.drawing.json"
        path.write_text(dump_drawing(drawing), encoding="utf-8")
    path = folder / "q.jsonl"
    write(ask(network, per_map=2, network_path=f"{network.city}.json"), path)
    return path


def test_the_command_writes_views_with_pictures_that_show_them(tmp_path: Path) -> None:
    city = replace(NETWORK, city="Town", source="")
    path = asked_in(tmp_path / "in", city, DRAWING)
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["views", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    pairs = [json.loads(line) for line in (out / "pairs.jsonl").read_text().splitlines()]
    asked = {question.id: question for question in read(Question, out / "questions.jsonl")}
    assert [pair["view"] for pair in pairs] == list(asked)
    assert {pair["kind"] for pair in pairs} == set(KINDS)
    for question in asked.values():
        picture = out / (question.figure or "")
        network = load_network(out / (question.network or ""))
        with Image.open(picture) as shown:
            truth = load_truth(picture.with_suffix(".truth.json"))
            assert shown.size == (truth.width, truth.height)
        assert differences(network, truth) == []
    assert len(list((out / "maps").rglob("*.png"))) >= 5


def test_a_synthetic_city_is_drawn_again_from_its_drawing_and_has_views(tmp_path: Path) -> None:
    maps, asked, out = tmp_path / "maps", tmp_path / "q.jsonl", tmp_path / "out"
    for called in (
        ["maps", "--out", str(maps), "--count", "1", "--style", "night", "--lines", "4"],
        ["questions", str(maps), "--out", str(asked), "--per-map", "1"],
        ["views", str(asked), "--out", str(out), "--kinds", "rotate,rename"],
    ):
        done = CliRunner().invoke(app, called)
        assert done.exit_code == 0, done.output
    (svg,) = maps.rglob("*.svg")
    network, drawing = (
        load_network(svg.with_suffix(".json")),
        load_drawing(svg.with_suffix(".drawing.json")),
    )
    again = scene(
        network,
        drawing.look,
        layout=drawing.layout,
        size=drawing.size,
        seed=drawing.seed,
        scenery=drawing.scenery,
    )
    assert to_svg(again) == svg.read_text(encoding="utf-8")
    for picture in (out / "maps").rglob("*.png"):
        truth = load_truth(picture.with_suffix(".truth.json"))
        assert differences(load_network(picture.with_suffix(".json")), truth) == []


def test_maps_of_the_small_styles_are_drawn_again_in_their_style(tmp_path: Path) -> None:
    network = generate(7)
    path = asked_in(tmp_path / "in", network, None)
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["views", str(path), "--out", str(out), "--kinds", "mirror"])
    assert done.exit_code == 0, done.output
    (picture,) = (out / "maps").rglob("*.png")
    mirrored = load_network(picture.with_suffix(".json"))
    with Image.open(picture) as shown:
        assert shown.convert("RGB").tobytes() == draw(mirrored, seed=7).tobytes()
    assert mirrored.positions != network.positions


@pytest.mark.parametrize(
    ("called", "code", "told"),
    [
        (["--kinds", "x"], 2, "found 'x', expected all, or some of swap"),
        (["--kinds", "mirror"], 1, r"network: found 'Town\.json', expected a map made by"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_written(
    tmp_path: Path, called: list[str], code: int, told: str
) -> None:
    path = asked_in(tmp_path / "in", replace(NETWORK, city="Town", source=""), None)
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["views", str(path), "--out", str(out), *called])
    assert done.exit_code == code
    words = " ".join(done.stderr.replace("│", " ").split())
    assert told.replace("\\", "") in words
    assert not out.exists()
