from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
import torch

from rm_eval.errors import EvalError
from rm_eval.policy import load_policy
from rm_eval.training_time import Budget, LookPlan, look_at_policy
from rm_eval.training_time.curve import Curve, curve_of
from rm_eval.training_time.looks import read_looks
from rm_eval.training_time.plan import ASKED, read_plan
from rm_eval.training_time.record import write_record
from rm_eval.training_time.trajectories import trajectories
from rm_eval.training_time.undisturbed import trained_weights, undisturbed
from rm_rewards import Question, jsonl

if TYPE_CHECKING:
    from conftest import FinishedRuns, Maps, TinyModel

# -- the curve -------------------------------------------------------------------------------------


def asked(kinds: str = "TC") -> list[Question]:
    """Sixteen questions of each kind, each about a map of its own."""
    made: list[Question] = []
    for kind in kinds:
        name = {"T": "TorF1", "C": "Counting2"}[kind]
        made += [
            Question(id=f"{kind}{n}", type=name, question="?", answer=1, city=f"{kind}{n}")
            for n in range(16)
        ]
    return made


def text(question: Question, right: bool) -> str:
    good = r"\boxed{yes}" if question.type == "TorF1" else r"\boxed{1}"
    return good if right else r"\boxed{7}"


def write_looks(finished: FinishedRuns, looks: dict[int, str], budget: Budget) -> Path:
    """Looks at `asked()`, a 1 for each right reply, in a folder with a plan."""
    questions = asked()
    for step, right in looks.items():
        pairs = zip(questions, right, strict=True)
        finished.write(f"step-{step:06d}", [(one, text(one, mark == "1")) for one, mark in pairs])
    plan = {"every": 50, "limit": None, "seed": 0, "budget": vars_of(budget)}
    (finished.folder / "plan.json").write_text(json.dumps(plan), "utf-8")
    return finished.folder


def vars_of(budget: Budget) -> dict[str, object]:
    return {"alpha": budget.alpha, "spending": budget.spending, "looks": budget.looks}


LEARNING = {
    0: "1111111111111111" + "0000000000000000",
    50: "1111111111111111" + "1110000000000000",
    100: "1111111111110000" + "1111111111000000",
    150: "0000000000000001" + "1111111111111111",
    200: "0000000000000000" + "1111111111111101",
}


def read_curve(finished: FinishedRuns, budget: Budget) -> Curve:
    folder = write_looks(finished, LEARNING, budget)
    return curve_of(read_looks(folder), budget)


def test_each_look_is_held_against_the_first(finished: FinishedRuns) -> None:
    curve = read_curve(finished, Budget())
    found = [point.all.change for point in curve.points[1:]]
    tests = [change.test for change in found if change is not None]
    assert [(test.gained, test.lost) for test in tests] == [(3, 0), (10, 4), (16, 15), (15, 16)]
    assert [round(test.mcnemar, 4) for test in tests] == [0.25, 0.1796, 1.0, 1.0]
    assert [test.p for test in tests] == pytest.approx([test.mcnemar for test in tests])
    assert curve.first("better") is None
    assert curve.points[0].all.change is None


def test_what_a_type_gains_or_forgets_is_told_with_the_first_step(finished: FinishedRuns) -> None:
    looks = read_looks(write_looks(finished, LEARNING, Budget()))
    curve = curve_of(looks, Budget())
    # Counting2 at step 100: p 2/2^10, by Holm 4/2^10, level 0.0076: 0.0039 is below it
    assert curve.first("better", "Counting2") == 100
    # TorF1 at step 150: p 2/2^15 (by Holm times 1: Counting2 has 2/2^16), level 0.0034
    assert curve.first("worse", "TorF1") == 150
    spent = curve_of(looks, Budget(spending="obrien-fleming", looks=4))
    assert [round(point.level, 5) for point in spent.points] == [
        0.0,
        9e-05,
        0.00549,
        0.01805,
        0.02637,
    ]
    assert spent.first("better", "Counting2") == 100
    closed = curve_of(looks, Budget(spending="pocock", looks=1))
    assert closed.first("better", "Counting2") is None  # all is spent at step 50
    assert closed.points[2].parts[2].change is not None
    assert closed.points[2].parts[2].change.adjusted == 1.0


def test_intervals_widen_with_the_level_of_the_look(finished: FinishedRuns) -> None:
    changes = [point.all.change for point in read_curve(finished, Budget()).points[3:]]
    first, second = (change.test for change in changes if change is not None)
    assert second.high - second.low > first.high - first.low


def test_each_question_has_a_way_and_a_fate(finished: FinishedRuns) -> None:
    folder = write_looks(finished, LEARNING, Budget())
    ways = {one.id: one for one in trajectories(read_looks(folder))}
    assert (ways["T0"].right, ways["T0"].flips, ways["T0"].fate) == ("11100", 1, "forgotten")
    assert (ways["T15"].right, ways["T15"].flips, ways["T15"].fate) == ("11010", 3, "forgotten")
    assert (ways["C0"].right, ways["C0"].fate) == ("01111", "learned")
    assert (ways["C14"].right, ways["C14"].flips, ways["C14"].fate) == ("00010", 2, "never")
    assert ways["C0"].cluster == "/C0"


def test_the_record_is_rows_a_page_and_a_picture(finished: FinishedRuns) -> None:
    folder = write_looks(finished, LEARNING, Budget())
    write_record(folder)
    lines = [json.loads(line) for line in (folder / "curve.jsonl").read_text("utf-8").splitlines()]
    assert [(line["step"], line["look"]) for line in lines] == [(50 * k, k) for k in range(5)]
    assert [part["part"] for part in lines[2]["parts"]] == ["all", "TorF1", "Counting2"]
    assert lines[2]["parts"][2]["finding"] == "better"
    with (folder / "curve.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 15
    assert rows[0]["gained"] == ""
    assert {row["finding"] for row in rows} == {"", "better", "worse", "not shown"}
    page = (folder / "curve.md").read_text("utf-8")
    assert "- Counting2: shown to be better first at step 100" in page
    assert "- TorF1: shown to be worse first at step 150" in page
    assert "| 100 | 22 of 32 | 68.8 |" in page
    assert "- forgotten: 16, such as `T0`" in page
    assert "McNemar's test would ask for 19 net here, and for 13 if this were the only look" in page
    html = (folder / "curve.html").read_text("utf-8")
    assert html.count("<svg") == 4
    assert html.count('class="better"') == 3
    assert html.count('class="worse"') == 2
    assert "http" not in html.replace("http-equiv", "")


def test_what_a_question_is_called_cannot_act_on_page_or_sheet(finished: FinishedRuns) -> None:
    evil = Question(id="<script>x</script>|", type="TorF1", question="?", answer=1, city="a")
    for step, good in ((0, False), (50, True)):
        folder = finished.write(f"step-{step:06d}", [(evil, text(evil, good))])
        file = folder / "questions.jsonl"
        file.write_text(file.read_text("utf-8").replace('"TorF1"', '"=cmd(<b>)"'), "utf-8")
    plan = {"budget": vars_of(Budget())}
    (finished.folder / "plan.json").write_text(json.dumps(plan), "utf-8")
    write_record(finished.folder)
    page = (finished.folder / "curve.html").read_text("utf-8")
    assert "=cmd(&lt;b&gt;)" in page
    assert "<b>)" not in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "'=cmd(<b>)" in (finished.folder / "curve.csv").read_text("utf-8")


def test_looks_at_other_questions_are_not_one_curve(finished: FinishedRuns) -> None:
    folder = write_looks(finished, LEARNING, Budget())
    file = folder / "step-000100" / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    for change in ({"fingerprint": "g"}, {"pictures": "q"}):
        damaged = {**manifest, "data": {**manifest["data"], **change}}
        file.write_text(json.dumps(damaged), "utf-8")
        with pytest.raises(EvalError, match=r"step-000000 and .*step-000100: asked with"):
            read_looks(folder)


# -- the plan --------------------------------------------------------------------------------------


def test_a_plan_stays_what_it_was(maps: Maps, tmp_path: Path) -> None:
    file, out = maps.write(), tmp_path / "out"
    plan = LookPlan(every=5, limit=6)
    plan.settle(file, out)
    chosen = list(jsonl.read(Question, out / ASKED / "questions.jsonl"))
    assert len(chosen) == 6
    assert read_plan(out) == plan
    plan.settle(file, out)
    with pytest.raises(EvalError, match=r"was begun with every 5, now it is 10"):
        LookPlan(every=10, limit=6).settle(file, out)
    with pytest.raises(EvalError, match=r"was begun with budget .*'alpha': 0.05.* now it is"):
        LookPlan(every=5, limit=6, budget=Budget(alpha=0.1)).settle(file, out)
    rows = maps.twelve()
    maps.write([{**row, "answer": 4} for row in rows])
    with pytest.raises(EvalError, match="was begun with other questions than"):
        plan.settle(file, out)
    (tmp_path / "full" / "notes.txt").parent.mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    with pytest.raises(EvalError, match=r"full: not empty, and no plan.json there"):
        plan.settle(file, tmp_path / "full")
    with pytest.raises(EvalError, match=r"missing: no plan.json there"):
        read_plan(tmp_path / "missing")
    (out / "plan.json").write_text('{"every": "5"}', "utf-8")
    with pytest.raises(EvalError, match=r"plan.json: every: found '5'"):
        read_plan(out)


# -- a model in memory -----------------------------------------------------------------------------


def attributes(model: torch.nn.Module) -> list[dict[str, Any]]:
    return [dict(vars(module)) for module in model.modules()]


def random_states() -> list[object]:
    numpy = cast("Any", np.random.get_state())
    return [random.getstate(), numpy[1].tolist(), numpy[2:], torch.get_rng_state().tolist()]


def test_a_model_that_was_asked_goes_on_as_if_it_had_not_been(tiny: TinyModel) -> None:
    model = cast("Any", load_policy(tiny.folder).model)
    model.train()
    model.model.language_model.layers[0].eval()
    model.model.rope_deltas = None
    before, numbers = attributes(model), random_states()
    with undisturbed(model):
        assert not any(module.training for module in model.modules())
        assert [random.random(), float(np.random.random()), *torch.rand(3).tolist()]
        model.model.rope_deltas = torch.ones(1)
        model.kept = "a cache"
        model.generation_config = None
    assert attributes(model) == before
    assert random_states() == numbers
    with pytest.raises(KeyError), undisturbed(model):
        raise KeyError
    assert model.training


def test_weights_are_told_apart_by_what_learns(tiny: TinyModel) -> None:
    model = cast("Any", load_policy(tiny.folder).model)
    first = trained_weights(model)
    weight = model.lm_head.weight
    with torch.no_grad():
        weight[0, 0] += 1e-4
    assert trained_weights(model) != first
    for one in model.parameters():
        one.requires_grad_(requires_grad=False)
    model.model.visual.merger.ln_q.weight.requires_grad_(requires_grad=True)
    frozen = trained_weights(model)
    with torch.no_grad():
        weight[0, 0] += 1.0
    assert trained_weights(model) == frozen


def test_a_look_is_asked_once_and_forgotten_when_the_training_went_another_way(
    tiny: TinyModel, maps: Maps, tmp_path: Path
) -> None:
    policy, out = load_policy(tiny.folder), tmp_path / "probes"
    LookPlan(every=1).settle(maps.write(), out)
    asking = {"max_new_tokens": 12, "batch_size": 8}
    for step in (0, 1, 2):
        curve = look_at_policy(policy, step, out, cast("Any", asking))
    assert [point.all.score.correct for point in curve.points] == [8, 8, 8]
    batches = out / "step-000001" / "batches.jsonl"
    size = batches.stat().st_size
    look_at_policy(policy, 1, out, cast("Any", asking))
    assert batches.stat().st_size == size
    assert (out / "step-000002").is_dir()
    with torch.no_grad():
        cast("Any", policy.model).lm_head.weight.mul_(-1.0)
    curve = look_at_policy(policy, 1, out, cast("Any", asking))
    assert [(point.step, point.all.score.correct) for point in curve.points] == [(0, 8), (1, 0)]
    assert not (out / "step-000002").exists()
    assert curve.points[1].all.change is not None
    assert curve.points[1].all.change.finding == "not shown"  # four maps are too few
    assert "for which 4 clusters are too few" in (out / "curve.md").read_text("utf-8")
