"""The model card: what was trained on what, how good it is where measured, what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from rm_train.measured import Measured, read_measured, share, types_in
from rm_train.reporting.recorded import Recorded

_TAGS: Final = ["grpo", "reasonmap", "rewardmap", "rm-train", "transit-maps"]
_PRIVATE: Final = frozenset({"out", "resume", "questions", "eval_questions", "networks", "maps"})
"""Settings that say where things lie on the machine of the training, not how it trained."""


def model_card(run: Recorded, base: str, *, adapter: bool) -> str:
    """The card as Markdown with its YAML head.

    Args:
        run: What was trained.
        base: Folder or hub name of the model it started from.
        adapter: Whether the folder holds an adapter alone.
    """
    measured = list(_measured(run))
    parts = [
        _head(base, adapter=adapter),
        *_what(run, base, adapter=adapter),
        *_use(adapter=adapter),
        *_accuracy(measured),
        *_curves(run),
        *_data(run),
        *_settings(run),
        *_limits(run, measured),
    ]
    return "\n".join(parts)


def is_hub_name(base: str) -> bool:
    """Whether others can find the base by that name."""
    return base.count("/") == 1 and not base.startswith((".", "/", "~")) and not Path(base).exists()


def public_settings(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings without paths of the machine: of a path the name of the file."""
    found: dict[str, object] = {}
    for name, value in settings.items():
        last = name.rpartition(".")[2]
        if last not in _PRIVATE | {"replies"} and not (name == "model" and _is_path(value)):
            found[name] = value
        elif value is not None and last not in {"out", "resume"}:
            found[name] = Path(str(value)).name
    return found


def _is_path(value: object) -> bool:
    return isinstance(value, str) and "/" in value and not is_hub_name(value)


def _head(base: str, *, adapter: bool) -> str:
    head: dict[str, Any] = {
        "library_name": "peft" if adapter else "transformers",
        "pipeline_tag": "image-text-to-text",
        "tags": _TAGS,
    }
    if is_hub_name(base):
        head = {"base_model": base, **head}
    return f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n"


def _what(run: Recorded, base: str, *, adapter: bool) -> Iterator[str]:
    named = base if is_hub_name(base) else f"`{Path(base).name}` (a local model)"
    kind = "A LoRA adapter for" if adapter else "A fine-tuned version of"
    steps, warm = len(run.metrics), len(run.warmup)
    how = f"{warm} steps of supervised learning" if warm else ""
    if steps:
        rl = f"{steps} steps of reinforcement learning (`{run.settings.get('method')}`)"
        how = f"{how}, then {rl}" if how else rl
    yield f"# {run.name}\n"
    yield f"{kind} {named}, trained with rm-train to answer questions about transit maps: {how}."
    version = next((line.get("reward_version") for line in run.samples), None)
    if version:
        yield f"\nReward: `{version}`."


def _use(*, adapter: bool) -> Iterator[str]:
    yield "\n## Use\n\n```python\nfrom rm_eval import load_policy\n"
    yield 'policy = load_policy("<this folder or repository, downloaded>")\n```\n'
    if adapter:
        yield "The adapter is merged when it is loaded; `rm-train merge` writes the merged model."


def _measured(run: Recorded) -> Iterator[Measured]:
    for name in ("before", "after"):
        folder = run.directory.path / "eval" / name
        if (folder / "rewards.jsonl").is_file():
            yield read_measured(name, folder)


def _accuracy(measured: Sequence[Measured]) -> Iterator[str]:
    yield "\n## Accuracy on held-out questions\n"
    if not measured:
        yield "Not measured."
        return
    yield "Greedy replies, share of right ones, in brackets Wilson's 95 % interval.\n"
    names = [one.name for one in measured]
    yield f"| type | questions | {' | '.join(names)} |\n|---|---|{'---|' * len(names)}"
    kinds: list[str | None] = [*types_in(measured), None]
    for kind in kinds:
        shares = [share(one, kind) for one in measured]
        cells = [f"{s.accuracy:.3f} [{s.interval[0]:.3f}, {s.interval[1]:.3f}]" for s in shares]
        yield f"| {kind or 'all'} | {shares[0].n} | {' | '.join(cells)} |"


def _curves(run: Recorded) -> Iterator[str]:
    if run.directory.curves.is_file():
        yield "\n## Training\n\n![reward and accuracy by step](training/curves.png)\n"
        yield "Each step's numbers stand in `training/metrics.jsonl`."


def _data(run: Recorded) -> Iterator[str]:
    yield "\n## Data\n"
    prints = {n: v for n, v in run.versions.items() if n.startswith("fingerprints.")}
    asked = run.settings.get("questions")
    made = "maps and questions that the run drew itself" if not asked else Path(str(asked)).name
    yield f"Trained on: {made}. Fingerprints (SHA-256 of what was read):\n"
    for name, value in prints.items():
        shown = Path(str(value)).name if _is_path(value) else value
        yield f"- {name.removeprefix('fingerprints.')}: `{shown}`"


def _settings(run: Recorded) -> Iterator[str]:
    shown = yaml.safe_dump(public_settings(run.settings), sort_keys=False, allow_unicode=True)
    yield f"\n## Settings\n\n```yaml\n{shown}```\n"
    packages = ", ".join(
        f"{name.removeprefix('packages.')} {value}"
        for name, value in run.versions.items()
        if name.startswith("packages.")
    )
    yield f"Packages: {packages}. Python {run.versions.get('python')}."


def _limits(run: Recorded, measured: Sequence[Measured]) -> Iterator[str]:
    yield "\n## Limits\n"
    yield f"- One run with one seed ({run.settings.get('seed')}); another seed gives other numbers."
    if measured:
        yield (
            f"- Measured on {len(measured[0].questions)} held-out questions of the kinds above, "
            "and on nothing else: other maps, languages and tasks are unknown."
        )
    else:
        yield "- Nothing was measured on held-out questions, so how good it is is not known."
    if run.alarms:
        codes = ", ".join(sorted({str(line.get("code")) for line in run.alarms}))
        yield f"- The watchdog raised {len(run.alarms)} alarms in training: {codes}."
    yield "- A route it gives can be wrong and read well. Do not travel by it unchecked."
    yield "- The licence and the limits of the base model and of the maps hold for this one too."
