"""The command line of rm-data."""

from __future__ import annotations

from rm_data.commands.distil import distil
from rm_data.commands.export import export
from rm_data.commands.import_ import import_
from rm_data.commands.leaks import leaks
from rm_data.commands.legibility import legibility
from rm_data.commands.maps import maps
from rm_data.commands.published import published
from rm_data.commands.questions import questions
from rm_data.commands.render import render
from rm_data.commands.sheet import sheet
from rm_data.commands.show import show
from rm_data.commands.stats import stats
from rm_data.commands.validate import validate
from rm_data.commands.views import views
from rm_rewards.command_line import program

app = program(
    "rm-data",
    "Transit maps, real and synthetic, to pictures and questions with exact truth.",
    interrupted="nothing was left half-written",
)
app.command("maps")(maps)
app.command("import")(import_)
app.command("questions")(questions)
app.command("validate")(validate)
app.command("views")(views)
app.command("stats")(stats)
app.command("show")(show)
app.command("export")(export)
app.command("render")(render)
app.command("sheet")(sheet)
app.command("legibility")(legibility)
app.command("published")(published)
app.command("leaks")(leaks)
app.command("distil")(distil)
