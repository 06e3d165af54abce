import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards import RecordError
from rm_rewards.methods.vlm_r1 import (
    Box,
    Found,
    detection,
    found_boxes,
    iou,
    od_length,
    published_detection,
    published_iou,
    rec_reward,
    rescaled,
)

BOX = (0, 0, 10, 10)


@pytest.mark.parametrize(
    ("a", "b", "value"),
    [
        (BOX, (5, 5, 15, 15), 0.142857),
        (BOX, BOX, 1.0),
        (BOX, (10, 0, 20, 10), 0.0),
        (BOX, (0, 0, 10, 8), 0.8),
        ((3, 3, 3, 9), (3, 3, 3, 9), 0.0),
    ],
)
def test_the_overlap_of_two_boxes(a: Box, b: Box, value: float) -> None:
    assert iou(a, b) == pytest.approx(value, abs=1e-6)
    assert published_iou(a, b) == pytest.approx(value, abs=1e-6)


def test_a_box_one_pixel_wide_is_lost_in_the_published_form_alone() -> None:
    thin = (4, 0, 5, 10)
    assert (published_iou(thin, thin), iou(thin, thin)) == (0.0, 1.0)


EDGE = st.integers(0, 20)
BOXES = st.tuples(EDGE, EDGE, EDGE, EDGE).map(
    lambda b: (float(min(b[0], b[2])), float(min(b[1], b[3])), b[0] + b[2] + 1.0, b[1] + b[3] + 1.0)
)


@given(BOXES, BOXES)
def test_overlap_is_a_share_and_looks_the_same_from_both_sides(a: Box, b: Box) -> None:
    assert iou(a, b) == iou(b, a)
    assert 0.0 <= published_iou(a, b) <= 1.0
    assert 0.0 <= iou(a, b) <= 1.0
    assert iou(a, a) == 1.0


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("<think>[9, 9, 9, 9]</think><answer>[0, 0, 5, 5]</answer>", 1.0),
        ('<answer>{"bbox": [0,0,5.0,4]}</answer>', 0.8),
        ("<answer>[0, 0, 5, 5] or [1, 1, 2, 2]</answer>", 1.0),
        ("[0, 0, 5, 5]", 0.0),
        ("<answer>none</answer>", 0.0),
        ("<answer>[0, 0, 5</answer>", 0.0),
        ("<answer>[5, 5, 0, 0]</answer>", 0.0),
        ("", 0.0),
    ],
)
def test_the_first_box_of_the_answer_is_rescaled_and_compared(reply: str, value: float) -> None:
    assert rec_reward(reply, BOX, model=(50, 50), image=(100, 100)) == pytest.approx(value)


@given(
    st.text() | st.lists(st.sampled_from(["<answer>", "[", "1,", "-2.5", "]", " "])).map("".join)
)
def test_any_text_has_an_overlap(text: str) -> None:
    assert 0.0 <= rec_reward(text, BOX, model=(50, 50), image=(100, 100)) <= 1.0


@pytest.mark.parametrize(
    ("mean_ap", "true", "predicted", "value"),
    [
        (0.8, 3, 5, 0.48),
        (0.8, 3, 2, 0.8),
        (0.8, 3, None, 0.0),
        (0.0, 0, 0, 1.0),
        (0.0, 3, 0, 0.0),
        (0.0, 0, 4, 0.0),
    ],
)
def test_too_many_boxes_are_paid_for(
    mean_ap: float, true: int, predicted: int | None, value: float
) -> None:
    assert od_length(mean_ap, true, predicted) == pytest.approx(value)


def _wide(x: float, width: float, label: str = "") -> Found:
    return Found((x, 0, x + width, 10), label)


TRUE = [_wide(0, 10, "a"), _wide(100, 10, "b"), _wide(200, 10, "c")]
SAID = [_wide(0, 8, "a"), _wide(100, 6, "b"), _wide(300, 10, "c")]


def test_matched_boxes_count_by_their_overlap() -> None:
    for found in (published_detection(SAID, TRUE), detection(SAID, TRUE)):
        assert found.overlap == pytest.approx(0.466667, abs=1e-6)
        assert (found.missed, found.false) == pytest.approx((1 / 3, 1 / 3))
        assert found.score == pytest.approx(0.526667, abs=1e-6)


def test_labels_count_in_the_repaired_form_alone() -> None:
    renamed = [Found(found.box, "x") for found in SAID]
    assert published_detection(renamed, TRUE).score == pytest.approx(0.526667, abs=1e-6)
    assert detection(renamed, TRUE).score == 0.0


def test_saying_nothing_is_paid_in_the_published_form_alone() -> None:
    assert published_detection([], TRUE).score == pytest.approx(0.15)
    assert detection([], TRUE).score == 0.0
    assert detection([], []).score == detection(TRUE, TRUE).score == 1.0
    assert detection(TRUE, []).score == 0.0


FOUND = st.lists(st.builds(Found, BOXES, st.sampled_from("ab")), max_size=5)


@given(FOUND, FOUND)
def test_a_box_that_matches_nothing_never_pays(said: list[Found], true: list[Found]) -> None:
    before = detection(said, true).score
    after = detection([*said, Found((500, 500, 600, 600), "a")], true).score
    assert 0.0 <= after <= before <= detection(true, true).score == 1.0


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ('[{"bbox_2d": [0, 0, 5, 5], "label": "a"}, {"bbox_2d": [1, 1, 2, 2.5]}]', 2),
        ('```json\n[{"bbox_2d": [0, 0, 5, 5], "label": 7}]\n```', 1),
        ('[{"bbox_2d": [0, 0, 5], "label": "a"}, {"bbox_2d": "0 0 5 5"}, 3, null]', 0),
        ('[{"bbox_2d": [0, 0, 5, NaN]}, {"bbox_2d": [0, 0, 5, 1e999]}]', 0),
        ('[{"bbox_2d": [0, 0, 5, 1' + "0" * 400 + "]}]", 0),
        ('[{"bbox_2d": [true, 0, 5, 5]}]', 0),
        ('{"bbox_2d": [0, 0, 5, 5]}', 0),
        ("[" * 50_000 + "]" * 50_000, 0),
        ("[" * 150_000 + "]" * 150_000, 0),
        ("none", 0),
        ("", 0),
    ],
    ids=range(11),
)
def test_boxes_are_read_from_the_answer_as_far_as_they_are_boxes(answer: str, count: int) -> None:
    assert len(found_boxes(f"<answer>{answer}</answer>")) == count
    assert found_boxes(answer) == []


@given(st.text())
def test_any_answer_has_boxes_or_none(text: str) -> None:
    found = found_boxes(f"<answer>{text}</answer>")
    assert 0.0 <= detection(found, TRUE).score <= 1.0


@given(FOUND, FOUND)
def test_the_order_of_the_boxes_does_not_matter(said: list[Found], true: list[Found]) -> None:
    for scored in (detection, published_detection):
        found = scored(list(reversed(said)), list(reversed(true)))
        assert found.score == pytest.approx(scored(said, true).score)


def test_numbers_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(RecordError, match="box: found nan"):
        iou(BOX, (0, 0, 1, float("nan")))
    with pytest.raises(RecordError, match=r"model: found \(0, 5\)"):
        rescaled(BOX, (0, 5), (5, 5))
    with pytest.raises(RecordError, match="mean_ap: found 2"):
        od_length(2, 1, 1)
