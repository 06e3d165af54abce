"""Published scores with their sources, and whether a claimed score can be what it says."""

from rm_eval.published.claims import Claim, Finding, check_claim
from rm_eval.published.definitions import DEFINITIONS, Definition, definitions_of
from rm_eval.published.scores import Published, published_scores

__all__ = [
    "DEFINITIONS",
    "Claim",
    "Definition",
    "Finding",
    "Published",
    "check_claim",
    "definitions_of",
    "published_scores",
]
