"""The watchdog: what goes wrong while a run goes on, told once, from its metrics alone.

The path of a line of metrics: `history` keeps the windows, the detectors (`signal_loss`, `drift`,
`hacking`, `forgetting`) make readings of them, `watchdog` turns readings into alarms that do not
repeat, and `attendant` writes them down, tells them and ends the run if that is wanted.
"""
