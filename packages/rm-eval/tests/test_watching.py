from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from peft import LoraConfig, get_peft_model
from typer.testing import CliRunner

from rm_eval import EvalError, LookPlan, Watch, load_policy, watch
from rm_eval.cli import app
from rm_eval.options import Options
from rm_eval.training_time.checkpoints import QUIET, Training, is_whole_model
from rm_eval.training_time.holding import HELD

if TYPE_CHECKING:
    from conftest import Maps, TinyModel

ASKING: Options = {"max_new_tokens": 12, "batch_size": 4}


def settled(folder: Path) -> Path:
    """The folder as if nobody had written to it for a while."""
    for path in (*folder.iterdir(), folder):
        old = path.stat().st_mtime - 2 * QUIET
        os.utime(path, (old, old))
    return folder


def saved(tiny: TinyModel, run: Path, step: int, *, deaf: bool = False) -> Path:
    """A checkpoint of the tiny model, which answers nothing any more where it is `deaf`."""
    folder = run / f"checkpoint-{step}"
    shutil.copytree(tiny.folder, folder)
    if deaf:
        model = cast("Any", load_policy(tiny.folder).model)
        with torch.no_grad():
            model.lm_head.weight.mul_(-1.0)
        model.save_pretrained(folder)
    return settled(folder)


def a_watch(run: Path, maps: Maps, out: Path, **more: Any) -> Watch:  # noqa: ANN401
    given: dict[str, Any] = {"plan": LookPlan(), "once": True, "asking": ASKING, **more}
    return Watch(run=run, questions=maps.write(), out=out, **given)


def steps(out: Path) -> list[int]:
    lines = (out / "curve.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["step"] for line in lines]


def never() -> None:
    raise AssertionError("it waited")


# -- what is wholly there --------------------------------------------------------------------------


def cut_weights(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-8])


def cut_head(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:40])


def empty_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"")


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def half_settings(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "qwen', "utf-8")


def a_shard_to_come(folder: Path) -> None:
    index = {"weight_map": {"a": "model.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")


def half_an_index(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a"', "utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        *(cut_weights, cut_head, empty_weights, no_weights),
        *(half_settings, a_shard_to_come, half_an_index),
    ],
)
def test_half_a_model_is_not_whole(tiny: TinyModel, tmp_path: Path, damage: Any) -> None:  # noqa: ANN401
    folder = saved(tiny, tmp_path, 5)
    assert is_whole_model(folder)
    assert [one.step for one in Training(tmp_path).whole()] == [5]
    damage(folder)
    settled(folder)
    assert not is_whole_model(folder)
    assert Training(tmp_path).whole() == []


def test_a_folder_that_is_written_to_is_not_whole(tiny: TinyModel, tmp_path: Path) -> None:
    folder = saved(tiny, tmp_path, 5)
    (folder / "tokenizer.json").touch()
    assert is_whole_model(folder)
    assert Training(tmp_path).whole() == []


def test_a_run_of_ours_marks_what_is_whole_and_says_when_it_is_done(
    tiny: TinyModel, tmp_path: Path
) -> None:
    for name in ("config.yaml", "versions.json"):
        (tmp_path / name).touch()
    training, place = Training(tmp_path), tmp_path / "checkpoints"
    for step in (10, 9):
        folder = saved(tiny, place, step)
    saved(tiny, place, 11)
    assert training.whole() == []
    for step in (10, 9):
        (place / f"checkpoint-{step}" / "COMPLETE").touch()
    assert [one.step for one in training.whole()] == [9, 10]
    assert training.last_step() is None
    state = place / "checkpoint-10" / "trainer_state.json"
    for most, last in ((20, None), (10, 10), ("ten", None)):
        state.write_text(json.dumps({"max_steps": most}), "utf-8")
        assert training.last_step() == last
    (tmp_path / "model").mkdir()
    assert training.last_step() == 10
    assert folder.is_dir()


# -- watching --------------------------------------------------------------------------------------


def test_each_checkpoint_is_asked_once_also_one_that_the_training_removes(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    for step in (5, 10):
        saved(tiny, run, step, deaf=step == 10)
    said: list[str] = []

    def tell(line: str) -> None:
        said.append(line)
        for folder in run.glob("checkpoint-*"):
            shutil.rmtree(folder)  # as a training does that keeps none but the newest

    curve = watch(a_watch(run, maps, out), tell=tell, pause=never)
    assert said == [
        "step 5: 8 of 12 right",
        "step 10: 0 of 12 right, 0 gained and 8 lost since step 5: not shown",
    ]
    assert [point.all.score.correct for point in curve.points] == [8, 0]
    assert not (out / HELD).exists()
    before = {path: path.stat().st_size for path in out.rglob("batches.jsonl")}
    saved(tiny, run, 5)
    saved(tiny, run, 7)  # comes too late: looks keep the order in which they were numbered
    watch(a_watch(run, maps, out), tell=tell, pause=never)
    assert steps(out) == [5, 10]
    assert {path: path.stat().st_size for path in out.rglob("batches.jsonl")} == before
    assert len(said) == 2


def test_a_watch_waits_for_what_is_due_until_the_training_is_done(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    coming = [20, 25, 40, 47]

    def pause() -> None:
        step = coming.pop(0)
        folder = saved(tiny, run, step)
        (folder / "trainer_state.json").write_text('{"max_steps": 47}', "utf-8")
        settled(folder)

    watched = a_watch(run, maps, out, plan=LookPlan(every=20), start=str(tiny.folder), once=False)
    watch(watched, pause=pause)
    assert coming == []
    assert steps(out) == [0, 20, 40, 47]
    coming.append(60)
    until = a_watch(run, maps, tmp_path / "until", plan=LookPlan(every=20), until=25, once=False)
    watch(until, pause=never)
    assert steps(until.out) == [20, 25]


def test_a_watch_that_was_killed_goes_on_with_what_it_held(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    saved(tiny, run, 5)
    saved(tiny, run, 10)

    def killed(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(a_watch(run, maps, out), tell=killed, pause=never)
    assert sorted(path.name for path in (out / HELD).iterdir()) == [
        "checkpoint-10",
        "checkpoint-5",
    ]
    assert (out / HELD / "checkpoint-10" / "model.safetensors").stat().st_nlink == 2
    for folder in run.iterdir():
        shutil.rmtree(folder)
    watch(a_watch(run, maps, out), pause=never)
    assert steps(out) == [5, 10]


def test_adapters_are_asked_with_their_base(tiny: TinyModel, maps: Maps, tmp_path: Path) -> None:
    torch.manual_seed(0)
    policy = load_policy(tiny.folder)
    adapted = cast("Any", get_peft_model)(
        policy.model, LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
    )
    folder = tmp_path / "run" / "checkpoint-3"
    adapted.save_pretrained(folder)
    cast("Any", policy.processor).save_pretrained(folder)
    settled(folder)
    out = tmp_path / "out"
    curve = watch(a_watch(folder.parent, maps, out, start=str(tiny.folder)), pause=never)
    assert [point.step for point in curve.points] == [0, 3]
    manifest = json.loads((out / "step-000003" / "manifest.json").read_text("utf-8"))
    assert set(manifest["model"]["weights"]) == {
        "adapter_model.safetensors",
        "base/model.safetensors",
    }


def test_shards_without_whole_weights_are_told(maps: Maps, tmp_path: Path) -> None:
    run = tmp_path / "run"
    folder = run / "checkpoints" / "checkpoint-5"
    (folder / "pytorch_model_fsdp_0").mkdir(parents=True)
    for file in (run / "config.yaml", run / "versions.json", folder / "COMPLETE"):
        file.touch()
    with pytest.raises(EvalError, match=r"checkpoint-5: no whole weights there, only shards"):
        watch(a_watch(run, maps, tmp_path / "out"), pause=never)
    assert not (tmp_path / "out" / HELD).exists()


def test_a_watch_goes_on_with_the_same_training_and_settings_alone(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    saved(tiny, run, 5)
    watch(a_watch(run, maps, out), pause=never)
    for changes, message in (
        ({"run": tmp_path}, r"was begun with training .*run, now it is "),
        ({"start": str(tiny.folder)}, r"was begun with start none, now it is "),
        ({"asking": {**ASKING, "max_new_tokens": 8}}, r"was asked with max_new_tokens 12, now it"),
    ):
        with pytest.raises(EvalError, match=message):
            watch(replace(a_watch(run, maps, out), **changes), pause=never)


# -- the command -----------------------------------------------------------------------------------


def ran(*words: object) -> Any:  # noqa: ANN401 - click's result
    return CliRunner().invoke(app, ["watch", *map(str, words)])


def test_the_command_prints_the_curve(tiny: TinyModel, maps: Maps, tmp_path: Path) -> None:
    saved(tiny, tmp_path / "run", 5)
    words = [tmp_path / "run", "--data", maps.write(), "--out", tmp_path / "out", "--limit", 4]
    found = ran(*words, "--once", "--max-new-tokens", 12, "--start", tiny.folder, "--looks", 3)
    assert found.exit_code == 0, found.output
    assert found.stdout.startswith("# The training, look by look\n\n4 questions, the same at")
    assert "step 5: 3 of 4 right, 0 gained and 0 lost since step 0: not shown" in found.stderr
    plan = json.loads((tmp_path / "out" / "plan.json").read_text("utf-8"))
    assert plan["budget"] == {"alpha": 0.05, "spending": "obrien-fleming", "looks": 3}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere: no such folder, expected that of a training"),
        (["empty"], "empty: no checkpoint to look at (every 1 steps); expected checkpoint-N"),
        (["empty", "--spending", "pocock"], "looks: found None, expected the number of looks"),
        (["empty", "--alpha", "2"], "alpha: found 2.0, expected a number between 0 and 1"),
        (["empty", "--data", "gone.jsonl"], "gone.jsonl: No such file or directory"),
    ],
)
def test_what_cannot_be_watched_is_told_in_one_line(
    words: list[str], message: str, maps: Maps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    given = ["--data", str(maps.write()), "--out", "out", "--once"]
    found = ran(*given, *words)
    assert found.exit_code == 1
    assert message in found.stderr
    assert found.stderr.count("\n") == 1
