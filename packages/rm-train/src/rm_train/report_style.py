"""The frame of the report's page: no script, nothing from elsewhere."""

from __future__ import annotations

from typing import Final

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>rm-train: {title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1c2530; background: #fff;
  max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.2rem; margin-top: 2.2rem; }}
h3 {{ font-size: 1rem; margin: 0 0 .6rem; }} h4 {{ font-size: .85rem; margin: .4rem 0 .2rem; }}
small {{ color: #5b6673; font-weight: normal; }}
table {{ border-collapse: collapse; }}
td, th {{ border-bottom: 1px solid #dde3ea; padding: .25rem .7rem; text-align: left;
  vertical-align: top; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f6f9; padding: .5rem .7rem;
  border-radius: 4px; margin: 0; font-size: .85rem; }}
details pre {{ margin-top: .5rem; }}
img.curves {{ width: 100%; }}
.sample {{ border: 1px solid #dde3ea; border-radius: 6px; padding: 1rem; margin: 1rem 0; }}
.columns {{ display: flex; gap: 1rem; flex-wrap: wrap; }}
.columns > div {{ flex: 1; min-width: 280px; }} .columns > img {{ align-self: flex-start; }}
.replies {{ display: flex; gap: 1rem; flex-wrap: wrap; margin-top: .8rem; }}
.reply {{ flex: 1; min-width: 280px; border-left: 4px solid; padding-left: .8rem; }}
.reply.right {{ border-color: #2e8b57; }} .reply.wrong {{ border-color: #c0563a; }}
.reply table {{ margin-top: .4rem; font-size: .85rem; width: 100%; }}
.reply td:first-child {{ width: 9em; color: #5b6673; }}
</style>
</head>
<body>
<h1>rm-train: {title}</h1>
{body}
</body>
</html>
"""
"""To be filled with `title` and `body`, both escaped by who fills it."""
