"""Synthetic cities: networks that grow on a grid, names for them, and the looks of their maps."""
