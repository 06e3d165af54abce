"""VLM-R1's rewards for boxes: one box (IoU), and many (odLength, detection).

Source: the published code of arXiv 2504.07615 [C].

    REC: IoU of the first box in <answer>, rescaled from the model's to the image's size
    odLength = mAP * min(1, true / predicted); both none -> 1; no <answer> -> 0
    detection = 0.7 * sum of matched IoU / true + 0.3 * (1 - (missed + false) / 2)

Boxes are (x1, y1, x2, y2), paired greedily from an IoU of 0.5. Constants as above; the published
weight of the label is 0. Range: 0 to 1 each. The mAP is an input: take it from the library that
also evaluates.

Faults: the published IoU counts pixels, so that a box one pixel wide has 0 with itself
(`published_iou`); a false box with an unknown label costs nothing, and saying nothing earns 0.15.
Repaired (`detection`): a pair must agree in its label, every box that is not paired is false, and
nothing said about something there is 0.

Blind to: which of two overlapping objects was meant (greedy pairing); boxes below the threshold,
however near.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from rm_rewards.methods.inputs import at_least, finite, within
from rm_rewards.methods.tagged_json import json_in, numbers
from rm_rewards.records import RecordError

Box: TypeAlias = tuple[float, float, float, float]
Size: TypeAlias = tuple[float, float]

_NUMBER: Final = r"(-?\d{1,7}(?:\.\d{1,6})?)"
_BOX: Final = re.compile(r"\[\s{0,9}" + r"\s{0,9},\s{0,9}".join([_NUMBER] * 4) + r"\s{0,9}\]")


@dataclass(frozen=True, slots=True)
class Found:
    """A box and what it is said to hold."""

    box: Box
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How well the boxes of a reply match the true ones.

    Attributes:
        overlap: Sum of the IoUs of the pairs over the number of true boxes.
        missed: Share of the true boxes without a pair.
        false: Share of the predicted boxes without a pair.
        score: 0.7 * overlap + 0.3 * (1 - (missed + false) / 2).
    """

    overlap: float
    missed: float
    false: float
    score: float


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes with real edges; 0 for a box without an area.

    Raises:
        RecordError: For an edge that is not finite.

    Example:
        >>> round(iou((0, 0, 10, 10), (5, 5, 15, 15)), 6)
        0.142857
    """
    finite("box", *a, *b)
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    return _over_union(width * height, a, b)


def published_iou(a: Box, b: Box) -> float:
    """The published IoU, which counts pixels and needs two of them in each direction.

    Raises:
        RecordError: For an edge that is not finite.
    """
    finite("box", *a, *b)
    left, top = max(a[0], b[0]), max(a[1], b[1])
    right, bottom = min(a[2], b[2]) - 1, min(a[3], b[3]) - 1
    if left >= right or top >= bottom:
        return 0.0
    return _over_union((right - left + 1) * (bottom - top + 1), a, b)


def _over_union(inside: float, a: Box, b: Box) -> float:
    union = _area(a) + _area(b) - inside
    return min(1.0, inside / union) if inside > 0 and union > 0 else 0.0


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def rescaled(box: Box, model: Size, image: Size) -> Box:
    """The box in the image's pixels, from the pixels of what the model was shown.

    Args:
        box: In the model's pixels.
        model: Width and height of the model's input.
        image: Width and height of the image.

    Raises:
        RecordError: For a size that is not positive.
    """
    for field, size in (("model", model), ("image", image)):
        finite(field, *size)
        if min(size) <= 0:
            raise RecordError(field, size, "a width and a height above 0")
    x, y = image[0] / model[0], image[1] / model[1]
    return (box[0] * x, box[1] * y, box[2] * x, box[3] * y)


def rec_reward(reply: str, true: Box, *, model: Size, image: Size) -> float:
    """IoU of the first box in the reply's `<answer>`; 0 without one. No text makes it raise.

    Raises:
        RecordError: For a size that is not positive, or a true box that is not finite.

    Example:
        >>> half, whole = (50, 50), (100, 100)
        >>> rec_reward("<answer>[0, 0, 5, 5]</answer>", (0, 0, 10, 10), model=half, image=whole)
        1.0
    """
    inside = reply.partition("<answer>")[2].partition("</answer>")[0]
    found = _BOX.search(inside)
    if found is None:
        return 0.0
    a, b, c, d = map(float, found.groups())
    return iou(rescaled((a, b, c, d), model, image), true)


def found_boxes(reply: str, *, key: str = "bbox_2d") -> list[Found]:
    """The boxes of the JSON list in a reply's `<answer>`. No text makes it raise.

    Args:
        reply: The whole reply, with `[{"bbox_2d": [x1, y1, x2, y2], "label": "..."}, ...]`.
        key: What the box is called there.

    Example:
        >>> found_boxes('<answer>[{"bbox_2d": [0, 0, 5, 5], "label": "bus"}]</answer>')
        [Found(box=(0.0, 0.0, 5.0, 5.0), label='bus')]
    """
    listed = json_in(reply, "answer")
    found: list[Found] = []
    for item in cast("list[object]", listed) if isinstance(listed, list) else []:
        if not isinstance(item, dict):
            continue
        entry = cast("dict[str, object]", item)
        edges = numbers(entry.get(key), 4)
        if edges is not None:
            label = entry.get("label")
            box = (edges[0], edges[1], edges[2], edges[3])
            found.append(Found(box, label if isinstance(label, str) else ""))
    return found


def od_length(mean_ap: float, true: int, predicted: int | None) -> float:
    """odLength: the mAP, cut in the measure in which too many boxes are given.

    Args:
        mean_ap: In [0, 1].
        true: How many boxes there are.
        predicted: How many the reply gives; None for a reply without an answer.

    Raises:
        RecordError: For a number out of its range.

    Example:
        >>> round(od_length(0.8, 3, 5), 6), od_length(0.0, 0, 0)
        (0.48, 1.0)
    """
    within("mean_ap", 0.0, 1.0, mean_ap)
    at_least("true or predicted", 0, true, predicted or 0)
    if predicted is None:
        return 0.0
    if not true and not predicted:
        return 1.0
    return mean_ap * min(1.0, true / predicted) if predicted else 0.0


def published_detection(predicted: Sequence[Found], true: Sequence[Found]) -> Detection:
    """The published score: pairs by overlap alone, the best overlap first."""
    return _detection(predicted, true, labels=False)


def detection(predicted: Sequence[Found], true: Sequence[Found]) -> Detection:
    """The repaired score: labels must agree, and nothing said about something there is 0."""
    found = _detection(predicted, true, labels=True)
    if bool(predicted) == bool(true):
        return found
    return Detection(overlap=0.0, missed=found.missed, false=found.false, score=0.0)


def _detection(predicted: Sequence[Found], true: Sequence[Found], *, labels: bool) -> Detection:
    if not true and not predicted:
        return Detection(overlap=1.0, missed=0.0, false=0.0, score=1.0)
    overlaps = sorted(
        (-iou(p.box, t.box), p.box, t.box, i, j)
        for i, p in enumerate(predicted)
        for j, t in enumerate(true)
        if not labels or p.label == t.label
    )
    total = 0.0
    used_i, used_j = set[int](), set[int]()
    for negative, _, _, i, j in overlaps:
        if -negative >= 0.5 and i not in used_i and j not in used_j:
            used_i.add(i)
            used_j.add(j)
            total -= negative
    overlap = total / len(true) if true else 0.0
    missed = 1 - len(used_j) / len(true) if true else 0.0
    false = 1 - len(used_i) / len(predicted) if predicted else 0.0
    score = 0.7 * overlap + 0.3 * (1.0 - (missed + false) / 2)
    return Detection(overlap=overlap, missed=missed, false=false, score=score)
