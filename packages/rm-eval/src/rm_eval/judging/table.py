"""The report of a judge as a page to read."""

from __future__ import annotations

from collections.abc import Iterator

from rm_eval.judging.accounting import Agreement, Decided, JudgeReport
from rm_eval.judging.prompt import PROMPT_SHA256, PROMPT_VERSION
from rm_eval.judging.verdicts import Spent

_SHOWN = 20  # disagreements; judge.json has more


def judge_markdown(run: str, judge: str, report: JudgeReport) -> str:
    """Who decided, what it changed and cost, and how far the judge is to be trusted."""
    told = ", ".join(f"{name} ({count} times)" for name, count in report.told.items())
    named = f"; the server calls it {told}" if told else ""
    lines = [
        f"# {run}",
        "",
        f"{report.extractor}, then {judge}{named}; wording {PROMPT_VERSION}, SHA-256 "
        f"{PROMPT_SHA256[:12]}.",
        "",
        "| benchmark | n | by rule % | by judge % | none % | without judge % | with judge % |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *map(_row, report.decided),
        "",
        *_notes(report),
    ]
    return "\n".join(lines) + "\n"


def _row(one: Decided) -> str:
    shares = " | ".join(f"{100 * count / one.n:.2f}" for count in (one.rule, one.judge, one.none))
    scores = f"{100 * one.without:.2f} | {100 * one.with_judge:.2f}"
    return f"| {one.title} | {one.n} | {shares} | {scores} |"


def _notes(report: JudgeReport) -> Iterator[str]:
    judge = sum(one.judge for one in report.decided)
    none = sum(one.none for one in report.decided)
    silent = sum(one.no_answer for one in report.decided)
    yield (
        f"- of the {judge} replies that the judge decided it says of {silent} that they give no "
        f"answer; {none} were decided by neither and are wrong"
    )
    yield f"- asked about what no rule read: {_cost(report.spent)}"
    if len(report.told) > 1:
        yield "- the server named more than one model: the verdicts are not of one judge"
    if report.agreement is None:
        yield "- how far the judge is to be trusted was not measured: pass --agree 0.05"
    else:
        yield f"- asked about what a rule did read: {_cost(report.checking)}"
        yield from _agreement(report.agreement)


def _cost(spent: Spent) -> str:
    told = [
        f"{count} {what} tokens"
        for what, count in (("prompt", spent.prompt_tokens), ("new", spent.tokens))
        if count is not None and spent.requests
    ]
    asked = f"{spent.replies} replies, {spent.requests} requests"
    return ", ".join((asked, *told, f"{spent.seconds:.1f} s of waiting, summed"))


def _agreement(found: Agreement) -> Iterator[str]:
    drawn = found.n + found.unread
    yield f"- sample of {100 * found.share:g} % with seed {found.seed}: {drawn} replies"
    if not found.n:
        yield "- nothing to compare: pass a greater share to --agree"
        return
    yield (
        f"- the judge disagrees with the rule on {found.disagreeing} of {found.n}: "
        f"{100 * found.disagreeing / found.n:.1f} % (95 % interval {100 * found.low:.1f} to "
        f"{100 * found.high:.1f}); {found.sides} of these change sides; {found.unread} more could "
        "not be read"
    )
    if found.listed:
        yield ""
        yield "| disagreement | rule | | judge | |"
        yield "|---|---|---|---|---|"
        for one in found.listed[:_SHOWN]:
            yield (
                f"| {_cell(one.id)} | {_cell(one.rule)} | {_side(one.rule_right)} | "
                f"{_cell(one.judge)} | {_side(one.judge_right)} |"
            )
        if found.disagreeing > _SHOWN:
            yield ""
            yield f"{found.disagreeing - _SHOWN} more; judge.json lists them."


def _side(right: bool) -> str:
    return "right" if right else "wrong"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:60]
