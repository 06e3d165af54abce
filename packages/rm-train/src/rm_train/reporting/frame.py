"""The frame of the page: its looks, and the script that filters lists. Nothing from elsewhere.

A browser runs this one script and no other, by its hash in the page's own policy; so a reply that
tries to be a script stays text even if it were not escaped.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2530; background: #fff;
  max-width: 1160px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.45rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; border-bottom: 1px solid #dde3ea; }
h3 { font-size: 1rem; margin: .8rem 0 .4rem; } h4 { font-size: .85rem; margin: .4rem 0 .2rem; }
p { margin: .3rem 0; } small, .legend small { color: #5b6673; font-weight: normal; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; }
td, th { border-bottom: 1px solid #e6eaef; padding: .25rem .7rem .25rem 0; text-align: left;
  vertical-align: top; }
td { overflow-wrap: break-word; max-width: 34rem; }
tr.error td:nth-last-child(-n+3) { color: #a3270f; } .alarms td:last-child { min-width: 16rem; }
pre, code { font-family: ui-monospace, monospace; font-size: .83rem; background: #f4f6f9; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem .7rem; border-radius: 4px;
  margin: 0 0 .4rem; max-height: 24rem; overflow-y: auto; }
code { padding: 0 .25rem; overflow-wrap: anywhere; white-space: pre-wrap; }
summary { cursor: pointer; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0;
  margin: .4rem 0; font-size: .88rem; }
.legend b { display: inline-block; width: .9em; height: .9em; margin-right: .35em;
  vertical-align: -.1em; border-radius: 2px; }
.stages b { border: 1px solid #c9d1da; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(320px, 100%), 1fr));
  gap: .8rem 1.2rem; }
.chart { margin: 0; } .chart svg { width: 100%; height: auto; display: block; }
.chart figcaption { font-size: .85rem; font-weight: 600; }
.ends { font-weight: normal; float: right; } .ends span { margin-left: .6em; }
.chart text { font: 10px system-ui, sans-serif; fill: #5b6673; }
.chart .border { stroke-width: 1; stroke-dasharray: 4 3; opacity: .6; }
.chart .grid { stroke: #c9d1da; stroke-width: .6; stroke-dasharray: 2 3; }
.filters { display: flex; flex-wrap: wrap; gap: .4rem 1rem; margin: .5rem 0; font-size: .9rem; }
select { font: inherit; max-width: 16rem; }
.sample { border: 1px solid #dde3ea; border-radius: 6px; padding: .6rem 1rem 1rem;
  margin: .8rem 0; }
.sample h3 { margin-top: 0; overflow-wrap: anywhere; }
.columns, .replies { display: flex; gap: 1rem; flex-wrap: wrap; }
.columns > div, .reply { flex: 1; min-width: min(280px, 100%); }
.columns > img { align-self: flex-start; max-width: 100%; height: auto; }
.replies { margin-top: .7rem; }
.reply { border-left: 4px solid; padding-left: .8rem; font-size: .9rem; }
.reply.right { border-color: #2e8b57; } .reply.wrong { border-color: #c0563a; }
.reply ul { margin: .3rem 0; padding-left: 1.2rem; }
[hidden] { display: none; }
"""

SCRIPT: Final = """
const asked = new URLSearchParams(location.hash.slice(1));
for (const form of document.querySelectorAll("form.filters")) {
  const all = [...document.getElementById(form.dataset.list).children];
  const choices = [...form.querySelectorAll("select")];
  const show = () => {
    const fits = (one) => choices.every((c) => !c.value || one.dataset[c.name] === c.value);
    for (const one of all) one.hidden = !fits(one);
    const left = all.filter((one) => !one.hidden).length;
    form.querySelector("output").textContent = left + " of " + all.length + " shown";
  };
  for (const choice of choices) {
    const wanted = asked.get(choice.name);
    if ([...choice.options].some((one) => one.value === wanted)) choice.value = wanted;
  }
  form.addEventListener("change", show);
  show();
}
"""
"""A page can be opened with choices made: `report.html#type=planning&verdict=wrong`."""


def framed(title: str, body: str) -> str:
    """The whole page.

    Args:
        title: As plain text.
        body: HTML, in which everything that came from a run is escaped.
    """
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode("ascii")
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    policy += f"script-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
