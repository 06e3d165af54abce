"""The measurement that people run on GPUs, exercised at a tiny size."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import torch

SCRIPT = Path(__file__).resolve().parents[3] / "benchmarks" / "full_size.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    if not SCRIPT.is_file():
        pytest.skip(f"the benchmarks are not beside the package: {SCRIPT}")
    return runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize(
    ("size", "billions"), [("3b", 3.75), ("7b", 8.29)], ids=["Qwen2.5-VL-3B", "Qwen2.5-VL-7B"]
)
def test_the_full_sizes_have_the_published_numbers_of_parameters(
    script: dict[str, Any], size: str, billions: float
) -> None:
    from transformers import Qwen2_5_VLForConditionalGeneration  # noqa: PLC0415 - here alone

    with torch.device("meta"):
        model = Qwen2_5_VLForConditionalGeneration(script["config_of"](script["SIZES"][size]))
    assert sum(p.numel() for p in model.parameters()) / 1e9 == pytest.approx(billions, abs=0.01)


def test_the_measurement_tells_speed_memory_and_shares(
    script: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"size": "tiny", "steps": 2, "prompts": 1, "visual-tokens": 16, "reply-tokens": 12}
    options = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    found = script["main"]([*options, "--out", str(tmp_path)])
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == found
    assert found["reply_tokens_a_second_while_sampling"] > found["reply_tokens_a_second"] > 0
    shares = [found[f"share_{part}"] for part in ("replies", "rewards", "all_else")]
    assert sum(shares) == pytest.approx(1.0, abs=0.01)
    assert all(0 < share < 1 for share in shares)
    assert found["peak_gib"] > 0
    stored = (tmp_path / "run-tiny-16" / "config.yaml").read_text(encoding="utf-8")
    assert "min_pixels: 12544\nmax_pixels: 12544\n" in stored
