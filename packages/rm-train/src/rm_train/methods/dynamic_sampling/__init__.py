"""Dynamic sampling (DAPO): groups that teach nothing are replaced by groups that teach something.

Source: arXiv 2503.14476, section 3.2. Replies that all earned the same have the advantage 0, and
late in a run most groups are such: the batch that is learned from shrinks. DAPO goes on sampling
until the batch is full of groups with a difference in them.

Here: other questions of the same stage are asked in the place of dead groups, for a few rounds;
what is dead then stays. Which questions is a function of seed, step and round, so that a run that
is resumed asks the same. A dead group is one whose rewards are all equal, whatever made them so;
DAPO's condition, 0 < number of right replies < group, is the same for rewards of 0 and 1.

The step's other metrics (reward, accuracy, dead_groups, lengths) are those of the questions of the
plan, before anything is replaced: those of questions chosen for their live groups would be biased.
"""

from rm_train.methods.dynamic_sampling.method import DynamicSampling

__all__ = ["DynamicSampling"]
