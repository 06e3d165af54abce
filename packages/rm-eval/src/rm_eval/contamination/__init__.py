"""Does a test set hold what a training set has shown?"""

from rm_eval.contamination.check import Contamination, Leak, check_contamination
from rm_eval.contamination.picture_hash import hamming, perceptual_hash
from rm_eval.contamination.texts import TextIndex, words_of

__all__ = [
    "Contamination",
    "Leak",
    "TextIndex",
    "check_contamination",
    "hamming",
    "perceptual_hash",
    "words_of",
]
