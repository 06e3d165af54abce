"""What the machine has: free disk, memory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import torch

_GROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


def free_disk(path: Path) -> int:
    """Bytes that are free where `path` will stand."""
    existing = next(p for p in (path, *path.absolute().parents) if p.exists())
    return shutil.disk_usage(existing).free


def bytes_under(folder: Path) -> int:
    """Bytes of all files in a folder; 0 if there is none."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def memory_there(device: str) -> int:
    """Bytes that a run may use: of the GPU in use, or main memory that is free for it."""
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[1])
    found = (_available(_MEMINFO), _left_to_group(_GROUP))
    known = [size for size in found if size is not None]
    return min(known) if known else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _available(meminfo: Path) -> int | None:
    """What Linux says can be used without swapping."""
    if not meminfo.is_file():
        return None
    lines = meminfo.read_text(encoding="ascii").splitlines()
    row = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return None if row is None else int(row.split()[1]) * 1024


def _left_to_group(group: Path) -> int | None:
    """What a container's limit leaves; None where there is none."""
    limit, used = group / "memory.max", group / "memory.current"
    if not limit.is_file() or not used.is_file():
        return None
    text = limit.read_text(encoding="ascii").strip()
    return None if text == "max" else int(text) - int(used.read_text(encoding="ascii"))
