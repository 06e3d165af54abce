"""The trackers that get a run's numbers beside metrics.jsonl: those that transformers knows."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final, cast

from transformers.integrations import integration_utils

from rm_train.config import ConfigError

NONE: Final = "none"

_PACKAGES: Final = {"azure_ml": "azureml-core", "comet_ml": "comet_ml", "flyte": "flytekit"}
"""Where the package to install has another name than the tracker."""


def trackers(report_to: str) -> list[str]:
    """The names of the trackers that a setting such as `wandb, tensorboard` means.

    Raises:
        ConfigError: If there is none of that name, or its package is not installed.
    """
    names = [name.strip() for name in report_to.split(",") if name.strip() not in ("", NONE)]
    known = cast("dict[str, type]", integration_utils.INTEGRATION_TO_CALLBACK)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(
                f"report_to: found {name!r}, expected none or some of {', '.join(known)}{meant}"
            )
        try:
            known[name]()
        except (ImportError, RuntimeError) as error:
            package = _PACKAGES.get(name, name)
            raise ConfigError(
                f"report_to: found {name!r}, but it cannot be used here "
                f"({' '.join(str(error).split())}); `pip install {package}`"
            ) from None
    return names
