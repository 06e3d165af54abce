"""A page in a real browser, without a network."""

from __future__ import annotations

import base64
import hashlib
import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

EVIL = (
    "</script></table><script>document.title='evil'</script>"
    "<img src=x onerror=\"document.title='evil'\"><svg onload=\"document.title='evil'\">"
)
"""What turns the page's title into `evil` wherever it is not shown as text."""


def in_browser(page: Path, profile: Path, script: str) -> str:
    """What the script leaves as the page's title, after it ran in a real browser."""
    assert CHROMIUM is not None
    script = f"{{{script}}}"  # a scope of its own: the page has names of its own
    # The page lets no script run but its own: the probe is let in by its hash.
    known = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = page.read_text("utf-8").replace("script-src ", f"script-src 'sha256-{known}' ", 1)
    probe = page.with_name("probe.html")
    probe.write_text(text + f"<script>{script}</script>", "utf-8")
    flags = [
        "--virtual-time-budget=2000",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--dump-dom",
    ]
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    called = [CHROMIUM, *flags, *quiet, f"--user-data-dir={profile}", probe.as_uri()]
    done = subprocess.run(called, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1))
