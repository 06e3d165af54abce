"""How large a picture may be for a model: bounds on its pixels, where its family has any."""

from __future__ import annotations

from typing import Any

from rm_eval.errors import PolicyError


def set_pixels(
    image_processor: Any,  # noqa: ANN401 - each model has a class of its own
    min_pixels: int | None,
    max_pixels: int | None,
) -> None:
    """Bound the pixels to which pictures are scaled.

    Args:
        image_processor: Changed in place.
        min_pixels: The fewest; None keeps the processor's own value.
        max_pixels: The most; None keeps the processor's own value.

    Raises:
        PolicyError: If the bounds cross, or the processor has none: InternVL, LLaVA-OneVision and
            SmolVLM cut a picture into tiles of one size.
    """
    if min_pixels is None and max_pixels is None:
        return
    size = image_processor.size
    if not hasattr(image_processor, "merge_size"):  # only Qwen's kind is bounded in pixels
        raise PolicyError(
            f"min_pixels, max_pixels: found {min_pixels} and {max_pixels}, but "
            f"{type(image_processor).__name__} cuts pictures into tiles by rules of its own and "
            "has no such bounds; leave both unset (0 in a training run)"
        )
    low = size["shortest_edge"] if min_pixels is None else min_pixels
    high = size["longest_edge"] if max_pixels is None else max_pixels
    if not 0 < low <= high:
        raise PolicyError(
            f"min_pixels, max_pixels: found {low} and {high}, expected 0 < min_pixels <= max_pixels"
        )
    image_processor.size = {"shortest_edge": low, "longest_edge": high}
