r"""Find every `\boxed{...}` of a reply, in one pass, with its braces balanced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# A lost backslash leaves "boxed{", and one taken for an escape leaves a backspace and "oxed{".
_TOKEN: Final = re.compile(r"(?P<open>(?:\\b|\x08|b)?oxed\s*\{)|[{}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    r"""What one box holds; `whole` if it is written `\boxed{` and closed."""

    content: str
    whole: bool


def boxes(text: str) -> list[Box]:
    r"""The outermost boxes in order; a box that is never closed reaches to the end of the text.

    Example:
        >>> boxes(r"so \boxed{\text{Yes}}")[0].content
        '\\text{Yes}'
    """
    found: list[Box] = []
    depth, start, slashed = 0, 0, False
    for token in _TOKEN.finditer(text, max(0, text.find("oxed") - 2)) if "oxed" in text else ():
        if depth == 0:
            if token["open"]:
                depth, start, slashed = 1, token.end(), token[0].startswith("\\")
        elif token[0] == "}":
            depth -= 1
            if depth == 0:
                found.append(Box(content=text[start : token.start()], whole=slashed))
        else:
            depth += 1
    if depth:
        found.append(Box(content=text[start:], whole=False))
    return found
