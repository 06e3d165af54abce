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
_STATION: Final = re.compile(r"(?<=.)(?:metro|subway|mrt|地铁)?(?:station|站)$")
_ARTICLE: Final = re.compile(r"^the(?=line.|.+line$)")
_LINE_BEFORE: Final = re.compile(r"^(?:(?:metro|subway|mrt)?line|地铁)(?=.)")
_LINE_AFTER: Final = re.compile(r"(?<=.)(?:metro|subway)?line$|(?<=[^号號])[线線]$")


def _squashed(text: str) -> str:
    """Letters, digits and marks only: no case, accents, white space or punctuation."""
    folded = unicodedata.normalize("NFKD", text.replace("&", " and ").casefold())
    bare = unicodedata.normalize("NFC", _ACCENT.sub("", folded))
    return "".join(c for c in bare if c.isalnum() or unicodedata.category(c)[0] == "M")


def _settled(text: str, *affixes: re.Pattern[str]) -> str:
    """Squash and strip until nothing changes any more, which makes the result idempotent."""
    while True:
        key = _squashed(text)
        for affix in affixes:
            key = affix.sub("", key)
        if key == text:
            return key
        text = key


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
    return _settled(plain_name(name), _STATION)


@lru_cache(maxsize=4096)
def line_key(name: str) -> str:
    """The key of a line's name: `Line 1`, `line1` and `1` are one, `Red Line` is `red`.

    A translation is another name: `1号线` is `Line 1` only where the network says so, by an alias.
    """
    return _settled(name, _ARTICLE, _LINE_BEFORE, _LINE_AFTER)


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
