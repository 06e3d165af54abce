from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from accelerate.commands import launch  # pyright: ignore[reportMissingTypeStubs] - has no stubs
from accelerate.utils.launch import (  # pyright: ignore[reportMissingTypeStubs] - has no stubs
    prepare_deepspeed_cmd_env,
    prepare_multi_gpu_env,
)
from typer.testing import CliRunner

import rm_train.config as rm_config
import rm_train.quantized as rm_quantized
from rm_train import ConfigError, TrainConfig
from rm_train.cli import app
from rm_train.clusters import accelerate_config, accelerate_configs
from rm_train.quantized import check_quantized, four_bits
from rm_train.sharding import is_sharded

PAGE = Path(__file__).resolve().parents[3] / "docs/clusters.md"


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def environment(name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What `accelerate launch` with that configuration tells the processes."""
    for variable in [known for known in os.environ if known.startswith("ACCELERATE")]:
        monkeypatch.delenv(variable)
    file = str(accelerate_config(name))
    words = ["--config_file", file, "--main_process_port", free_port(), "-m", "rm_train.cli", "run"]
    inner = cast("Any", launch)
    parsed, given, _ = inner._validate_launch_command(
        inner.launch_command_parser().parse_args(words)
    )
    if parsed.use_deepspeed:
        parsed.deepspeed_fields_from_accelerate_config = ",".join(given.deepspeed_config)
        return cast("Any", prepare_deepspeed_cmd_env)(parsed)[1]
    return cast("Any", prepare_multi_gpu_env)(parsed)


@pytest.mark.parametrize(
    ("name", "told", "sharded"),
    [
        ("ddp", {"ACCELERATE_MIXED_PRECISION": "no"}, False),
        (
            "fsdp2",
            {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}
            | {"FSDP_STATE_DICT_TYPE": "SHARDED_STATE_DICT", "FSDP_RESHARD_AFTER_FORWARD": "true"},
            True,
        ),
        ("fsdp2-2-nodes", {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}, True),
        ("zero2", {"ACCELERATE_DEEPSPEED_ZERO_STAGE": "2"}, False),
        (
            "zero3",
            {"ACCELERATE_DEEPSPEED_ZERO_STAGE": "3"}
            | {"ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL": "true"},
            True,
        ),
    ],
)
def test_accelerate_tells_the_processes_what_the_configuration_says(
    name: str, told: dict[str, str], sharded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = environment(name, monkeypatch)
    assert {key: found.get(key) for key in told} == told
    for variable, value in found.items():
        monkeypatch.setenv(variable, value)
    assert is_sharded() is sharded


def test_two_nodes_differ_from_one_in_the_machines_alone() -> None:
    one, two = (
        cast("dict[str, object]", yaml.safe_load(accelerate_config(name).read_bytes()))
        for name in ("fsdp2", "fsdp2-2-nodes")
    )
    different = {key for key in {*one, *two} if one.get(key) != two.get(key)}
    assert different == {
        "num_machines", "num_processes", "main_process_ip", "main_process_port",
    }  # fmt: skip


def test_the_page_names_the_configurations_that_there_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"accelerate-config ([a-z][\w-]*)", text))
    named |= set(re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)) & set(accelerate_configs())
    assert named == set(accelerate_configs())


# -- the command -----------------------------------------------------------------------------------


def test_the_command_lists_prints_and_copies(tmp_path: Path) -> None:
    call = CliRunner().invoke
    listed = call(app, ["accelerate-config"]).stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(accelerate_configs())
    assert all(len(line.split()) > 5 for line in listed)
    assert call(app, ["accelerate-config", "zero3"]).stdout.strip() == str(
        accelerate_configs()["zero3"]
    )
    copy = tmp_path / "mine.yaml"
    done = call(app, ["accelerate-config", "fsdp2", "--out", str(copy)])
    assert done.stdout == f"{copy}: a copy of fsdp2\n"
    assert copy.read_bytes() == accelerate_configs()["fsdp2"].read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fsdp3"], "found 'fsdp3', expected one of ddp, .*did you mean 'fsdp2'"),
        (["ddp", "--out", "there.yaml"], "found there.yaml, which exists; remove it or choose ano"),
        (["ddp", "--out", "gone/x.yaml"], "gone/x.yaml: No such file or directory; expected a wri"),
    ],
)
def test_what_cannot_be_given_is_told_in_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.yaml").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(app, ["accelerate-config", *words])
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert re.search(said, line)
    assert Path("there.yaml").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["there.yaml"]


# -- weights in 4 bits -----------------------------------------------------------------------------


def test_bits_are_for_weights_that_are_not_trained() -> None:
    with pytest.raises(ConfigError, match=r"quantize: found '4bit', expected none, or adapters"):
        TrainConfig(quantize="4bit").check()
    TrainConfig(quantize="4bit", lora=rm_config.LoraConfig(r=8)).check()


@pytest.mark.parametrize(
    ("there", "device", "sharded", "said"),
    [
        (False, "cuda", False, "which needs bitsandbytes; pip install bitsandbytes"),
        (True, "cpu", False, "which needs a GPU; use --quantize none"),
        (True, "cuda", True, r"where weights are divided among processes \(FSDP, ZeRO-3\)"),
    ],
)
def test_what_4_bits_need_is_told(
    there: bool, device: str, sharded: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(_name: str) -> object:
        return object() if there else None

    monkeypatch.setattr(rm_quantized, "find_spec", found)
    with pytest.raises(ConfigError, match=said) as caught:
        check_quantized(device, sharded=sharded)
    assert "\n" not in str(caught.value)
    if there:
        check_quantized("cuda", sharded=False)


def test_the_bits_are_those_of_the_paper() -> None:
    made = cast("Any", four_bits("bfloat16")).to_dict()
    assert (made["bnb_4bit_quant_type"], made["bnb_4bit_use_double_quant"]) == ("nf4", True)
    assert (made["load_in_4bit"], made["bnb_4bit_compute_dtype"]) == (True, "bfloat16")
