"""A finished run, or two side by side, as one page to look at in a browser."""

from rm_eval.viewer.page import Written, write_viewer
from rm_eval.viewer.pictures import Size

__all__ = ["Size", "Written", "write_viewer"]
