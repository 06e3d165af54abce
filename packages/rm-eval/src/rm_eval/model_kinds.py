"""The kinds of models that transformers has code of its own for, by their `model_type`."""

# ruff: noqa: PLC0415 - importing transformers takes seconds, and `--help` must not wait for it

from __future__ import annotations

from typing import Any, cast


def is_known(kind: str) -> bool:
    """Whether it is a kind of model at all."""
    from transformers import CONFIG_MAPPING

    return kind in cast("Any", CONFIG_MAPPING)


def image_text_kinds() -> frozenset[str]:
    """Those that take pictures and text, and write text."""
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as NAMES,
    )

    return frozenset(cast("dict[str, str]", NAMES))
