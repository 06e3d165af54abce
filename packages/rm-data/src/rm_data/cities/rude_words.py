"""Names that must not come up by chance when words are put together."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Final

_UNDER_ROT13: Final = """
    nany nahf nefpu nefr nffubyr onfgneq ovngpu ovgpu obyybpx obzo obare obbo ohttre
    ohyyfuvg ohgg pnoeba puvax pyvg pbpnva pbpx pbwbar pbba penc phyb phz phag qrnq qrivy
    qvpx qvyqb qeht qlxr rwnphy rebgvp snt snaqra sneg svpn svpxra svggn svggr sbgmr sbhger
    shpx shuere trfgncb turggb tbbx tlcfl uryy uryirgr urebva uvgyre ubzb ubeal uher vaprfg
    vfvf wnc wvunq wvmm xnpxr xvxr xvyy xxx xahyy xhx xlecn yrfo zreqr zvreqn zbatb zheqre
    zhfpuv anmv artre arte avtt avccyr ahqr ahggr bcvhz betnf betvr cnxv crqb cravf cvxx
    cvzzry cvff cbea chffl chgn chgnva chgr dhrre encr encvfg ervpu ergneq evzwbo ehzcr
    fnybcr fngna fpurvff fpuynzcr fpujhpugry fpujhy frvaf frk fuvg fynir fyhg fzhg fbqbz
    fcnfg fcrez fcvp fhpx fhvpvq gneq greebe grgn gvgf gvggr gvggl genaal gheq gjng intva
    ivby jnax jrgonpx juber jvpuf jbt kkk mbeen
"""
"""Under ROT13, so that nobody who searches or skims the code meets these words."""
_CHINESE: Final = [
    "屎",
    "尿",
    "屁",
    "奸",
    "娼",
    "妓",
    "嫖",
    "淫",
    "裸",
    "鸡巴",
    "傻",
    "他妈",
    "杀",
    "死",
    "毒",
    "鬼",
    "尸",
    "日本鬼",
    "支那",
    "共匪",
    "法轮",
]


def _read(text: str) -> frozenset[str]:
    return frozenset(codecs.decode(text, "rot13").split())


_LATIN: Final = _read(_UNDER_ROT13)


def letters(name: str) -> str:
    """The letters and digits of a name, without case, accents, blanks and punctuation."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in folded if char.isalnum())


def is_rude(name: str) -> bool:
    """Whether a rude word stands anywhere in the name, across its words too.

    Harmless words around one (`Scunthorpe`) count as rude: there are names enough without them.
    """
    key = letters(name)
    return any(word in key for word in _LATIN) or any(word in name for word in _CHINESE)
