"""The commands of `rm-rewards`, each in a module of its own, registered in `rm_rewards.cli`."""
