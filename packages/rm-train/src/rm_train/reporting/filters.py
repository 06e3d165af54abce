"""Choices above a list of samples: by type, by verdict, by run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape


def filters(list_id: str, choices: Mapping[str, Sequence[str]]) -> str:
    """The choices; the page's script shows of the list what suits all of them.

    Args:
        list_id: The id of the list, whose elements carry the values as `data-NAME`.
        choices: Name -> values; a name with one value is left out.
    """
    made: list[str] = []
    for name, values in choices.items():
        if len(values) < 2:
            continue
        options = "".join(f'<option value="{escape(v)}">{escape(v)}</option>' for v in values)
        made.append(
            f'<label>{escape(name)} <select name="{escape(name)}"><option value="">all</option>'
            f"{options}</select></label>"
        )
    if not made:
        return ""
    return f'<form class="filters" data-list="{list_id}">{"".join(made)}<output></output></form>'


def marked(values: Mapping[str, str]) -> str:
    """The values as attributes of an element of the list."""
    return " ".join(f'data-{name}="{escape(value)}"' for name, value in values.items())
