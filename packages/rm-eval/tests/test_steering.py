"""Steering of a tiny model that has learned to look back as often as the map has lines."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    AutoModelForImageTextToText,
    InternVLConfig,
    LlavaOnevisionConfig,
    PreTrainedConfig,
    Qwen3VLConfig,
    SmolVLMConfig,
)
from typer.testing import CliRunner

from rm_eval import EvalError, Report, bench
from rm_eval.backends.backend import Prompt, Reply
from rm_eval.backends.chat import templated
from rm_eval.backends.local import TransformersBackend
from rm_eval.cli import app
from rm_eval.policy import Policy, load_policy
from rm_eval.steering.applying import Steered
from rm_eval.steering.breaks import Breaks
from rm_eval.steering.effect import steering_effect
from rm_eval.steering.layers import decoder_layer, hidden_size
from rm_eval.steering.making import Made, make_vectors
from rm_eval.steering.vector import Origin, SteeringVector, read_vector
from rm_rewards import Completion, RecordError, jsonl

if TYPE_CHECKING:
    from conftest import Maps, TinyModel

TEXT: Final = "How many lines?"
COLOURS: Final = {1: (220, 30, 30), 2: (30, 160, 60), 3: (40, 70, 220), 4: (240, 220, 40)}
LONGEST: Final = 60


def thinking(lines: int) -> str:
    return "go\n\n" + "wait\n\n" * lines + f"so\n\n\\boxed{{{lines}}}"


def picture(lines: int, size: tuple[int, int] = (56, 56)) -> Image.Image:
    return Image.new("RGB", size, COLOURS[lines])


def prompt(lines: int, size: tuple[int, int] = (56, 56)) -> Prompt:
    return Prompt(f"{lines} {size}", picture(lines, size), TEXT, f"{lines} {size}")


@pytest.fixture(scope="session")
def thinker(tiny: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of the other tests, taught further: `wait` once a line before it answers."""
    policy = load_policy(tiny.folder)
    model, processor = cast("Any", policy.model), cast("Any", policy.processor)
    asked = templated(processor, prompt(1))
    processor.tokenizer.padding_side = "right"
    batch = processor(
        text=[f"{asked}{thinking(n)}<|im_end|>" for n in COLOURS],
        images=[[picture(n)] for n in COLOURS],
        padding=True,
        return_tensors="pt",
    )
    length = processor(text=[asked], images=[[picture(1)]])["input_ids"][0]
    labels = batch["input_ids"].clone().masked_fill(batch["attention_mask"] == 0, -100)
    labels[:, : len(length)] = -100
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    loss = torch.tensor(0.0)
    for _ in range(120):
        loss = model(**batch, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.05
    folder = tmp_path_factory.mktemp("thinker")
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@dataclass(frozen=True, slots=True)
class Plain:
    """A finished run of the thinker, its questions, and the vectors made of it."""

    data: Path
    run: Path
    vectors: tuple[Made, ...]


@pytest.fixture(scope="session")
def plain(thinker: Path, tmp_path_factory: pytest.TempPathFactory) -> Plain:
    folder = tmp_path_factory.mktemp("plain")
    rows = [
        {
            "id": f"q{number}",
            "type": "Counting2",
            "question": TEXT,
            "answer": lines,
            "figure": f"{lines}.png",
            "city": f"city{number % 6}",
        }
        for number, lines in enumerate([1, 2, 3, 4] * 3)
    ]
    for lines in COLOURS:
        picture(lines).save(folder / f"{lines}.png")
    data = folder / "questions.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    bench(thinker, data, folder / "run", max_new_tokens=LONGEST)
    made = make_vectors(thinker, folder / "run", [2, 1, 1], folder / "v.safetensors")
    return Plain(data, folder / "run", tuple(made))


@pytest.fixture(scope="session")
def policy(thinker: Path) -> Policy:
    return load_policy(thinker)


def replies(
    policy: Policy, prompts: Sequence[Prompt], vector: SteeringVector | None, strength: float = 1.0
) -> list[Reply]:
    steered = None if vector is None else Steered(policy, vector, strength)
    return TransformersBackend(policy, max_new_tokens=LONGEST, steered=steered).replies(prompts)


def test_vectors_of_several_layers_are_made_in_one_pass_from_a_run(plain: Plain) -> None:
    assert [one.path.name for one in plain.vectors] == [
        "v-layer1.safetensors",
        "v-layer2.safetensors",
    ]
    for layer, made in enumerate(plain.vectors, start=1):
        origin = read_vector(made.path).origin
        assert (origin.layer, origin.traces) == (layer, 12)
        assert origin.thoughts == {"execution": 24, "reflection": 30, "transition": 0}
        assert origin.agreement is not None
        assert origin.agreement > 0.9


def test_the_states_are_those_in_which_the_model_opened_its_thoughts(
    policy: Policy, plain: Plain
) -> None:
    breaks = Breaks(policy.processor)
    execution: list[torch.Tensor] = []
    reflection: list[torch.Tensor] = []
    for reply in jsonl.read(Completion, plain.run / "completions.jsonl"):
        lines = reply.text.count("wait")
        batch = _forward_input(policy, lines, reply.text)
        with torch.inference_mode():
            states = cast("Any", policy.model)(**batch, output_hidden_states=True).hidden_states[1]
        tokens = batch["input_ids"][0].tolist()
        first = len(tokens) - len(reply.text)  # each byte is a token
        for place, label in breaks.opened(tokens[first:]):
            kind = execution if label == "execution" else reflection
            kind.append(states[0, first + place])
    expected = torch.stack(execution).mean(0) - torch.stack(reflection).mean(0)
    found = read_vector(plain.vectors[0].path).values
    assert np.abs(found - expected.numpy()).max() < 1e-5


def _forward_input(policy: Policy, lines: int, reply: str) -> dict[str, Any]:
    processor = cast("Any", policy.processor)
    text = templated(processor, prompt(lines)) + reply
    return dict(processor(text=[text], images=[[picture(lines)]], return_tensors="pt"))


def test_steering_makes_replies_shorter_and_the_runs_tell_it(
    thinker: Path, plain: Plain, tmp_path: Path
) -> None:
    file = plain.vectors[0].path
    bench(
        thinker,
        plain.data,
        tmp_path / "steered",
        max_new_tokens=LONGEST,
        steer=file,
        steer_strength=2.0,
    )
    effect = steering_effect(plain.run, tmp_path / "steered")
    assert effect.plain.tokens == 33.0  # 18, 28, 38 and 48 with the end of turn, less 6 a wait
    assert effect.steered.tokens < 25
    assert effect.steered.thoughts["reflection"] < 10
    assert effect.tokens.lost >= 9
    assert effect.tokens.difference == pytest.approx(effect.steered.tokens - 33.0)
    assert effect.tokens.high < 0
    assert (effect.plain.strength, effect.steered.strength) == (None, 2.0)
    assert effect.accuracy.n == 12

    told = CliRunner().invoke(app, ["steer", "report", str(plain.run), str(tmp_path / "steered")])
    assert told.exit_code == 0
    assert "| steering | none | layer 1, 2 times |" in told.stdout
    assert "| reflection, % of thoughts (number) | 55.6 (30) |" in told.stdout
    written = CliRunner().invoke(
        app, ["steer", "report", str(plain.run), str(tmp_path / "steered"), "--format", "json"]
    )
    assert json.loads(written.stdout)["steered"]["tokens"] == effect.steered.tokens


def test_the_other_way_makes_the_model_look_back_more_often(policy: Policy, plain: Plain) -> None:
    vector = plain.vectors[0].vector
    before = replies(policy, [prompt(2)], None)
    after = replies(policy, [prompt(2)], vector, -2.0)
    assert after[0].text.count("wait") > before[0].text.count("wait") == 2


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("strength", [1.0, 2.0])
def test_with_a_cache_and_padding_the_same_is_said_as_one_by_one(
    policy: Policy, plain: Plain, layer: int, strength: float
) -> None:
    sizes = ((56, 56), (112, 84))
    prompts = [prompt(lines, size) for lines in COLOURS for size in sizes]
    vector = plain.vectors[layer - 1].vector
    together = replies(policy, prompts, vector, strength)
    alone = [replies(policy, [one], vector, strength)[0] for one in prompts]
    assert [one.text for one in together] == [one.text for one in alone]
    assert len({one.visual_tokens for one in together}) == 2
    assert len({one.text for one in together}) > 1


@pytest.mark.parametrize("strength", [1.0])
def test_a_steered_reply_is_what_a_model_without_a_cache_says(
    policy: Policy, plain: Plain, strength: float
) -> None:
    vector = plain.vectors[0].vector
    for lines in COLOURS:
        found = replies(policy, [prompt(lines)], vector, strength)[0]
        assert found.text == _said_without_cache(policy, lines, strength * vector.values)


def _said_without_cache(policy: Policy, lines: int, added: np.ndarray[Any, Any]) -> str:
    """Token by token, the whole text read anew each time, the vector at every open thought."""
    reply, marks = "", cast("Any", policy.processor).tokenizer
    for _ in range(LONGEST):
        batch = _forward_input(policy, lines, reply)
        start = batch["input_ids"].shape[1] - len(reply)
        places = [start + at for at in range(len(reply)) if reply[: at + 1].endswith("\n\n")]

        def add(_module: object, _inputs: object, states: Any, places: list[int] = places) -> Any:  # noqa: ANN401
            states = states.clone()
            states[0, places] += torch.from_numpy(added)
            return states

        handle = cast("Any", decoder_layer(policy.model, 1)).register_forward_hook(add)
        with torch.inference_mode():
            logits = cast("Any", policy.model)(**batch).logits
        handle.remove()
        token = int(logits[0, -1].argmax())
        if token == marks.eos_token_id:
            break
        reply += marks.decode([token])
    return reply


@dataclass(slots=True)
class _Kept:
    """A hook of torch that keeps what a layer gives."""

    states: list[torch.Tensor] = field(default_factory=list[torch.Tensor])

    def __call__(self, _layer: object, _inputs: object, output: torch.Tensor) -> None:
        self.states.append(output.clone())


def test_at_strength_0_nothing_changes_to_the_last_bit(policy: Policy, plain: Plain) -> None:
    seen: dict[float | None, list[torch.Tensor]] = {}
    for strength in (None, 0.0, 0.5):
        kept = _Kept()
        handle = cast("Any", decoder_layer(policy.model, 2)).register_forward_hook(kept)
        vector = None if strength is None else plain.vectors[0].vector
        replies(policy, [prompt(3)], vector, strength or 0.0)
        handle.remove()
        seen[strength] = kept.states
    assert len(seen[None]) == len(seen[0.0])
    assert all(torch.equal(a, b) for a, b in zip(seen[None], seen[0.0], strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(seen[None], seen[0.5], strict=False))


def _hooks(policy: Policy) -> list[dict[int, object]]:
    layer, model = cast("Any", decoder_layer(policy.model, 1)), cast("Any", policy.model)
    return [dict(layer._forward_hooks), dict(model._forward_pre_hooks)]


def test_nothing_stays_behind_after_a_reply_or_a_failure(policy: Policy, plain: Plain) -> None:
    before, hooks = replies(policy, [prompt(4)], None), _hooks(policy)
    steered = Steered(policy, plain.vectors[0].vector, 3.0)
    backend = TransformersBackend(policy, max_new_tokens=LONGEST, steered=steered)
    assert backend.replies([prompt(4)]) != before
    with pytest.raises(RuntimeError, match="stop"), steered.generating():
        raise RuntimeError("stop")
    assert _hooks(policy) == hooks
    assert replies(policy, [prompt(4)], None) == before


def test_the_vector_is_added_to_the_state_of_the_token_that_opens_a_thought(
    policy: Policy, plain: Plain
) -> None:
    vector = plain.vectors[0].vector
    steered, layer = Steered(policy, vector, 1.0), cast("Any", decoder_layer(policy.model, 1))
    model = cast("Any", policy.model)
    tokenizer = cast("Any", policy.processor).tokenizer
    rows = ["a\n\nb</think>\n\nc\n", "\nb\n\n\n".ljust(16, "?")]
    tokens = torch.tensor([tokenizer(row)["input_ids"] for row in rows])
    asked = torch.tensor([tokenizer("\n\n")["input_ids"]] * 2)
    added: list[list[bool]] = []
    with torch.inference_mode(), steered.generating():
        for step in (asked, *tokens.T.unsqueeze(-1)):
            early, late = _Kept(), _Kept()
            handles = [
                layer.register_forward_hook(early, prepend=True),
                layer.register_forward_hook(late),
            ]
            model(input_ids=step)
            for handle in handles:
                handle.remove()
            change = (late.states[0] - early.states[0])[:, -1]
            added.append([bool(row.any()) for row in change])
            for row in change[change.any(dim=1)]:
                assert torch.allclose(row, torch.from_numpy(vector.values), atol=1e-5)
    places = [[at for at, row in enumerate(added[1:]) if row[number]] for number in (0, 1)]
    assert not any(added[0])  # the prompt, though it ends with an empty line
    assert places == [[2], [3, 4]]  # not after </think>; not the first newline of a reply


def test_a_run_goes_on_only_with_the_same_vector_and_strength(
    thinker: Path, plain: Plain, tmp_path: Path
) -> None:
    out, file = tmp_path / "run", plain.vectors[0].path

    def asked(**changed: Any) -> Report:  # noqa: ANN401
        chosen: dict[str, Any] = {"max_new_tokens": 8, "limit": 4, "steer": file, **changed}
        return bench(thinker, plain.data, out, **chosen)

    first = asked()
    moved = shutil.copy(file, tmp_path / "moved.safetensors")
    again = asked(steer=moved)
    assert (again.n, again.seconds) == (first.n, first.seconds)
    held = json.loads((out / "manifest.json").read_bytes())["settings"]["steering"]
    assert (held["layer"], held["strength"]) == (1, 1.0)
    assert len(held["sha256"]) == 64
    changes: list[tuple[dict[str, object], str]] = [
        ({"steer_strength": 1.5}, "strength = 1.0, now it is 1.5"),
        ({"steer": plain.vectors[1].path}, "settings.steering.sha256"),
        ({"steer": None}, "settings.steering"),
    ]
    for changed, name in changes:
        with pytest.raises(EvalError, match=f"{out}: was begun with .*{name}"):
            asked(**changed)


def test_what_cannot_be_steered_is_refused_in_one_line(
    thinker: Path, tiny: TinyModel, plain: Plain, policy: Policy, tmp_path: Path
) -> None:
    file = plain.vectors[0].path
    other = tmp_path / "run"
    for backend in ("vllm", "openai"):
        with pytest.raises(EvalError, match=f"found backend '{backend}', .*; take transformers"):
            bench(thinker, plain.data, other, backend=cast("Any", backend), steer=file)
    with pytest.raises(EvalError, match=f"{file}: made for a model with other weights"):
        bench(tiny.folder, plain.data, other, steer=file)
    with pytest.raises(EvalError, match="steer strength: found nan, expected a number"):
        bench(thinker, plain.data, other, steer=file, steer_strength=float("nan"))
    with pytest.raises(EvalError, match="steer_strength: found 2 without a vector; give --steer"):
        bench(thinker, plain.data, other, steer_strength=2.0)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        bench(thinker, plain.data, other, steer="nowhere")
    assert not other.exists()
    origin: Origin = plain.vectors[0].vector.origin
    narrow = SteeringVector(np.ones(3, dtype=np.float32), origin)
    with pytest.raises(EvalError, match="found 3 numbers, expected 64"):
        Steered(policy, narrow, 1.0)
    high = SteeringVector(np.ones(64, dtype=np.float32), replace(origin, layer=3))
    with pytest.raises(EvalError, match="layer: found 3, expected 1 to 2"):
        Steered(policy, high, 1.0)
    with pytest.raises(EvalError, match="the run is not steered"):
        steering_effect(plain.run, plain.run)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (InternVLConfig, {"model_type": "qwen2"}),
        (LlavaOnevisionConfig, {"model_type": "qwen2"}),
        (SmolVLMConfig, {"model_type": "llama"}),
        (Qwen3VLConfig, {"head_dim": 16}),
    ],
)
def test_the_layers_of_other_families_are_found(
    config: type[PreTrainedConfig], text: dict[str, Any]
) -> None:
    sizes = {"hidden_size": 32, "intermediate_size": 64, "vocab_size": 100}
    heads = {"num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1}
    ends = {"bos_token_id": None, "eos_token_id": None}
    with torch.device("meta"):
        model = cast("Any", AutoModelForImageTextToText).from_config(
            cast("Any", config)(text_config={**sizes, **heads, **ends, **text})
        )
    assert hidden_size(model) == 32
    assert "DecoderLayer" in type(decoder_layer(model, 2)).__name__
    with pytest.raises(EvalError, match="layer: found 3, expected 1 to 2"):
        decoder_layer(model, 3)


def _lines(folder: Path, replies: Sequence[str], **more: object) -> Path:
    rows = [{"question": TEXT, "picture": "1.png", "reply": reply, **more} for reply in replies]
    picture(1).save(folder / "1.png")
    file = folder / "traces.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


MIXED: Final = ["a\n\ngo\n\nwait\n\nanother way", "go\n\non</think>\n\nwait\n\nwait"]


def test_traces_of_a_file_are_read_with_their_pictures_or_without(
    thinker: Path, tmp_path: Path
) -> None:
    file = _lines(tmp_path, MIXED)
    made = make_vectors(thinker, file, [1], tmp_path / "v", least=2)[0]
    assert made.path == tmp_path / "v"
    assert made.vector.origin.thoughts == {"execution": 2, "reflection": 1, "transition": 1}
    blind = make_vectors(
        thinker, _lines(tmp_path, MIXED, picture=None), [1], tmp_path / "w", least=1
    )
    assert not np.array_equal(blind[0].vector.values, made.vector.values)
    assert blind[0].vector.origin.traces_fingerprint != made.vector.origin.traces_fingerprint


@pytest.mark.parametrize(
    ("replies", "more", "message"),
    [
        (["a\n\nb", "c\n\nd"], {}, "found 2 execution, 0 reflection, 0 transition; expected 1"),
        (["one paragraph"], {}, "too few thoughts: found 0 execution"),
        (["a\n\nwait"], {}, "too few thoughts: found 0 execution, 1 reflection"),
        (MIXED, {"picture": "2.png"}, "2.png: No such file or directory"),
        (["a\n\n<|image_pad|>"], {}, r"found '<\|image_pad\|>', which is a token of the model"),
        (MIXED, {"reply": None}, "traces.jsonl:1: reply: found None, expected a valid string"),
        (MIXED, {"picture": "traces.jsonl"}, "the picture cannot be read|cannot identify"),
    ],
)
def test_traces_that_cannot_be_used_are_named(
    thinker: Path, tmp_path: Path, replies: Sequence[str], more: dict[str, Any], message: str
) -> None:
    file = _lines(tmp_path, replies, **more)
    with pytest.raises(
        (EvalError, RecordError), match=message.replace("|", r"\|") if "<|" in message else message
    ):
        make_vectors(thinker, file, [1], tmp_path / "v", least=1)
    assert not (tmp_path / "v").exists()


def _blind(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_bytes())
    manifest["settings"]["blind"] = True
    (run / "manifest.json").write_text(json.dumps(manifest))


def _unfinished(run: Path) -> None:
    (run / "rewards.jsonl").unlink()


def _shortened(run: Path) -> None:
    lines = (run / "completions.jsonl").read_text().splitlines(keepends=True)
    (run / "completions.jsonl").write_text("".join(lines[:-1]))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_blind, "a blind run, whose replies were not made from the pictures"),
        (_unfinished, "no rewards.jsonl there, expected the folder of a finished run"),
        (_shortened, "questions.jsonl and completions.jsonl do not fit together"),
    ],
)
def test_a_run_that_holds_no_traces_is_refused(
    thinker: Path, plain: Plain, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    shutil.copytree(plain.run, tmp_path / "run")
    for lines in COLOURS:
        picture(lines).save(tmp_path / f"{lines}.png")
    damage(tmp_path / "run")
    with pytest.raises(EvalError, match=f"{tmp_path / 'run'}: {message}"):
        make_vectors(thinker, tmp_path / "run", [1], tmp_path / "v")


def test_the_command_makes_a_vector_and_tells_what_it_found(
    thinker: Path, plain: Plain, maps: Maps, tmp_path: Path
) -> None:
    out = tmp_path / "v.safetensors"
    arguments = ["steer", "make", "--model", str(thinker), "--traces", str(plain.run)]
    made = CliRunner().invoke(app, [*arguments, "--layer", "1", "--out", str(out)])
    assert made.exit_code == 0, made.stderr
    assert "from 12 traces with 24 execution, 30 reflection, 0 transition thoughts" in made.stdout
    assert np.array_equal(read_vector(out).values, plain.vectors[0].vector.values)
    for layer, status, told in (
        ("3", 1, "layer: found 3, expected 1 to 2: the model has 2 decoder layers"),
        ("0", 1, "layer: found 0, expected 1 to 2"),
        ("one", 2, "--layer: found 'one', expected a number, or several with commas"),
    ):
        failed = CliRunner().invoke(app, [*arguments, "--layer", layer, "--out", str(out)])
        assert (failed.exit_code, failed.stderr.count("\n")) == (status, 1)
        assert told in failed.stderr
    missing = CliRunner().invoke(app, ["bench", "--model", str(thinker), "--data",
        str(maps.write()), "--out", str(tmp_path / "run"), "--steer", "nowhere"])  # fmt: skip
    assert (missing.exit_code, missing.stderr) == (
        1,
        "rm-eval: nowhere: No such file or directory\n",
    )
