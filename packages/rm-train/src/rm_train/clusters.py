"""The configurations of `accelerate launch` that come along, for one machine and for several."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final

import typer

from rm_rewards.command_line import after_interrupt
from rm_train.config_error import ConfigError

_FOLDER: Final = Path(__file__).with_name("accelerate_configs")


def accelerate_configs() -> dict[str, Path]:
    """The configurations by name: `ddp`, `fsdp2` and so on."""
    return {file.stem: file for file in sorted(_FOLDER.glob("*.yaml"))}


def accelerate_config(name: str) -> Path:
    """The file of that configuration.

    Raises:
        ConfigError: If there is none of that name.
    """
    known = accelerate_configs()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(
            f"accelerate-config: found {name!r}, expected one of {', '.join(known)}{meant}"
        )
    return known[name]


def accelerate_config_command(
    name: Annotated[
        str | None, typer.Argument(help="Which one; without it, all are listed.", metavar="NAME")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a copy there, to be changed.", metavar="FILE")
    ] = None,
) -> None:
    """Print the path of a configuration for `accelerate launch --config_file`, or copy it.

    accelerate launch --config_file $(rm-train accelerate-config fsdp2) -m rm_train.cli run ...
    """
    if name is None:
        for known, file in accelerate_configs().items():
            lines = file.read_text(encoding="utf-8").splitlines()
            about = " ".join(line.lstrip("# ") for line in lines if line.startswith("# "))
            typer.echo(f"{known:<14} {about}")
        return
    found = accelerate_config(name)
    if out is None:
        typer.echo(found)
        return
    with after_interrupt("nothing was written"):
        _copy(found, out)
    typer.echo(f"{out}: a copy of {name}")


def _copy(file: Path, out: Path) -> None:
    if out.exists():
        raise ConfigError(f"--out: found {out}, which exists; remove it or choose another name")
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        raise ConfigError(f"--out: {out}: {error.strerror}; expected a writable place") from None
