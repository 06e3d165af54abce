"""Silence for what the libraries say to their own developers, so that what matters is seen."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def quiet_libraries() -> Generator[None]:
    """Hide progress bars, notices and deprecations of transformers, datasets, TRL and torch."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import datasets  # noqa: PLC0415 - loads torch  # pyright: ignore[reportMissingTypeStubs]
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    datasets.disable_progress_bars()
    loggers = [
        logging.getLogger(name) for name in ("trl", "accelerate", "datasets", "peft", "vllm")
    ]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for category in (DeprecationWarning, FutureWarning, UserWarning):
                warnings.filterwarnings(
                    "ignore",
                    category=category,
                    module=r"(transformers|trl|torch|peft|accelerate|vllm)",
                )
            yield
    finally:
        transformers_logging.set_verbosity(before)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def one_thread() -> Generator[None]:
    """One thread for arithmetic: for a tiny model, more of them only wait for each other."""
    import torch  # noqa: PLC0415 - takes seconds

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
