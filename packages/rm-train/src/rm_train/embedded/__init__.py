"""The tiny model that comes along: a Qwen2.5-VL of 0.41 million parameters that reads small maps.

`checkpoint_path()` is the folder of the shipped weights, `rm_train.embedded.make` the script that
made them.
"""

from pathlib import Path


def checkpoint_path() -> Path:
    """The folder of the shipped checkpoint, an ordinary Hugging Face folder."""
    return Path(__file__).parent / "checkpoint"
