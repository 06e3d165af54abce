"""Looking again without the evidence (Vad-R1): was the route read from the map?

Source: arXiv 2505.19877, algorithms 1 and 2: the span of a video that an answer names is cut out,
and the model is asked again; an answer that changes was based on it.

On a map the evidence is the line that a planned route begins with. A reply that plans a route is
asked again about the map without that line (`rm_data.line_eraser`), and earns
(`rm_rewards.methods.vad_r1.removal_check`)

    +0.5  if it was right, and the second route does without the line
    -0.2  if the second route rides the line that is not there
       0  else

A wrong route earns nothing by changing: the published check, which needs no label, pays false
alarms as well. The second reply is the likeliest one, not a sampled one (our choice: the verdict is
then no matter of chance). It costs a second generation for the replies that are asked again.
"""

from rm_train.methods.vad_r1.method import VadR1

__all__ = ["VadR1"]
