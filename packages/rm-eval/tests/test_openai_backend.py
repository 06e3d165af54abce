from __future__ import annotations

import asyncio
import base64
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chat_server import KEY, NAME, ChatServer, Fault, Script, first_pixel

from rm_eval import EvalError, Server, bench
from rm_eval.ahead import Made
from rm_eval.backends.requesting import Pace
from rm_rewards import Completion, jsonl

if TYPE_CHECKING:
    from conftest import Maps


@pytest.fixture
def script(maps: Maps) -> Script:
    maps.write()
    drawn = {lines: maps.folder / "maps" / f"{lines}.png" for lines in range(1, 5)}
    return Script(colours={first_pixel(path): lines for lines, path in drawn.items()})


@pytest.fixture
def server(script: Script) -> Generator[ChatServer]:
    with ChatServer(script) as started:
        yield started
        started.shutdown()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for; none is really made."""
    asked: list[float] = []
    real = asyncio.sleep

    async def pause(seconds: float) -> None:
        asked.append(seconds)
        await real(0)

    monkeypatch.setattr("rm_eval.backends.requesting.asyncio.sleep", pause)
    return asked


def data_of(maps: Maps) -> Path:
    """Twelve questions, each with a text of its own."""
    return maps.write([maps.row(i, i % 4 + 1, question=f"How many, {i}?") for i in range(12)])


def ask(server: ChatServer, data: Path, out: Path, **changes: Any) -> None:  # noqa: ANN401
    chosen: dict[str, Any] = {"retries": 3, "concurrency": 3, "timeout_s": 20.0, **changes}
    settings = {name: chosen.pop(name) for name in ("batch_size", "max_pixels") if name in chosen}
    asked = Server(base_url=server.base_url, **chosen)
    bench(NAME, data, out, backend="openai", server=asked, max_new_tokens=16, **settings)


def answered(out: Path) -> list[tuple[str, str]]:
    return [(c.question_id, c.text) for c in jsonl.read(Completion, out / "completions.jsonl")]


ALL = [(f"q{i}", f"\\boxed{{{i % 4 + 1}}}") for i in range(12)]


def test_a_server_sees_the_pictures_and_is_asked_at_most_so_often_at_once(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path
) -> None:
    ask(server, data_of(maps), tmp_path / "run")
    assert answered(tmp_path / "run") == ALL
    assert 1 < script.most <= 3
    body = script.bodies[0]
    assert (body["model"], body["temperature"], body["max_tokens"]) == (NAME, 0.0, 16)
    report = (tmp_path / "run" / "report.md").read_text("utf-8")
    assert "visual tokens" not in report  # such a server does not tell
    assert "new tokens a reply: 10 / 10 / 10" in report


@pytest.mark.parametrize("blind", [False, True])
def test_a_plain_png_is_sent_as_it_is_and_what_is_shown_blind_is_not(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path, *, blind: bool
) -> None:
    data = data_of(maps)
    files = {(maps.folder / "maps" / f"{n}.png").read_bytes() for n in range(1, 5)}
    asked = Server(base_url=server.base_url, retries=0)
    with suppress(EvalError):  # the script knows no grey
        bench(NAME, data, tmp_path / "run", backend="openai", server=asked, blind=blind)
    urls = {body["messages"][0]["content"][0]["image_url"]["url"] for body in script.bodies}
    sent = {base64.b64decode(url.partition("base64,")[2]) for url in urls}
    assert sent.isdisjoint(files) if blind else sent == files


@pytest.mark.parametrize(
    "fault",
    [
        Fault(429),
        Fault(429, headers={"Retry-After": "7"}),
        Fault(500),
        Fault(503, text="<html>busy</html>"),
        Fault(0),
        Fault(200, text="no JSON"),
        Fault(200, wait_s=3.0),
    ],
    ids=["429", "429 with its pause", "500", "503 in HTML", "dropped", "no JSON", "too slow"],
)
def test_a_fault_that_passes_is_asked_again(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path, fault: Fault
) -> None:
    script.faults = {"How many, 5?": [fault, fault], "How many, 0?": [fault]}
    ask(server, data_of(maps), tmp_path / "run", timeout_s=1.0)
    assert answered(tmp_path / "run") == ALL
    assert script.asked.count("How many, 5?") == 3
    assert len(script.asked) == 12 + 3


def test_pauses_grow_and_heed_what_the_server_asks_for(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path, pauses: list[float]
) -> None:
    slow = Fault(429, headers={"Retry-After": "50"})
    script.faults = {"How many, 1?": [Fault(500)] * 5 + [slow]}
    ask(server, data_of(maps), tmp_path / "run", retries=6)
    assert len(pauses) == 6
    assert all(0.5 * 2**k <= pause <= 2**k for k, pause in enumerate(pauses[:5]))
    assert pauses[5] == 50.0


def test_a_server_that_fails_for_good_keeps_what_was_answered(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path
) -> None:
    data, out = data_of(maps), tmp_path / "run"
    script.faults, script.forever = {"How many, 6?": [Fault(500)]}, True
    with pytest.raises(EvalError) as caught:
        ask(server, data, out, retries=1, batch_size=4)
    assert str(caught.value) == (
        f"question 'q6': {server.base_url}: HTTP 500: told to fail, asked 2 times; go on with the "
        "same command once the server answers"
    )
    assert answered(out) == ALL[:3]  # one picture after another: 0 4 8, 1 5 9, 2 and then 6
    early = [(one.question_id, one.reply.text) for one in jsonl.read(Made, out / "ahead.jsonl")]
    assert early == [ALL[i] for i in (4, 8, 5, 9)]
    script.faults, script.asked = {}, []
    ask(server, data, out, batch_size=4)
    assert answered(out) == ALL
    assert sorted(script.asked) == sorted(f"How many, {i}?" for i in (3, 6, 7, 10, 11))
    assert not (out / "ahead.jsonl").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(400, text='{"error": {"message": "too long"}}'), "HTTP 400: too long; lower --max-"),
        (Fault(404), "HTTP 404: told to fail; --model names what the server calls it"),
        (Fault(200, text='{"choices": []}'), "without choices[0].message.content; expected a"),
    ],
)
def test_a_refusal_is_not_asked_again(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path, fault: Fault, said: str
) -> None:
    script.faults = {"How many, 2?": [fault]}
    with pytest.raises(EvalError) as caught:
        ask(server, data_of(maps), tmp_path / "run")
    assert str(caught.value).startswith("question 'q2': ")
    assert said in str(caught.value)
    assert answered(tmp_path / "run") == ALL[:2]
    assert script.asked.count("How many, 2?") == 1


def test_the_key_comes_from_the_environment_and_is_written_nowhere(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.key = KEY
    monkeypatch.delenv("THE_KEY", raising=False)
    with pytest.raises(EvalError, match="HTTP 401: no such key; set the environment variable THE_"):
        ask(server, data_of(maps), tmp_path / "run", key_variable="THE_KEY")
    monkeypatch.setenv("THE_KEY", KEY)
    ask(server, data_of(maps), tmp_path / "run", key_variable="THE_KEY")
    assert answered(tmp_path / "run") == ALL
    written = [file for file in (tmp_path / "run").rglob("*") if file.is_file()]
    assert written
    assert not [file for file in written if KEY in file.read_text("utf-8", errors="replace")]


def test_more_fields_go_along_and_null_takes_one_out(
    server: ChatServer, script: Script, maps: Maps, tmp_path: Path
) -> None:
    fields = {"max_tokens": None, "max_completion_tokens": 16}
    ask(server, data_of(maps), tmp_path / "run", fields=fields, max_pixels=6272)
    body = script.bodies[0]
    assert "max_tokens" not in body
    assert body["max_completion_tokens"] == 16
    assert body["mm_processor_kwargs"] == {"size": {"longest_edge": 6272}}


def test_a_picture_that_turns_out_broken_stops_the_run_after_what_was_answered(
    server: ChatServer, maps: Maps, tmp_path: Path
) -> None:
    data, out = data_of(maps), tmp_path / "run"

    def spoil(answered: int, _total: int) -> None:
        if answered == 3:
            whole = (maps.folder / "maps" / "4.png").read_bytes()
            (maps.folder / "maps" / "4.png").write_bytes(whole[:60])

    with pytest.raises(EvalError, match=r"4\.png: "):
        bench(
            NAME, data, out, backend="openai", server=Server(base_url=server.base_url),
            batch_size=3, max_new_tokens=16, progress=spoil,
        )  # fmt: skip
    assert answered(out) == ALL[:3]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"base_url": "localhost:8000"}, "base_url: found 'localhost:8000', expected http://HOST"),
        ({"base_url": "http://me:pw@h/v1"}, "expected a key in the environment"),
        ({"base_url": "http://127.0.0.1:9/v1"}, "no server answers there"),
        ({"concurrency": 0}, "concurrency: found 0, expected 1 or more"),
        ({"timeout_s": 0.0}, "timeout_s: found 0.0, expected a number above 0"),
        ({"requests_per_minute": 0.0}, "requests_per_minute: found 0.0, expected a number above 0"),
        ({"retries": -1}, "retries: found -1, expected 0 or more"),
    ],
)
def test_a_server_that_cannot_be_used_leaves_no_folder(
    maps: Maps, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    wrong, data = Server(**changes), data_of(maps)
    with pytest.raises(EvalError) as caught:
        bench(NAME, data, tmp_path / "run", backend="openai", server=wrong)
    assert said in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_model_that_the_server_does_not_have_is_told_with_those_it_has(
    server: ChatServer, maps: Maps, tmp_path: Path
) -> None:
    asked = Server(base_url=server.base_url)
    with pytest.raises(EvalError, match=rf"model: found 'gpt', expected one of {NAME}"):
        bench("gpt", data_of(maps), tmp_path / "run", backend="openai", server=asked)


def test_requests_begin_at_most_so_often_a_minute(pauses: list[float]) -> None:
    async def three() -> None:
        pace = Pace(per_minute=0.01)
        for _ in range(3):
            await pace.turn()

    asyncio.run(three())
    assert [round(pause, -3) for pause in pauses] == [6000, 12000]
