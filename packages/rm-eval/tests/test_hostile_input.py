"""Input that somebody made to do harm, or that broke on its way: one clear line, nothing half."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import benchmark_files as files
import pytest
from browser import EVIL, in_browser, in_chromium
from chat_server import NAME, ChatServer, Script, first_pixel
from PIL import Image
from typer.testing import CliRunner, Result

from rm_eval.cli import app
from rm_eval.item import Item
from rm_eval.policy import PolicyError, load_policy
from rm_eval.viewer import write_viewer
from rm_rewards import Completion, Question, jsonl

if TYPE_CHECKING:
    from conftest import FinishedRuns, Maps, TinyModel

ACTING = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m\b"
"""What sets a terminal's title, clears it, and turns its writing round."""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


def refused(made: Result, said: str, status: int = 1) -> None:
    """One line on standard error that says so, and no traceback."""
    assert (made.exit_code, made.stdout) == (status, "")
    assert isinstance(made.exception, SystemExit)
    assert made.stderr.count("\n") == 1, made.stderr
    assert re.search(said, made.stderr), made.stderr
    assert len(made.stderr) < 1000


def cell(content: bytes) -> str:
    return base64.b64encode(content).decode()


def picture(size: tuple[int, int] = (8, 6), form: str = "PNG", mode: str = "RGB") -> bytes:
    stream = BytesIO()
    Image.new(mode, size).save(stream, format=form)
    return stream.getvalue()


def moving() -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    stream = BytesIO()
    frames[0].save(stream, format="GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


NO_PICTURE = "row 1: image: found no picture that can be read, expected PNG, JPEG or WebP"
LARGE = "expected 178956970 pixels at most"


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("A" * 101, "row 1: image: found 'AAAA.*expected base64"),
        ("!" * 100, "row 1: image: found '!!!!.*expected base64"),
        (cell(b"<!doctype html><title>403</title>" * 9), f"{NO_PICTURE}: it is a page of text"),
        (cell(b"version https://git-lfs.github.com/spec/v1\n" * 9), f"{NO_PICTURE}: .*Git LFS"),
        (cell(b"GIF89a" + bytes(90)), NO_PICTURE),
        (cell(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" * 3), NO_PICTURE),
        (cell(moving()), "row 1: image: found several pictures in one file"),
        (cell(picture((300, 300))[:150]), NO_PICTURE),
        (cell(picture((20_000, 20_000), "PNG", "1")), LARGE),
        (cell(picture((14_000, 14_000), "PNG", "1")), LARGE),
        (cell(picture((20_000, 20_000), "GIF", "1")), LARGE),
        ("../../../../etc/passwd.png", "expected a file inside"),
        ("/etc/hostname.png", "expected a file inside"),
        ("out.png", "expected a file inside"),
        ("pipe.png", "pipe.png: found a pipe or a device, expected a file"),
        ("empty.png", f"{NO_PICTURE}: the file is empty"),
        ("folder.png", "folder.png: Is a directory"),
        ("[" * 3000, "row 1: image: found a list that cannot be read"),
    ],
)
def test_a_picture_that_is_none_leaves_nothing_of_a_benchmark(
    tmp_path: Path, image: str, said: str
) -> None:
    rows = tmp_path / "rows"
    rows.mkdir()
    (tmp_path / "secret.png").write_bytes(picture())
    (rows / "out.png").symlink_to(tmp_path / "secret.png")
    (rows / "empty.png").touch()
    (rows / "folder.png").mkdir()
    os.mkfifo(rows / "pipe.png")
    source = files.tsv(rows / "rows.tsv", [files.choices(0, category="x", image=image)])
    refused(call("prepare", "vstar", "--data", source, "--out", tmp_path / "a/out", *ANY), said)
    assert not list(tmp_path.glob("a/*"))


ANY = ("--any-version",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "rows.tsv: the file is empty, expected a header"),
        (b"index\timage\n0\t\0\n", "rows.tsv: found a NUL character, expected text in UTF-8"),
        ("index\timage\n0\tx\n".encode("utf-16"), "row 1: expected UTF-8|found a NUL character"),
        (b"index\tquestion\n0\t\xff\xfe\n", "rows.tsv: row 1: expected UTF-8"),
        (b"index\n0\t1\t2\n", "row 1: found 3 cells, expected 1 as in the header"),
        (b'index\tquestion\n0\t"never closed\n' + b"x\n" * 5, "row 1: question: found|answer"),
        (b"<!doctype html><html>404</html>", "rows.tsv: holds no row"),
    ],
)
def test_rows_that_are_no_table_are_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "rows.tsv").write_bytes(content)
    made = call("prepare", "vstar", "--data", tmp_path / "rows.tsv", "--out", tmp_path / "o", *ANY)
    refused(made, said)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.tsv"]


def test_marks_ends_of_line_and_newlines_inside_do_no_harm(tmp_path: Path) -> None:
    rows = [
        files.choices(0, category="x", question='One\n"two"\tthree'),
        files.choices(1, category="x"),
    ]
    text = files.tsv(tmp_path / "plain.tsv", rows).read_text("utf-8")
    (tmp_path / "plain.tsv").unlink()
    made: list[bytes] = []
    told = text.encode()
    lines = text.replace("\tx\n", "\tx\r\n").encode()
    assert lines.count(b"\r\n") == 2
    for number, content in enumerate((told, b"\xef\xbb\xbf" + told, lines)):
        source = tmp_path / f"{number}.tsv"
        source.write_bytes(content)
        assert call("prepare", "vstar", "--data", source, "--out", tmp_path / f"{number}", *ANY)
        made.append((tmp_path / f"{number}" / "questions.jsonl").read_bytes())
    assert len(set(made)) == 1
    assert b'One\\n\\"two\\"\\tthree' in made[0]


IDS = [
    "../../../x",
    "/etc/x",
    "x" * 300,
    "CON",
    "nul.png",
    "a/../../b",
    "~",
    "-rf",
    EVIL,
    "é\u202e",
]


def test_ids_name_no_files(tmp_path: Path) -> None:
    rows = [files.choices(at, category="x", index=name) for at, name in enumerate(IDS)]
    source = files.tsv(tmp_path / "rows.tsv", rows)
    made = call("prepare", "vstar", "--data", source, "--out", tmp_path / "out", *ANY)
    assert made.exit_code == 0, made.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"rows.tsv", "out"}
    names = [str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")]
    known = r"questions\.jsonl|items\.jsonl|source\.json|pictures|pictures/[0-9a-f]{32}\.png"
    assert all(re.fullmatch(known, name) for name in names), names
    asked = [
        one.id.partition(":")[2] for one in jsonl.read(Question, tmp_path / "out/questions.jsonl")
    ]
    assert asked == IDS
    twice = files.tsv(tmp_path / "twice.tsv", [rows[0], rows[0]])
    made = call("prepare", "vstar", "--data", twice, "--out", tmp_path / "b", *ANY)
    refused(made, r"row 2: index: found '../../../x', expected each once \(first at .*row 1\)")


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="Linux alone tells this peak")
def test_a_cell_of_100_megabytes_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    source = tmp_path / "rows.tsv"
    with source.open("wb") as stream:
        stream.write(b"index\tquestion\timage\n0\tq\t")
        for _ in range(100):
            stream.write(b"A" * 1_000_000)
    outs = [source, tmp_path / "out", tmp_path / "said"]
    code = (
        "import atexit, sys; from pathlib import Path; from rm_eval.cli import app; "
        "said = Path(sys.argv.pop()); sys.argv[0] = 'rm-eval'; sys.stderr = said.open('w'); "
        "status = Path('/proc/self/status'); "
        "atexit.register(lambda: said.with_suffix('.status').write_text(status.read_text())); app()"
    )
    called = ["-c", code, "prepare", "vstar", "--data", *outs[:1], "--out", *outs[1:2], *ANY]
    done = subprocess.run([sys.executable, *map(str, [*called, outs[2]])], check=False)
    assert done.returncode == 1
    assert outs[2].read_text().endswith("row 1: found a cell of more than 83886080 characters\n")
    # of this program alone: what getrusage tells begins with the memory of the one that started it
    peak = re.search(r"VmHWM:\s+(\d+) kB", outs[2].with_suffix(".status").read_text())
    assert peak is not None
    assert int(peak[1]) < 900_000, "kilobytes: some copies of the row, not more"
    assert not outs[1].exists()


QUESTION = {"id": "q", "type": "Counting2", "question": "?", "answer": 1, "figure": "maps/1.png"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (json.dumps({**QUESTION, "answer": float("nan")}), "1: answer: found nan"),
        (json.dumps(QUESTION).replace(": 1", ": 1e999"), "1: answer: found inf"),
        (json.dumps(QUESTION).replace(": 1", ": " + "9" * 5000), "1: line: found .*4300 digits"),
        (json.dumps(QUESTION)[:-1] + ', "x": ' + "[" * 100_000, "1: line: found .*recursion"),
        (json.dumps(QUESTION)[:-1] + ', "x": ' + "[" * 500 + "]" * 500 + "}", "recursion limit"),
        (json.dumps(QUESTION) + "\n" + json.dumps(QUESTION), "2: id: found 'q', expected each id"),
        ("\ufeff" + json.dumps(QUESTION), "1: line: found .*BOM"),
        (json.dumps({**QUESTION, "question": "\ud800"}), "1: line: found .*hex escape"),
        ('{"id": "' + ACTING.encode("unicode_escape").decode() + '"}', "1: line: found .*escape"),
        (json.dumps({**QUESTION, "figure": "/dev/zero"}), "/dev/zero: found a pipe or a device"),
        (json.dumps({**QUESTION, "figure": "../../../../../../../etc/passwd"}), "no picture that"),
        (json.dumps({**QUESTION, "figure": "maps"}), "maps: Is a directory"),
        (json.dumps({**QUESTION, "figure": "a" * 300}), "File name too long"),
        (json.dumps({**QUESTION, "figure": "a\0b"}), "figure: .*null"),
    ],
)
def test_questions_that_cannot_be_asked_are_named_before_anything_is_written(
    maps: Maps, tmp_path: Path, line: str, said: str
) -> None:
    data = maps.write()
    data.write_text(line, "utf-8")
    out = tmp_path / "runs/new"
    refused(call("bench", "--model", NAME, "--data", data, "--out", out, *SERVED), said)
    assert not out.parent.exists()


SERVED = ("--backend", "openai", "--base-url", "http://127.0.0.1:9/v1", "--retries", "0")


def test_a_line_without_an_end_is_not_read_into_memory(
    maps: Maps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rm_rewards.jsonl.LONGEST", 10_000)
    data = maps.write()
    data.write_text('{"id": "' + "x" * 20_000, "utf-8")
    made = call("bench", "--model", NAME, "--data", data, "--out", tmp_path / "run", *SERVED)
    refused(made, "questions.jsonl:1: line: found .*expected 10000 characters at most")


@pytest.fixture
def said(maps: Maps) -> Generator[tuple[Path, Callable[[str], tuple[str, ...]]]]:
    """A questions file, and how to have a server answer it with a text."""
    data = maps.write([{**maps.row(0, 1), "city": EVIL, "id": f"q{EVIL}{ACTING}"}])
    pixel = first_pixel(maps.folder / "maps/1.png")
    started: list[ChatServer] = []

    def serve(text: str) -> tuple[str, ...]:
        started.append(ChatServer(Script(colours={pixel: text})))
        return ("--backend", "openai", "--base-url", started[-1].base_url, "--model", NAME)

    yield data, serve
    for server in started:
        server.shutdown()
        server.server_close()


def test_replies_go_through_every_command_and_act_in_none(
    said: tuple[Path, Callable[[str], tuple[str, ...]]], tmp_path: Path
) -> None:
    data, serve = said
    shown: list[str] = []
    runs = [tmp_path / f"run{number}{ACTING[:3]}" for number in (1, 2)]
    for run, text in zip(runs, (f"=1+1{EVIL}{ACTING}\ud800\0", "x" * 10_000_000), strict=True):
        made = call("bench", "--data", data, "--out", run, *serve(text))
        assert made.exit_code == 0, made.stderr
        shown += [made.stdout, made.stderr]
    first = next(jsonl.read(Completion, runs[0] / "completions.jsonl"))
    assert first.text == f"\\boxed{{=1+1{EVIL}{ACTING}\ufffd\0}}"
    outs = [tmp_path / "out" / name for name in ("a.csv", "a.json", "a.tex", "a.html", "b.html")]
    for arguments in (
        ("compare", *runs),
        ("rescore", runs[0]),
        ("export", runs[0], "--to", "csv", "--out", outs[0]),
        ("export", runs[1], "--to", "json", "--out", outs[1]),
        ("export", *runs, "--to", "latex", "--out", outs[2]),
        ("view", *runs, "--out", outs[3]),
        ("leaderboard", *runs, "--out", outs[4]),
        ("leaderboard", *runs),
    ):
        made = call(*arguments)
        assert made.exit_code == 0, made.stderr
        shown += [made.stdout, made.stderr]
    assert not any(letter in text for text in shown for letter in "\x1b\x07\x9b\u202e\b\0")
    assert "\x1b" not in outs[2].read_text("utf-8")
    assert outs[3].stat().st_size < 200_000, "a long reply is shown in part"
    missing = call("export", tmp_path / f"no{ACTING}", "--to", "csv", "--out", outs[0])
    refused(missing, r"no\\x1b\]0;owned\\x07")


@pytest.fixture
def run(finished: FinishedRuns) -> Path:
    (finished.folder / "maps").mkdir(parents=True)
    Image.new("RGB", (60, 40), "red").save(finished.folder / f"maps/a{EVIL[-20:].strip('<>')}.png")
    figure = f"../maps/a{EVIL[-20:].strip('<>')}.png"
    asked = Question(
        id=EVIL, type="Counting2", question=EVIL, answer=1, figure=figure, city=EVIL, country=EVIL
    )
    return finished.write(f"run{EVIL.replace('/', '')[:90]}", [(asked, EVIL)])


def reads(run: Path, out: Path) -> list[Result]:
    """Every command that reads a run."""
    return [
        call("view", run, "--out", out),
        call("export", run, "--to", "csv", "--out", out),
        call("export", run, "--to", "latex", "--out", out),
        call("compare", run, run),
        call("leaderboard", run, "--out", out),
    ]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("rewards.jsonl", ('"total":', '"total":NaN,"x":'), "rewards.jsonl:1: total: found nan"),
        (
            "rewards.jsonl",
            ('"weight":', '"weight":1e999,"x":'),
            "rewards.jsonl:1: weight: found inf",
        ),
        ("rewards.jsonl", ("{", "[" * 99_999), "rewards.jsonl:1: line: found"),
        ("questions.jsonl", ('"answer":1', '"answer":-1'), "questions.jsonl:1: answer: found -1"),
        ("manifest.json", ("{", "[" * 99_999), "manifest.json: not JSON"),
        ("manifest.json", ('"dtype": "auto"', '"dtype": 7'), "manifest.json: .*dtype: found 7"),
    ],
)
def test_a_run_that_was_tampered_with_is_named_by_every_command(
    run: Path, tmp_path: Path, name: str, change: tuple[str, str], said: str
) -> None:
    text = (run / name).read_text("utf-8")
    assert change[0] in text
    (run / name).write_text(text.replace(*change, 1), "utf-8")
    told = [made for made in reads(run, tmp_path / "out/file") if made.exit_code]
    assert len(told) >= 4
    for made in told:
        refused(made, said)
    assert not list(tmp_path.glob("out/.*"))


def test_samples_that_were_tampered_with_are_named_by_every_command(
    said: tuple[Path, Callable[[str], tuple[str, ...]]], tmp_path: Path
) -> None:
    data, serve = said
    run = tmp_path / "run"
    assert call("bench", "--data", data, "--out", run, *serve("1")).exit_code == 0
    whole = (run / "samples.jsonl").read_text("utf-8")
    for before, after, told in (
        ('"weight":1.0', '"weight":NaN', "samples.jsonl:1: weight: found nan"),
        ('"total":', '"total":1e999,"x":', "samples.jsonl:1: total: found inf"),
        ('"correct":', '"correct":7,"x":', "samples.jsonl:1: correct: found 7"),
    ):
        assert before in whole
        (run / "samples.jsonl").write_text(whole.replace(before, after, 1), "utf-8")
        for arguments in (
            ("view", run, "--out", tmp_path / "a"),
            ("export", run, "--to", "json", "--out", tmp_path / "a"),
            ("leaderboard", run, "--out", tmp_path / "a"),
        ):
            refused(call(*arguments), told)
    (run / "samples.jsonl").write_text(whole + whole, "utf-8")
    fitting = "samples.jsonl and rewards.jsonl do not fit together; run it anew"
    refused(call("view", run, "--out", tmp_path / "a"), fitting)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "run"}


def test_a_run_whose_files_are_links_is_never_written_through(
    said: tuple[Path, Callable[[str], tuple[str, ...]]], tmp_path: Path
) -> None:
    data, serve = said
    run, target = tmp_path / "run", tmp_path / "precious"
    run.mkdir()
    target.write_text("")
    served = serve("1")
    for name in ("completions.jsonl", "batches.jsonl", "ahead.jsonl"):
        (run / name).symlink_to(target)
        made = call("bench", "--data", data, "--out", run, *served)
        refused(made, f"run/{name}: found a link, expected a file of the run's own")
        assert target.read_text() == ""
        (run / name).unlink()
    for name in ("manifest.json", "questions.jsonl", "rewards.jsonl", "report.json", "report.md"):
        (run / name).unlink(missing_ok=True)
        (run / name).symlink_to(target)
    assert call("bench", "--data", data, "--out", run, *served).exit_code in (0, 1)
    assert target.read_text() == ""


@pytest.mark.parametrize(
    ("questions", "seconds", "name"),
    [(-1, 1.0, "questions"), (0, 1.0, "questions"), (1, float("nan"), "seconds")],
)
def test_a_journal_cannot_count_backwards(
    said: tuple[Path, Callable[[str], tuple[str, ...]]],
    tmp_path: Path,
    questions: int,
    seconds: float,
    name: str,
) -> None:
    data, serve = said
    run = tmp_path / "run"
    run.mkdir()
    line = json.dumps({"questions": questions, "seconds": seconds})
    (run / "batches.jsonl").write_text(line + "\n")
    refused(call("bench", "--data", data, "--out", run, *serve("1")), f"{name}: found")


def test_an_item_has_a_weight_that_can_be_summed(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    for weight in ("NaN", "1e999", "-1", "0"):
        file.write_text(
            f'{{"id": "a", "task": "mmstar", "form": "text", "answer": "A", "weight": {weight}}}'
        )
        with pytest.raises(ValueError, match=r"items.jsonl:1: weight: found .*a number above 0"):
            list(jsonl.read(Item, file))


@in_chromium
def test_in_a_browser_nothing_of_a_run_can_act(run: Path, tmp_path: Path) -> None:
    write_viewer(run, None, out := tmp_path / "page.html")
    script = """
    document.querySelector("article img").click();
    const told = ["script", "svg", "img[onerror]", "[onload]"].map(
      one => document.querySelectorAll(one).length);
    const shown = document.body.innerText.split("onerror=").length - 1;
    setTimeout(() => { document.title = [...told, shown, document.title].join(" "); }, 300);
    """
    title = in_browser(out, tmp_path / "profile", script)
    assert title.startswith("4 0 0 0 8 run<script>"), "the title is that of the page, as text"


@in_chromium
def test_in_a_browser_the_page_stops_a_script_that_was_not_escaped(
    run: Path, tmp_path: Path
) -> None:
    """The second line of defence: the browser itself, by the page's policy."""
    write_viewer(run, None, out := tmp_path / "page.html")
    out.write_text(out.read_text("utf-8").replace("<main", f"{EVIL[9:]}<main", 1), "utf-8")
    script = """
    const there = document.querySelectorAll("img[onerror]").length;
    setTimeout(() => { document.title = [there, document.title === "evil"].join(" "); }, 300);
    """
    assert in_browser(out, tmp_path / "profile", script) == "1 false"


@pytest.mark.parametrize(
    ("name", "change", "loads"),
    [
        ("config.json", {}, True),
        ("processor_config.json", {}, True),
        ("tokenizer_config.json", {}, True),
        ("config.json", {"model_type": "evil"}, False),
    ],
)
def test_code_beside_a_model_is_not_run(
    tiny: TinyModel, tmp_path: Path, name: str, change: dict[str, str], *, loads: bool
) -> None:
    """A known kind is loaded by the library's own code; another is refused without a question."""
    folder, beacon = tmp_path / "model", tmp_path / "beacon"
    folder.mkdir()
    for file in tiny.folder.iterdir():
        (folder / file.name).symlink_to(file)
    held: dict[str, Any] = json.loads((folder / name).read_bytes())
    kinds = ("AutoConfig", "AutoModelForImageTextToText", "AutoProcessor", "AutoTokenizer")
    (folder / name).unlink()
    mapped = {**held, "auto_map": dict.fromkeys(kinds, "evil.Evil"), **change}
    (folder / name).write_text(json.dumps(mapped))
    (folder / "evil.py").write_text(f"open({str(beacon)!r}, 'w')\nclass Evil: ...\n")
    if loads:
        assert type(load_policy(folder).model).__name__ == "Qwen2_5_VLForConditionalGeneration"
    else:
        with pytest.raises(PolicyError, match=r"config.json: model_type 'evil' is known only to c"):
            load_policy(folder)
    assert not beacon.exists()
