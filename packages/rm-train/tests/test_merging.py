from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from peft import LoraConfig, get_peft_model
from typer.testing import CliRunner

from rm_eval import PolicyError, load_policy, load_processor
from rm_train import LoraConfig as OurLora
from rm_train import TrainConfig
from rm_train.cli import app
from rm_train.merging import merge
from rm_train.run_directory import RunDirectory, RunError


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that changes the model: both of its factors are random."""
    place = tmp_path_factory.mktemp("adapter")
    settings = LoraConfig(r=4, lora_alpha=32, target_modules=OurLora().target)
    adapted = get_peft_model(load_policy(tiny_model).model, settings)
    torch.manual_seed(0)
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=0.2)
    adapted.save_pretrained(str(place))
    cast("Any", load_processor(tiny_model)).save_pretrained(place)
    return place


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return cast("Any", load_policy(folder)).model.state_dict()


def test_the_merged_model_is_whole_and_says_what_the_adapter_says(
    adapter: Path, tiny_model: Path, tmp_path: Path
) -> None:
    done = merge(adapter, tmp_path / "merged")
    assert done.layers == 2 * 7
    assert done.difference < 1e-4
    assert not (done.folder / "adapter_config.json").exists()
    merged, base = weights(done.folder), weights(tiny_model)
    changed = {name for name, value in merged.items() if not torch.equal(value, base[name])}
    assert len(changed) == 2 * 7
    assert all(torch.equal(value, merged[name]) for name, value in weights(adapter).items())
    assert list(tmp_path.iterdir()) == [done.folder]


def test_a_run_is_merged_from_its_directory_by_the_command(adapter: Path, tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "run")
    directory.begin(TrainConfig(), {})
    shutil.copytree(adapter, directory.model)
    (tmp_path / "merged").mkdir()
    words = ["merge", str(directory.path), "--out", str(tmp_path / "merged")]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 0, found.output
    assert "14 layers merged; logits on a sample differ by" in found.stdout
    assert load_policy(tmp_path / "merged")
    again = CliRunner().invoke(app, words)
    assert (again.exit_code, len(again.stderr.splitlines())) == (1, 1)
    assert "merged: not empty; choose another --out" in again.stderr


def test_what_is_no_adapter_is_refused_and_nothing_is_written(
    tiny_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(RunError, match="holds all weights already, so there is nothing to merge"):
        merge(tiny_model, out)
    with pytest.raises(RunError, match="expected a run or an adapter"):
        merge(tmp_path, out)
    directory = RunDirectory(tmp_path / "run")
    directory.begin(TrainConfig(), {})
    with pytest.raises(RunError, match="no model yet; the run is not done"):
        merge(directory.path, out)
    assert not out.exists()


def broken(adapter: Path, place: Path, **changes: object) -> Path:
    shutil.copytree(adapter, place)
    file = place / "adapter_config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**settings, **changes}), encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_model_name_or_path": "/gone"}, "/gone: no such folder"),
        ({"base_model_name_or_path": ""}, "base_model_name_or_path is missing"),
        ({"r": 5}, "cannot be loaded on its base"),
    ],
)
def test_a_broken_adapter_is_told_in_one_line(
    adapter: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(PolicyError, match=message) as caught:
        merge(broken(adapter, tmp_path / "broken", **changes), tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_merge_that_would_change_the_model_is_not_written(adapter: Path, tmp_path: Path) -> None:
    # with a scale of 1e38 sums overflow, and what is merged is no number any more
    with pytest.raises(RunError, match="nothing was written"):
        merge(broken(adapter, tmp_path / "broken", lora_alpha=1e38), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]
