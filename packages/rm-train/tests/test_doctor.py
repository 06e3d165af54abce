from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest
from PIL import Image
from typer.testing import CliRunner

from rm_eval import load_policy, load_processor
from rm_rewards import PLANNING, Leg, Question, gold_answer, jsonl
from rm_train import TrainConfig
from rm_train.cli import app
from rm_train.config import LoraConfig
from rm_train.doctor.case import Case, case_of
from rm_train.doctor.consultation import consult
from rm_train.doctor.examination import examine
from rm_train.doctor.finding import Finding
from rm_train.doctor.machine import bytes_under, free_disk, memory_there
from rm_train.doctor.model_facts import model_facts
from rm_train.doctor.processor_facts import dialogue_of, real_length, seen_picture
from rm_train.doctor.reward_check import sample_columns
from rm_train.doctor.sample_replies import sample_replies, spread
from rm_train.run_directory import RunError
from rm_train.training import train

MakeConfig: TypeAlias = Callable[..., TrainConfig]
Edit: TypeAlias = Callable[[Path], None]


def found(config: TrainConfig, tmp_path: Path) -> list[Finding]:
    return list(examine(case_of(config, tmp_path)))


def codes(findings: list[Finding]) -> list[str]:
    return [f"{f.level} {f.code}" for f in findings if f.level != "note"]


def copied(model: Path, place: Path) -> Path:
    return Path(shutil.copytree(model, place / "model"))


def rewritten(place: Path, source: Path, change: Callable[[Question], Question]) -> Path:
    """The questions of a file, changed, with the pictures and networks beside them."""
    folder = Path(shutil.copytree(source.parent, place / "changed"))
    jsonl.write([change(q) for q in jsonl.read(Question, source)], folder / "questions.jsonl")
    return folder / "questions.jsonl"


def test_a_run_that_is_right_is_left_alone(make_config: MakeConfig, tmp_path: Path) -> None:
    findings = found(make_config(), tmp_path)
    assert codes(findings) == []
    notes = {finding.code: finding.found for finding in findings}
    assert notes["picture-tokens"] == (
        "5 pictures of 4 to 4 tokens (median 4), lengths scaled by 0.50 to 0.50"
    )
    assert notes["answer-length"].endswith("replies up to 12")


def without_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


def without_processor(folder: Path) -> None:
    for name in ("processor_config.json", "preprocessor_config.json"):
        (folder / name).unlink(missing_ok=True)


def with_template(text: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / "chat_template.jinja").write_text(text, encoding="utf-8")

    return edit


def with_tokenizer(**changes: object) -> Edit:
    def edit(folder: Path) -> None:
        file = folder / "tokenizer_config.json"
        held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**held, **changes}), encoding="utf-8")

    return edit


def with_positions(folder: Path) -> None:
    file = folder / "config.json"
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    held["text_config"]["max_position_embeddings"] = 40
    file.write_text(json.dumps(held), encoding="utf-8")


BLIND = "{% for m in messages %}{{ m.content[-1].text }}<|im_end|>{% endfor %}"
BROKEN = "{% for m in messages %}{{ m.picture.name }}{% endfor %}"
OTHER_END = (
    "{% for m in messages %}{{ m.role }}:{% for c in m.content %}{% if c.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ c.text }}{% endif %}{% endfor %}"
    "<|vision_end|>{% endfor %}"
)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (without_template, ["error processor"]),
        (without_processor, ["error processor"]),
        (with_template(BLIND), ["error picture-token"]),
        (with_template(BROKEN), ["error chat-template"]),
        (with_template(OTHER_END), ["warning eos-token"]),
        (with_tokenizer(pad_token=None), ["warning pad-token"]),
        (with_positions, ["error prompt-length"]),
    ],
)
def test_a_model_folder_that_is_wrong_is_found(
    edit: Edit, expected: list[str], make_config: MakeConfig, tiny_model: Path, tmp_path: Path
) -> None:
    folder = copied(tiny_model, tmp_path)
    edit(folder)
    assert codes(found(make_config(model=str(folder)), tmp_path)) == expected


def test_a_folder_with_a_bare_tokenizer_says_what_is_missing(
    make_config: MakeConfig, tiny_model: Path, tmp_path: Path
) -> None:
    folder = copied(tiny_model, tmp_path)
    without_processor(folder)
    finding = next(f for f in found(make_config(model=str(folder)), tmp_path) if f.level == "error")
    assert "processor_config.json is missing, so pictures cannot be prepared" in finding.found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"max_completion_length": 1}, ["error unreachable-answers"]),
        ({"num_generations": 2}, ["warning group-size"]),
        ({"max_pixels": 3136, "min_pixels": 784}, []),
        ({"max_pixels": 784, "min_pixels": 784}, ["warning reduced-pictures"]),
        ({"min_pixels": 112 * 224, "max_pixels": 10**6}, []),
        ({"min_pixels": 10**6, "max_pixels": 10**6}, ["warning enlarged-pictures"]),
        ({"warmup_steps": 4}, ["warning endless-warm-up"]),
        ({"method": "grpo-care:decay=0,every=1"}, ["warning idle-copy"]),
        ({"method": "grpo-care"}, []),
        ({"reward": "reference", "difficulty_weight": False}, ["warning cancelled-weight"]),
    ],
)
def test_settings_that_are_wrong_are_found(
    settings: dict[str, object], expected: list[str], make_config: MakeConfig, tmp_path: Path
) -> None:
    assert codes(found(make_config(**settings), tmp_path)) == expected


def test_a_model_far_larger_than_the_machine_is_refused_without_its_weights(
    make_config: MakeConfig, tiny_model: Path, tmp_path: Path
) -> None:
    folder = copied(tiny_model, tmp_path)
    (folder / "model.safetensors").unlink()
    file = folder / "config.json"
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    held["text_config"] |= {"vocab_size": 10**8, "hidden_size": 8192, "head_dim": 16}
    held["vision_config"] |= {"out_hidden_size": 8192}
    file.write_text(json.dumps(held), encoding="utf-8")
    config = make_config(model=str(folder), save_total_limit=1)
    assert codes(found(config, tmp_path)) == [
        "warning large-lr",
        "error memory",
        "error disk",
    ]


def test_adapters_on_four_bits_are_bfloat16_and_need_a_larger_learning_rate(case: Case) -> None:
    lora = LoraConfig(r=4)
    for lr, expected in ((1e-6, True), (1e-4, False)):
        config = replace(case.config, quantize="4bit", lora=lora, lr=lr, dtype="bfloat16")
        found_there = codes(list(examine(replace(case, config=config))))
        assert ("error lost-updates" in found_there) is expected


def test_the_way_out_of_an_answer_that_is_too_long_works(
    make_config: MakeConfig, questions: Path, tmp_path: Path
) -> None:
    short = make_config(questions=str(questions))
    findings = found(short, tmp_path)
    assert codes(findings) == ["error unreachable-answers"]
    way_out = next(f.way_out for f in findings if f.level == "error")
    needed = way_out.removeprefix("set max_completion_length to ").split()[0]
    longer = replace(short, max_completion_length=int(needed))
    assert codes(found(longer, tmp_path)) == []


def test_what_is_held_out_may_not_be_trained_on(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path
) -> None:
    config = make_config(eval_questions=str(short_questions))
    findings = [f for f in found(config, tmp_path) if f.level != "note"]
    assert [f.code for f in findings] == ["leakage"]
    count = len(list(jsonl.read(Question, short_questions)))
    assert findings[0].found.startswith(f"{count} of {count} evaluation questions are trained on")


def test_questions_that_are_wrong_are_found(
    make_config: MakeConfig, short_questions: Path, tmp_path: Path
) -> None:
    def quoting(question: Question) -> Question:
        return replace(question, question=f"<|image_pad|> {question.question}")

    def alike(question: Question) -> Question:
        return replace(question, question="What?", figure="map-0.png")

    file = rewritten(tmp_path, short_questions, quoting)
    assert codes(found(make_config(questions=str(file)), tmp_path)) == ["error picture-token"]
    picture = Image.new("RGB", (112, 112))
    picture.save(file.parent / "map-0.png")
    made = [alike(q) for q in jsonl.read(Question, short_questions)]
    jsonl.write(made, file)
    assert codes(found(make_config(questions=str(file)), tmp_path)) == ["warning duplicates"]


def test_a_gold_answer_that_is_wrong_is_found(
    make_config: MakeConfig, questions: Path, tmp_path: Path
) -> None:
    def misrouted(question: Question) -> Question:
        leg = Leg(route_name="no such line", departure_stop="A", arrival_stop="B")
        return replace(question, routes=((leg,),)) if question.type == PLANNING else question

    file = rewritten(tmp_path, questions, misrouted)
    config = make_config(questions=str(file), max_completion_length=400, reward="paper")
    assert "error wrong-gold" in codes(found(config, tmp_path))


@pytest.fixture
def case(make_config: MakeConfig, questions: Path, tmp_path: Path) -> Case:
    return case_of(make_config(questions=str(questions), max_completion_length=400), tmp_path)


def test_sample_replies_hold_the_right_one_and_others(case: Case) -> None:
    for question in case.material.questions:
        replies = sample_replies(question)
        assert replies[0] == gold_answer(question)
        assert len(replies) >= 7


def test_a_trip_that_is_judged_by_its_network_alone_is_no_fault(
    make_config: MakeConfig, questions: Path, tmp_path: Path
) -> None:
    def open_ended(question: Question) -> Question:
        return replace(question, routes=None)

    file = rewritten(tmp_path, questions, open_ended)
    config = make_config(questions=str(file), max_completion_length=400)
    assert codes(found(config, tmp_path)) == []


def test_columns_of_sample_replies_are_those_that_train(case: Case) -> None:
    sample = spread(case.material.questions, 6)
    columns, weights = sample_columns(case, sample)
    assert list(columns) == ["format", "correctness", "detail"]
    assert weights == [1.0, 1.0, 0.5]
    assert columns["correctness"][0] == 1.0
    assert set(columns["correctness"]) == {0.0, 1.0}


def test_a_spread_takes_some_of_each_type(case: Case) -> None:
    asked = case.material.questions
    kinds = [asked[number].type for number in spread(asked, 10)]
    assert set(kinds) == {question.type for question in asked}
    assert len(kinds) <= 10


def test_the_size_of_a_model_is_that_of_its_weights(tiny_model: Path) -> None:
    model = cast("Any", load_policy(tiny_model).model)
    facts = model_facts(str(tiny_model), LoraConfig())
    assert facts.parameters == facts.trained == sum(p.numel() for p in model.parameters())
    assert (facts.width, facts.layers) == (32, 2)
    assert facts.vocabulary == model.config.get_text_config().vocab_size
    adapted = model_facts(str(tiny_model), LoraConfig(r=4))
    per_layer = 32 + 32 + 2 * (32 + 16) + 32 + 32 + 2 * (32 + 64) + 64 + 32
    assert adapted.trained == 4 * 2 * per_layer
    assert adapted.parameters == facts.parameters


def test_the_arithmetic_of_a_prompt_is_what_the_processor_makes(
    tiny_model: Path, tmp_path: Path
) -> None:
    processor = load_processor(tiny_model, min_pixels=784, max_pixels=200 * 200)
    for size in ((28, 28), (112, 84), (900, 300), (31, 200)):
        picture = Image.new("RGB", size)
        picture.save(tmp_path / "p.png")
        seen = seen_picture(processor, tmp_path / "p.png")
        prompt = real_length(processor, "What?", picture)
        template = real_length(processor, "What?", Image.new("RGB", (28, 28))) - 1
        assert prompt - template == seen.tokens
    assert dialogue_of(processor, str(tiny_model)).turn_end == "<|im_end|>"


def test_the_machine_tells_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert bytes_under(tmp_path) == 5
    assert bytes_under(tmp_path / "none") == 0
    assert free_disk(tmp_path / "not" / "yet") == pytest.approx(shutil.disk_usage("/tmp").free)
    assert memory_there("cpu") > 1 << 20


def test_an_error_refuses_the_run_and_leaves_nothing(
    make_config: MakeConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    config = make_config(max_completion_length=1)
    with pytest.raises(RunError, match=r"refused: unreachable-answers: .*set max.* --no-doctor"):
        train(config)
    assert not config.out.exists()
    assert capsys.readouterr().err == ""


def test_without_the_doctor_errors_are_told_as_warnings(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    told: list[str] = []
    consult(case_of(make_config(max_completion_length=1, doctor=False), tmp_path), told.append)
    assert [line.split(": ")[:2] for line in told] == [["warning", "unreachable-answers"]]


def test_the_command_prints_findings_and_ends_with_1_at_an_error(
    make_config: MakeConfig, tmp_path: Path
) -> None:
    config = make_config()
    options = ["--preset", "embedded", "--model", config.model, "--questions"]
    options += [str(config.questions), "--out", str(tmp_path / "none")]
    good = CliRunner().invoke(app, ["doctor", *options, "--max-completion-length", "12"])
    assert good.exit_code == 0
    assert good.stdout.splitlines()[-1] == "0 errors, 0 warnings, 5 notes"
    bad = CliRunner().invoke(app, ["doctor", *options, "--json", "--max-completion-length", "1"])
    assert bad.exit_code == 1
    said = json.loads(bad.stdout)
    assert said["ok"] is False
    assert said["findings"][0]["code"] == "unreachable-answers"
    assert not (tmp_path / "none").exists()
