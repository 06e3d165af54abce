"""Paired views (SVQA-R1): a question and its twin are asked side by side, and should agree.

Source: arXiv 2506.01371, of which only the abstract tells: mirrored pairs of questions, and one
policy optimisation over both views. What the constants are is our reconstruction
(`rm_rewards.methods.svqa_r1`):

    reward of a right reply + lam * c       c: the share of pairs (i, i) of replies that agree
    advantages over the 2 G replies to both views together

The bonus goes to right replies only: otherwise being consistently wrong would pay. Without other
settings the twin of a question is the way back, origin and destination exchanged, which needs no
other picture: the same answer, or the route reversed. `pairs=FILE` takes the views that `rm-data
views` made: the map mirrored, turned, or with lines that exchange names. A question without a twin
(the number of lines of a map has no way back) stands beside itself and earns no bonus.
"""

from rm_train.methods.svqa_r1.method import SvqaR1

__all__ = ["SvqaR1"]
