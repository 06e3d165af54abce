from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "exports.md"


def test_the_blocks_of_the_page_about_exports_run_one_after_the_other(tmp_path: Path) -> None:
    blocks = re.findall(r"```(sh|python)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert [kind for kind, _ in blocks] == ["sh", "python", "sh", "python"]
    here = {"HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    told: list[str] = []
    for kind, text in blocks:
        called = [sys.executable, "-c", text] if kind == "python" else ["sh", "-ec", text]
        done = subprocess.run(
            called,
            cwd=tmp_path,
            env={**os.environ, **here, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert "boxed" in told[1]
    assert told[3].rstrip().endswith("]]")
