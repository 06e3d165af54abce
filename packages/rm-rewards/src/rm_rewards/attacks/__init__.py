"""Replies that try to earn a reward without deserving it, and how far they come."""
