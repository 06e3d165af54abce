"""One self-contained page about runs: curves, replies with their rewards, alarms, differences."""
