r"""Step rewards from the map (GroundedPRM): each leg of a route is credited on its own tokens.

Source: arXiv 2510.14942 grades the steps of a reasoning by a tool: v = +1 or -1 a step, F for the
end, u = 1/N sum_i v_i (N - i)/N + F/N for a rollout, backed up the tree by 0.9 a level. The tool
here is the network's own graph (`rm_rewards.methods.grounded_prm`): leg i is right if it can be
ridden and goes on from where the leg before it ended.

What follows is our construction, not the paper's, which trains a reward model on the steps and no
policy. The comparison is that of GRPO with process supervision (arXiv 2402.03300, section 4.1.3):
the verdicts of all legs of a group are compared with each other, as the run compares rewards.

    s_ri = v_ri - mean of v over all legs of the group        (and / std, as the run's setting says)
    c_ri = s_ri                      credit=step, the default: a leg answers for itself
    c_ri = sum_{j >= i} 0.9^(j - i) s_rj     credit=return: and for the legs that it leads to
    A_rt = A_r + share * w * c_ri    for the tokens t of leg i;  A_r for all others

A_r is the advantage of the outcome, w the difficulty weight where the run has one. F plays no part
in c: it is in A_r already. The c of a group (credit=step) add up to 0, so that legs are traded
against legs and the length of a route is neither paid for nor fined.
"""

from rm_train.methods.grounded_prm.method import GroundedPrm

__all__ = ["GroundedPrm"]
