"""Runs as they lie on disk, made by hand: what a page must show, and not stumble over."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from rm_rewards import Completion, Question, gold_answer, jsonl, score
from rm_train import resolve
from rm_train.run_directory import RunDirectory

EVIL = """<script>document.title='hacked'</script><img src=x onerror="document.title='hacked'">&"""


def measured_folder(folder: Path, right: str) -> Path:
    """A finished measurement of four questions; `right` says which replies are right."""
    folder.mkdir(parents=True)
    Image.new("RGB", (112, 112), (200, 30, 30)).save(folder / "map.png")
    questions = [
        Question(
            id=f"q{i}",
            type="TorF1" if i < 2 else "Counting2",
            question=f"Ask {EVIL}?",
            answer=1,
            figure="map.png",
        )
        for i in range(4)
    ]
    replies = [
        Completion(question_id=q.id, text=gold_answer(q) if r == "1" else f"no idea {EVIL}")
        for q, r in zip(questions, right, strict=True)
    ]
    jsonl.write(questions, folder / "questions.jsonl")
    jsonl.write(replies, folder / "completions.jsonl")
    rewards = [score(q, c.text) for q, c in zip(questions, replies, strict=True)]
    jsonl.write(rewards, folder / "rewards.jsonl")
    return folder


def sampled(step: int, question: str, kind: str, text: str, right: bool) -> dict[str, object]:
    """A line of samples.jsonl."""
    reward = score(Question(id=question, type=kind, question="?", answer=1), text)
    assert reward.correct == right
    return {"step": step, "stage": "judgement", "type": kind, "text": text, **asdict(reward)}


def a_run(place: Path, **settings: object) -> Path:
    directory = RunDirectory(place)
    asked = place / "data" / "train"
    measured_folder(asked, "1111")
    directory.begin(resolve("embedded", overrides=settings), {"questions": "0" * 64})
    lines = [
        {
            "step": step,
            "epoch": 0,
            "stage": "judgement" if step < 5 else "planning <b>",
            "reward": step / 10,
            "accuracy": step / 20,
            "accuracy_by_type": {"TorF1": step / 20},
            "dead_groups": 0.5,
            "dead_right": 0.25,
            "dead_wrong": 0.25,
            "kl": float("nan") if step == 1 else 0.001 * step,
            "lr": 1e-6,
            "step_time": 0.5,
            "rewards": {"format": 1.0, "correctness": 0.1, "detail": None if step < 5 else 0.2},
        }
        for step in range(1, 10)
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    text += (
        '{"reward": 1}\n{"step": null}\n[]\n{"step": 10, "rew'  # what a page must not stumble over
    )
    directory.metrics.write_text(text, encoding="utf-8")
    samples = [
        sampled(1, "q0", "TorF1", f"no box {EVIL}", right=False),
        sampled(2, "q1", "TorF1", r"\boxed{yes}", right=True),
        sampled(3, "q2", "Counting2", r"\boxed{7}", right=False),
        sampled(4, "gone", "Counting2", r"\boxed{1}", right=True),
    ]
    text = "".join(json.dumps(line) + "\n" for line in samples)
    directory.samples.write_text(text + '{"step": 5}\n[]\n', encoding="utf-8")
    measured_folder(directory.path / "eval" / "before", "1000")
    measured_folder(directory.path / "eval" / "after", "0111")
    return place
