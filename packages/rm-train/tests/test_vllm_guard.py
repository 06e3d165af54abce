from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from rm_eval import load_processor
from rm_train.rollouts.guard import Agreement, refusal
from rm_train.rollouts.server import check_same_pictures, start_command, unusable
from rm_train.rollouts.visual_tokens import picture_line
from rm_train.run_directory import RunError


@pytest.mark.parametrize(
    ("mean", "limit", "refused"),
    [(3e-7, 0.01, False), (0.01, 0.01, False), (0.0101, 0.01, True), (0.098, 0.2, False)],
)
def test_a_run_is_refused_above_the_limit_alone(mean: float, limit: float, refused: bool) -> None:
    reason = refusal(Agreement(mean=mean, largest=1.0, tokens=183), limit)
    assert (reason is not None) == refused


def test_a_refusal_tells_what_was_measured_and_the_ways_out() -> None:
    reason = refusal(Agreement(mean=0.098, largest=0.512, tokens=183), 0.01)
    assert reason is not None
    assert "over 183 sampled tokens the log-probabilities differ by 0.0980 on average" in reason
    assert "(largest 0.512), expected 0.01 at most" in reason
    assert "--no-use-vllm" in reason
    assert "--vllm-tolerance" in reason


def test_a_server_is_started_with_the_runs_own_pixels_and_number_type() -> None:
    command = start_command("Qwen/Qwen2.5-VL-7B-Instruct", "bfloat16", (3136, 1003520))
    variable, *words = shlex.split(command)
    assert variable == "VLLM_SERVER_DEV_MODE=1"
    assert words[:3] == ["vllm", "serve", "Qwen/Qwen2.5-VL-7B-Instruct"]
    given = dict(zip(words[3::2], words[4::2], strict=False))
    assert given["--dtype"] == "bfloat16"
    size = {"shortest_edge": 3136, "longest_edge": 1003520}
    assert json.loads(given["--mm-processor-kwargs"]) == {"size": size}
    assert json.loads(given["--weight-transfer-config"]) == {"backend": "nccl"}
    assert "--mm-processor-kwargs" not in start_command("m", "float32", None)


def test_a_server_that_cannot_be_used_is_one_line() -> None:
    error = unusable("http://h:8000", ValueError("it is\nnot there"), "vllm serve m")
    assert (
        str(error) == "vLLM server http://h:8000: it is not there; it is started by: vllm serve m"
    )


def test_a_server_must_make_as_many_tokens_of_a_picture() -> None:
    def placed(*lengths: int) -> dict[str, object]:
        return {"mm_placeholders": {"image": [{"offset": 1, "length": n} for n in lengths]}}

    check_same_pictures(placed(16, 4), placed(16, 4))
    with pytest.raises(RunError, match=r"makes \[16, 9\] tokens of .* trainer makes \[16, 4\]"):
        check_same_pictures(placed(16, 4), placed(16, 9))


def test_the_head_of_a_run_tells_what_its_pictures_become(
    tiny_model: Path, questions: Path
) -> None:
    pictures = sorted(questions.parent.glob("*.png"))
    processor = load_processor(tiny_model, min_pixels=3136, max_pixels=12544)
    assert picture_line(processor, [*pictures, pictures[0]]) == (
        "5 pictures: 16 / 16 / 16 visual tokens (least / median / most), scaled to 3,136 to "
        "12,544 pixels"
    )
