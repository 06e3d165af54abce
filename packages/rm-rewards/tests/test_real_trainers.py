"""The real call path of each trainer that is installed; the others are skipped, and say so.

None of them is a dependency. `.ci/trainers` makes environments that hold them and runs this file
there, as a step of `.ci/run`; `RM_EXPECT_TRAINERS` names those whose absence is then a failure.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import inspect
import json
import os
from functools import reduce
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypedDict, cast

import pytest

from rm_rewards import Leg, Question, route_text
from rm_rewards.adapters import adapter_path, encode_question

pytestmark = pytest.mark.filterwarnings("default")  # the trainers' own warnings are not ours

BEST = (
    Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
    Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
)
TRIP = Question(
    id="q1",
    type="planning",
    question="From Alpha to Hotel?",
    network="demo.json",
    routes=(BEST,),
    station_1="Alpha",
    station_2="Hotel",
    question_transfer_count=1,
)
COUNT = Question(id="q2", type="Counting2", question="How many?", answer=3)
LABELS = [encode_question(q, Path(__file__).parent / "data") for q in (TRIP, COUNT, TRIP)]
TEXTS = [route_text(BEST), r"\boxed{4}", ""]
TOTALS = [2.5, 1.0, 0.0]


class Call(TypedDict):
    """A function of a trainer, and its signature in the version that was read."""

    object: str
    signature: str


class Trainer(TypedDict):
    """What is known of a trainer, as recorded."""

    package: str
    version: str
    calls: list[Call]


RECORDED: dict[str, Trainer] = json.loads(
    (Path(__file__).parent / "data/trainer_signatures.json").read_text(encoding="utf-8")
)


def need(trainer: str) -> None:
    """Skip unless the recorded version of that trainer is installed; fail if it is expected."""
    expected = trainer in os.environ.get("RM_EXPECT_TRAINERS", "").split()
    missing = _missing(RECORDED[trainer])
    if missing:
        (pytest.fail if expected else pytest.skip)(f"{trainer}: {missing}")


def _missing(trainer: Trainer) -> str:
    package, wanted = trainer["package"], trainer["version"]
    if importlib.util.find_spec(package) is None:
        return f"{package} is not installed"
    found: str = getattr(import_module(package), "__version__", "")
    found = found or importlib.metadata.version(package)
    if found.split(".")[:2] != wanted.split(".")[:2]:
        return f"{package} {found} is not {wanted}"
    return ""


class Letters:
    """A tokenizer whose tokens are characters, for trainers that decode a reply themselves."""

    def __call__(self, text: str, **_options: object) -> dict[str, Any]:
        return {"input_ids": [SimpleNamespace(tolist=lambda: self.encode(text))]}

    def encode(self, text: str) -> list[int]:
        return [ord(c) for c in text]

    def decode(self, ids: Any, **_options: object) -> str:  # noqa: ANN401 - a tensor or a list
        return "".join(chr(int(i)) for i in ids)


@pytest.mark.parametrize("trainer", RECORDED)
def test_the_signatures_are_those_that_were_recorded(trainer: str) -> None:
    need(trainer)
    for call in RECORDED[trainer]["calls"]:
        module, _, path = call["object"].partition(":")
        found = reduce(getattr, path.split("."), cast("Any", import_module(module)))
        assert without_types(inspect.signature(found)) == call["signature"], call["object"]


def without_types(signature: inspect.Signature) -> str:
    """Names, kinds and defaults: how types are printed depends on other packages' versions."""
    empty = inspect.Parameter.empty
    plain = [each.replace(annotation=empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=plain, return_annotation=empty))


def padded(rows: list[list[int]]) -> tuple[Any, Any]:
    """The replies as one tensor, and which of its tokens are theirs."""
    torch = import_module("torch")
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def test_verl_scores_and_assembles_a_batch() -> None:
    need("verl")
    np, torch = import_module("numpy"), import_module("torch")
    config = import_module("omegaconf").OmegaConf.create(
        {
            "reward": {
                "custom_reward_function": {
                    "path": "pkg://rm_rewards.adapters.verl_score",
                    "name": "compute_score",
                    "reward_kwargs": {"reward": "rewardmap"},
                }
            }
        }
    )
    function = import_module("verl.trainer.ppo.reward").get_custom_reward_fn(config)
    ids, mask = padded([[ord(c) for c in text] or [32] for text in TEXTS])
    batch = import_module("verl").DataProto.from_dict(
        tensors={"prompts": torch.ones(3, 1), "responses": ids,
                 "attention_mask": torch.cat([torch.ones(3, 1, dtype=torch.long), mask], 1)},
        non_tensors={
            "data_source": np.array(["maps"] * 3, dtype=object),
            "reward_model": np.array([{"ground_truth": x} for x in LABELS], dtype=object),
            "extra_info": np.array([{}, {}, {}], dtype=object),
        },
    )  # fmt: skip
    kind = import_module("verl.experimental.reward_loop.reward_manager.naive").NaiveRewardManager

    async def run() -> list[dict[str, Any]]:
        manager = kind(config, Letters(), function)
        manager.loop = asyncio.get_running_loop()
        return await asyncio.gather(*(manager.run_single(batch[i : i + 1]) for i in range(3)))

    found = asyncio.run(run())
    assert [each["reward_score"] for each in found] == TOTALS
    keys = list(found[0]["reward_extra_info"])
    columns = {key: [each["reward_extra_info"][key] for each in found] for key in keys}
    assert all(each["reward_extra_info"].keys() == set(keys) for each in found)
    assert columns["acc"] == [1.0, 0.0, 0.0]
    assert "reward" not in keys
    metrics = import_module("verl.trainer.ppo.metric_utils").process_validation_metrics(
        ["maps"] * 3, ["a", "b", "c"], columns
    )
    assert metrics["maps"]["acc"]["mean@1"] == pytest.approx(1 / 3)


def test_easyr1_scores_a_batch() -> None:
    need("easyr1")
    np, torch = import_module("numpy"), import_module("torch")
    module = import_module("verl.workers.reward.function")
    settings = import_module("verl.workers.reward.config").RewardConfig(
        reward_function=f"{adapter_path('easyr1')}:compute_score"
    )
    settings.post_init()
    ids, mask = padded([[ord(c) for c in text] or [32] for text in TEXTS])
    batch = import_module("verl.protocol").DataProto.from_dict(
        tensors={"responses": ids, "response_mask": mask},
        non_tensors={"ground_truth": np.array(LABELS, dtype=object)},
    )
    manager = module.AutoRewardManager(settings, Letters())
    rewards, metrics = manager.compute_reward(batch)
    assert rewards.sum(-1).tolist() == TOTALS
    assert metrics["overall"] == TOTALS
    assert {len(values) for values in metrics.values()} == {3}
    assert all(np.isfinite(np.mean(values)) for values in metrics.values())
    assert torch.is_tensor(rewards)


def test_ms_swift_loads_the_plugin_and_scores_a_batch() -> None:
    need("ms-swift")
    torch = import_module("torch")
    import_module("swift.utils.utils").import_external_file(str(adapter_path("ms-swift")))
    orms = import_module("swift.rewards").orms
    names = ["rm_total", "rm_format", "rm_correctness", "rm_detail"]
    functions = [orms[name](args=None) for name in names]
    assert [type(function).__name__ for function in functions] == names
    sample = import_module("swift.rl_core.data").GRPOSample
    rows = [
        sample(
            messages=[{"role": "user", "content": "?"}, {"role": "assistant", "content": text}],
            extra={"label": label},
            finish_reason="stop",
        )
        for label, text in zip(LABELS, TEXTS, strict=True)
    ]
    found = import_module("swift.rl_core.grpo_algorithm").compute_rewards_per_func(
        rows, functions, None, torch.device("cpu")
    )
    assert found[:, 0].tolist() == TOTALS
    weighted = (found[:, 1:] * torch.tensor([1.0, 1.0, 0.5])).nansum(1)
    assert weighted.tolist() == TOTALS
    assert torch.isnan(found[:, 3]).tolist() == [False, True, False]
    assert import_module("trl").__file__ != str(adapter_path("trl"))


@pytest.mark.parametrize("place", range(3))
def test_openrlhf_loads_the_file_and_scores_one_reply(place: int) -> None:
    need("openrlhf")
    torch = import_module("torch")
    kind = import_module("openrlhf.utils.agent").SingleTurnAgentExecutor
    executor = kind(str(adapter_path("openrlhf")))

    class Engine:
        async def generate(self, *_: object, **__: object) -> Any:  # noqa: ANN401 - vLLM's own
            reply = Letters().encode(TEXTS[place] + "<|im_end|>")
            output = SimpleNamespace(token_ids=reply, finish_reason="stop", logprobs=None)
            return SimpleNamespace(outputs=[output])

    settings = SimpleNamespace(max_tokens=100, logprobs=None)
    prompt = "<|im_start|>user\nWhich way?<|im_end|>\n<|im_start|>assistant\n"
    found = asyncio.run(
        executor.execute(prompt, LABELS[place], settings, 1000, Letters(), Engine())
    )
    assert found["reward"] == TOTALS[place]
    assert found["scores"] == [1.0, 0.0, 0.0][place]
    assert torch.tensor([found["reward"]]).shape == (1,)
    assert all(torch.tensor([v]).shape == (1,) for v in found["extra_logs"].values())


def test_verifiers_scores_a_trace_by_plugged_functions() -> None:
    need("verifiers")
    vf = import_module("verifiers.v1")
    pydantic = import_module("pydantic")
    module = "rm_rewards.adapters.verifiers_rewards"
    data_type = pydantic.create_model("MapData", __base__=vf.TaskData, answer=(str, ...))
    config = vf.TaskConfig(
        rewards={"rewardmap": {"fn": f"{module}:total", "weight": 2.0}},
        metrics={"components": {"fn": f"{module}:parts"}},
    )
    for label, text, total in zip(LABELS, TEXTS, TOTALS, strict=True):
        data = data_type(idx=0, prompt="?", answer=label)
        trace = vf.Trace.model_construct(
            task=data, nodes=[], rewards={}, metrics={}, root_reply=text
        )
        asyncio.run(vf.Task(data, config).score(trace))
        assert trace.rewards["rewardmap"].score == total
        assert trace.rewards["rewardmap"].weight == 2.0
        assert set(trace.metrics) == {
            "format", "correctness", "detail", "weight", "correct", "accuracy", "unparsed",
        }  # fmt: skip
