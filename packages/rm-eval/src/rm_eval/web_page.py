"""Pages of one file: a template whose own script and styles alone may act, and text put into it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape
from importlib.resources import files
from typing import Final

_INLINE: Final = {
    "script-src": re.compile(r"<script>(.*?)</script>", re.DOTALL),
    "style-src": re.compile(r"<style>(.*?)</style>", re.DOTALL),
}


def template(package: str, name: str) -> str:
    """The template of a package, with the policy that a browser holds the page to.

    Nothing is loaded from anywhere, pictures stand in the page, and of scripts and styles only
    those of the template run, which the browser knows by their SHA-256: whatever a model wrote
    cannot act even if it were not escaped.
    """
    text = files(package).joinpath(name).read_text("utf-8")
    parts = ["default-src 'none'", "img-src data: blob:", "base-uri 'none'", "form-action 'none'"]
    for directive, pattern in _INLINE.items():
        sums = [hashlib.sha256(one.encode()).digest() for one in pattern.findall(text)]
        allowed = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in sums)
        parts.append(f"{directive} {allowed}")
    return text.replace("@POLICY@", "; ".join(parts))


def element(tag: str, *inner: str, **attributes: str | bool | None) -> str:
    """An element around HTML; the values of attributes are escaped, False and None left out.

    `class_` is written `class`, `data_value` as `data-value`.

    Example:
        >>> element("td", shown("a < b"), class_="name", hidden=True)
        '<td class="name" hidden>a &lt; b</td>'
    """
    told = ""
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        key = name.rstrip("_").replace("_", "-")
        told += f" {key}" if value is True else f' {key}="{escape(value)}"'
    return f"<{tag}{told}>{''.join(inner)}</{tag}>"


def shown(text: str) -> str:
    """A text as HTML that shows it and nothing else, without NUL, which no page may hold."""
    return escape(text.replace("\0", "�"))


def data(value: object) -> str:
    """JSON that can stand in a script element: nothing in it ends the element or opens a tag."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
