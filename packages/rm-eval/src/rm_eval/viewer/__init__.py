"""A finished run, or two side by side, as one page to look at in a browser."""

from rm_eval.viewer.page import write_viewer

__all__ = ["write_viewer"]
