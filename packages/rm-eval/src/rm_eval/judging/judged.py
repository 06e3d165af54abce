"""An extractor with a judge behind it: what no rule read is read by the judge's verdicts."""

from __future__ import annotations

from rm_eval.errors import EvalError
from rm_eval.extractors import Extractor
from rm_eval.extractors.extraction import UNREAD, Extraction, Protocol
from rm_eval.item import Item
from rm_eval.judging.labels import NO_ANSWER
from rm_eval.judging.verdicts import Verdicts


def judged(extractor: Extractor, verdicts: Verdicts, judge: str) -> Extractor:
    """The lineage `EXTRACTOR+judge`.

    A reply that no rule reads gets the judge's verdict. If the judge says that the reply gives no
    answer, its value is empty, and so wrong; if the judge itself cannot be read, the reply stays
    unread. Nothing is guessed.

    Args:
        extractor: Whose rules read first.
        verdicts: They must hold every reply that the rules do not read.
        judge: The name of the model.
    """
    tasks = {
        name: _with_judge(protocol, extractor.name, verdicts)
        for name, protocol in extractor.tasks.items()
    }
    follows = f"{extractor.follows}, then {judge}"
    return Extractor(f"{extractor.name}+judge", follows, tasks)


def _with_judge(protocol: Protocol, extractor: str, verdicts: Verdicts) -> Protocol:
    def read(item: Item, reply: str) -> Extraction:
        found = protocol.read(item, reply)
        if found.rule not in UNREAD:
            return found
        if not verdicts.decided(item.id, reply):
            raise EvalError(
                f"the reply to {item.id!r} is unread by {extractor} and was not judged; "
                f"run rm-eval judge --extractor {extractor} to the end"
            )
        verdict = verdicts.verdict(item.id, reply)
        if verdict is None:
            return found
        return Extraction("" if verdict == NO_ANSWER else verdict, "judge")

    def right(item: Item, value: str) -> bool:
        # A judge names the letter also where the extractor compares texts of options.
        return bool(value) and (value == item.answer or protocol.right(item, value))

    return Protocol(read, right)
