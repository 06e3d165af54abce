"""The logs that trainers write of their rollouts, read as replies with the scores they had."""
