"""One reply with what it earned, in plain words."""

from __future__ import annotations

from html import escape
from math import isclose

from rm_rewards import Reward
from rm_rewards.reasons import meaning


def reply_card(title: str, text: str, reward: Reward, alpha: float | None) -> str:
    """The reply, its verdict, how the reward adds up, and what each reason means.

    Args:
        title: What the card is called.
        text: The reply.
        reward: What it earned.
        alpha: Weight of the detail reward; None where it is not known.
    """
    verdict = "right" if reward.correct else "wrong"
    understood = reward.parsed if reward.parsed is not None else f"({reward.status})"
    reasons = "".join(f"<li>{_explained(code)}</li>" for code in reward.reasons)
    told = f"<ul>{reasons}</ul>" if reasons else "<p>Nothing to object to.</p>"
    return (
        f'<div class="reply {verdict}"><h4>{escape(title)}: {verdict}</h4>'
        f"<pre>{escape(text) or '(empty)'}</pre>"
        f"<p>{escape(sum_in_words(reward, alpha))}</p>"
        f"<p>Understood as <code>{escape(understood)}</code>.</p>{told}</div>"
    )


def sum_in_words(reward: Reward, alpha: float | None) -> str:
    """How the components make the total.

    Where they do not add up to it, as under a method with components of its own, they are listed.
    """
    parts = f"format {reward.format:.3g}, correctness {reward.correctness:.3g}, detail "
    listed = f"Reward {reward.total:.3g}. Parts: {parts}{reward.detail:.3g}"
    if alpha is None:
        return f"{listed}; difficulty weight {reward.weight:.3g}."
    plain = reward.format + reward.correctness + alpha * reward.detail
    formula = (
        f"format {reward.format:.3g} + correctness {reward.correctness:.3g} + "
        f"{alpha:.3g} x detail {reward.detail:.3g}"
    )
    if isclose(plain, reward.total, rel_tol=1e-4, abs_tol=1e-4):
        weight = f"Difficulty weight of the question: {reward.weight:.3g}."
        return f"Reward {reward.total:.3g} = {formula}. {weight}"
    if isclose(plain * reward.weight, reward.total, rel_tol=1e-4, abs_tol=1e-4):
        return f"Reward {reward.total:.3g} = ({formula}) x difficulty weight {reward.weight:.3g}."
    return f"{listed}; difficulty weight {reward.weight:.3g}."


def _explained(code: str) -> str:
    words = meaning(code)
    leg = code.partition(":")[0]
    where = f"leg {leg.removeprefix('leg')}: " if leg.startswith("leg") and leg != code else ""
    return f"{escape(where + words)} <small>{escape(code)}</small>" if words else escape(code)
