"""Transit maps, real and synthetic, to pictures and questions with exact truth."""

from rm_data.questions import ask
from rm_data.routes import min_transfers, routes
from rm_data.sheet import Shortfall

__all__ = ["Shortfall", "ask", "min_transfers", "routes"]
