"""Names of stations and lines, brought to a key under which two spellings of one name are equal.

Both keys are idempotent: the key of a key is that key. That is what the published normaliser is
not (it turns `UNION STATION` into `unionstation`, and that into `union`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rm_rewards.network import plain_name

_ACCENT: Final = re.compile("[\u0300-\u036f]")
_REMARK: Final = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]\s*$")
_ANY_REMARK: Final = re.compile(r"[(（][^()（）]*[)）]")
_SENTENCE_END: Final = re.compile(r"[.!?;]\s|[。；！？]")
_STATION_OF: Final = ("metro", "subway", "mrt", "地铁")
_LINE_BEFORE: Final = ("line", "metroline", "subwayline", "mrtline", "地铁")
_LINE_OF: Final = ("metro", "subway")
_MOST_WIDENED: Final = 64
"""Hangul becomes three times as long for a while; a single character may become 18."""


def _squashed(text: str) -> str:
    """Letters, digits and marks only: no case, accents, white space or punctuation."""
    folded = text.replace("&", " and ").casefold()
    if folded.isascii():
        return "".join(filter(str.isalnum, folded))
    decomposed = unicodedata.normalize("NFKD", folded)[: 4 * len(folded) + _MOST_WIDENED]
    bare = unicodedata.normalize("NFC", _ACCENT.sub("", decomposed))
    return "".join([c for c in bare if c.isalnum() or unicodedata.category(c)[0] == "M"])


def _settled(text: str) -> str:
    """Squashed until nothing changes any more, which makes the result idempotent."""
    key = _squashed(text)
    while key != key.casefold() or not unicodedata.is_normalized("NFKC", key):
        key = _squashed(key)
    return key


def _before(key: str, words: tuple[str, ...], end: int) -> int:
    """How much of the key, up to `end`, stands before the one of those words that it ends with."""
    if not key.endswith(words, 0, end):
        return 0
    return next(end - len(word) for word in words if key.endswith(word, 0, end))


def _without_station(key: str) -> str:
    """The key without each "station" or 站 at its end, and what sort of station it is."""
    end, before = len(key), 0
    while end != before:
        before = end
        while end > 1 and key[end - 1] == "站":
            end -= 1
        end = _before(key, ("station",), end) or end
        if end != before:
            end = _before(key, _STATION_OF, end) or end
    return key[:end]


def _without_line(key: str) -> str:
    """The key without one article, one word for a line before the name and one after it."""
    rest = key[3:]
    if key.startswith("the") and len(rest) > len("line"):
        key = rest if rest.startswith("line") or rest.endswith("line") else key
    for start in _LINE_BEFORE:
        if key.startswith(start) and len(key) > len(start):
            key = key[len(start) :]
            break
    if key.endswith(("线", "線")):
        return key if key[-2:-1] in ("", "号", "號") else key[:-1]
    end = _before(key, ("line",), len(key))
    return key[: _before(key, _LINE_OF, end) or end] if end else key


@lru_cache(maxsize=16384)
def station_key(name: str) -> str:
    """The key of a station's name; empty for a name without a letter or a digit.

    Case, accents, white space, punctuation, the remarks of the published lists and a closing
    "Station" or "站" do not count.

    Example:
        >>> station_key("UNION STATION"), station_key("Union Station Station")
        ('union', 'union')
        >>> station_key("苹果园站（换乘站）")
        '苹果园'
    """
    return _without_station(_settled(plain_name(name)))


@lru_cache(maxsize=4096)
def line_key(name: str) -> str:
    """The key of a line's name: `Line 1`, `line1` and `1` are one, `Red Line` is `red`.

    A translation is another name: `1号线` is `Line 1` only where the network says so, by an alias.
    """
    key = _settled(name)
    while (bare := _without_line(key)) != key:
        key = bare
    return key


def without_remarks(name: str) -> str:
    """The name without anything in round brackets."""
    return _ANY_REMARK.sub("", name)


def spellings(written: str) -> Iterator[str]:
    """What a reply may have meant by a name, the whole of it first.

    Then without a bracketed remark at its end (`Brickell (Interchange)`), then its first sentence
    (`Brickell. Have a good trip!`).
    """
    yield written
    bare = _REMARK.sub("", written)
    if bare != written:
        yield bare
    first = _SENTENCE_END.split(written, maxsplit=1)[0]
    if first != written:
        yield first
        yield _REMARK.sub("", first)
