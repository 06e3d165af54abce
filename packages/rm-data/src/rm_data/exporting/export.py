"""One export: checked, written beside its place, and moved there when it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from rm_data.exporting.assets import Assets, Images
from rm_data.exporting.order import Form, Order
from rm_data.exporting.sources import splits_of
from rm_data.staging import staged_folder
from rm_rewards import RecordError


@dataclass(frozen=True, slots=True)
class _Kind:
    module: str
    images: tuple[Images, ...]
    needs: tuple[str, ...] = ("datasets", "pyarrow")


FORMS: Final[Mapping[str, _Kind]] = {
    "hf": _Kind("rm_data.exporting.hf", ("path", "embed", "tar")),
    "sharegpt": _Kind("rm_data.exporting.sharegpt", ("path", "tar"), ()),
    "verl": _Kind("rm_data.exporting.verl", ("path", "embed")),
    "vlmevalkit": _Kind("rm_data.exporting.vlmevalkit", ("path", "embed", "tar"), ()),
    "reasonmap": _Kind("rm_data.exporting.reasonmap", ("path", "tar")),
    "trl": _Kind("rm_data.exporting.trl", ("path", "embed")),
}
"""Each form: what writes it, how its pictures may travel, and the packages it needs."""


def export(
    files: Iterable[Path],
    form: str,
    out: Path,
    *,
    images: str = "path",
    title: str = "",
    made_by: str = "",
) -> dict[str, int]:
    """Write question files in another form; gives the number of rows of each split.

    The folder appears when all is written. The same questions and pictures give the same rows.

    Args:
        files: Question files; `NAME.test.jsonl` becomes the split `test`, `NAME.jsonl` `train`.
        form: A key of `FORMS`.
        out: A folder that is new or empty.
        images: `path` copies each picture once into `maps/`, `embed` puts it into every row, `tar`
            puts all of them into `maps.tar`.
        title: The name of the dataset; by default that of the first file.
        made_by: The commands that made the questions, for the card.

    Raises:
        RecordError: For an unknown form or a way of pictures that it does not have, a bad line, a
            picture or network that is missing, an `out` that holds files, or a package that is not
            installed.
        OSError: If a file cannot be read or written.
    """
    if form not in FORMS:
        raise RecordError("--to", form, f"one of {', '.join(FORMS)}")
    kind = FORMS[form]
    if images not in kind.images:
        raise RecordError("--images", images, f"one of {', '.join(kind.images)} for {form}")
    for package in kind.needs:
        if find_spec(package) is None:
            way_out = "it installed: pip install 'rm-data[export]'"
            raise RecordError("--to", f"{form} without the package {package}", way_out)
    splits = splits_of(files)
    name = title or splits[0].file.name.split(".")[0]
    with staged_folder(out) as folder:
        order = Order(
            splits=splits,
            out=folder,
            home=out.absolute(),
            images=images,
            title=name,
            made_by=made_by,
        )
        with Assets(folder, order.images).opened() as assets:
            write: Form = import_module(kind.module).write  # some need packages that are extras
            return write(order, assets)
