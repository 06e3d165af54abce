"""Which questions stand or fall together."""

from __future__ import annotations

from rm_rewards import Question


def cluster_of(question: Question) -> str:
    """The map a question is about: its country and city, else its picture, else itself."""
    if question.city:
        return f"{question.country}/{question.city}"
    return question.figure or question.id
