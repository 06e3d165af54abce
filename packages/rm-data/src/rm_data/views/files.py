"""Views on disk: questions, their maps, and a file that says which answer fits which.

`pairs.jsonl` has a line a view: the ids of both questions, the kind, the new names of lines,
whether the way is reversed, and whether the right answer is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Final

from rm_data.draw import draw
from rm_data.layout import layout_of
from rm_data.picture import Look, dump_truth, scene, to_png, to_svg
from rm_data.picture.drawing import Drawing, drawing_of, dump_drawing, load_drawing
from rm_data.staging import staged_folder
from rm_data.synthetic import STYLES
from rm_data.views.view import KINDS, View, views
from rm_rewards import Network, Question, RecordError
from rm_rewards.jsonl import Networks, dump, read_by_id, write

_PLAIN: Final = Look()


@dataclass(slots=True)
class ViewsMade:
    """How many views of each kind were written, and how many maps were drawn for them."""

    views: dict[str, int] = field(default_factory=dict[str, int])
    maps: int = 0


def write_views(
    questions: Path, out: Path, kinds: Iterable[str] = KINDS, *, seed: int = 0
) -> ViewsMade:
    """Write `questions.jsonl`, `pairs.jsonl` and the maps of the views into `out`.

    A map is drawn as the file `<city>.drawing.json` beside its network says; maps of the small
    styles need none.

    Args:
        questions: The questions; each names its network.
        out: A folder that is new or empty; it appears when all is written.
        kinds: Some of `KINDS`.
        seed: Of the new names of lines.

    Raises:
        RecordError: For a question without a network, a network that nobody knows how to draw, an
            unknown kind, or if no question has a view.
        OSError: If a file cannot be read or written.
    """
    wanted = tuple(kinds)
    with staged_folder(out) as folder:
        work = _Work(questions, folder)
        with (folder / "pairs.jsonl").open("w", encoding="utf-8") as pairs:

            def asked() -> Iterator[Question]:
                for question, view in work.views(wanted, seed):
                    pairs.write(json.dumps(_pair(question, view), ensure_ascii=False) + "\n")
                    work.made.views[view.kind] = work.made.views.get(view.kind, 0) + 1
                    yield work.placed(view)

            if not write(asked(), folder / "questions.jsonl"):
                found = f"no question has a view of {', '.join(wanted)}"
                raise RecordError("QUESTIONS", found, "one with", where=str(questions))
    return work.made


def _pair(question: Question, view: View) -> dict[str, object]:
    return {
        "question": question.id,
        "view": view.question.id,
        "kind": view.kind,
        "lines": dict(view.lines),
        "back": view.back,
        "same": view.same,
    }


@dataclass(slots=True)
class _Work:
    source: Path
    folder: Path
    made: ViewsMade = field(default_factory=ViewsMade)
    _drawn: set[str] = field(default_factory=set[str])
    _drawings: dict[tuple[str, str], Drawing | None] = field(
        default_factory=dict[tuple[str, str], "Drawing | None"]
    )

    def views(self, kinds: tuple[str, ...], seed: int) -> Iterator[tuple[Question, View]]:
        networks = Networks(self.source.absolute().parent)
        for where, question in read_by_id(Question, self.source).values():
            try:
                network = _known(networks.of(question))
                drawing = self._drawing(question, network)
                for view in views(question, network, drawing, kinds, seed=seed):
                    yield question, view
            except RecordError as error:
                raise error.at(f"{where}: {question.id}") from None

    def _drawing(self, question: Question, network: Network) -> Drawing:
        """How the map was drawn; for the small styles, where its stations lie."""
        key = (network.country, network.city)
        if key not in self._drawings:
            base = self.source.absolute().parent
            named = base / (question.network or "")
            path = named.with_name(named.name.removesuffix(".json") + ".drawing.json")
            known = load_drawing(path) if question.network and path.is_file() else None
            if known is None and small_style(network) is None:
                expected = "a map made by rm-data maps or rm-data render, with its .drawing.json"
                raise RecordError("network", question.network, expected)
            self._drawings[key] = known
        return self._drawings[key] or drawing_of(layout_of(network), _PLAIN)

    def placed(self, view: View) -> Question:
        """The question of a view, with the paths of its map, which is drawn if it is new."""
        city = f"{view.network.city}@{view.map}" if view.map else view.network.city
        place = "/".join(filter(None, ("maps", view.network.country, city)))
        if place not in self._drawn:
            self._drawn.add(place)
            self.made.maps += 1
            self._draw(view, self.folder / place)
        return replace(view.question, figure=f"{place}.png", network=f"{place}.json", json=None)

    def _draw(self, view: View, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        for suffix, content in _map_files(view).items():
            target.with_name(target.name + suffix).write_bytes(content)


def _known(network: Network | None) -> Network:
    if network is None:
        raise RecordError("network", None, "the network of the question")
    return network


def _map_files(view: View) -> dict[str, bytes]:
    """The files of a map by their suffix."""
    network, drawing = view.network, view.drawing
    made = {".json": f"{dump(network)}\n".encode()}
    small = small_style(network)
    if small is not None:
        buffer = BytesIO()
        number = int(network.city.rpartition("-")[2])
        draw(network, style=small, seed=number).save(buffer, format="PNG", optimize=False)
        return {**made, ".png": buffer.getvalue()}
    found = scene(
        network,
        drawing.look,
        layout=drawing.layout,
        size=drawing.size,
        seed=drawing.seed,
        scenery=drawing.scenery,
    )
    return {
        **made,
        ".svg": to_svg(found).encode(),
        ".png": to_png(found),
        ".truth.json": f"{dump_truth(found.truth)}\n".encode(),
        ".drawing.json": f"{dump_drawing(drawing)}\n".encode(),
    }


def small_style(network: Network) -> str | None:
    """The style of a city of `rm_data.synthetic.STYLES`, which tells how to draw it."""
    style, _, number = network.city.rpartition("-")
    ours = network.source.startswith("rm-data synthetic generator")
    return style if ours and style in STYLES and number.isdecimal() else None
