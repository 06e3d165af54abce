"""Distances between segments, many pairs at a time."""

from __future__ import annotations

import numpy as np

from rm_data.picture.overlap import Floats


def apart(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """From the segment a[i]-b[i] to c[i]-d[i]; 0 where they cross. All arguments are (n, 2)."""
    nearest = np.minimum.reduce(
        [_to(a, c, d), _to(b, c, d), _to(c, a, b), _to(d, a, b)], initial=np.inf
    )
    across = _side(a, b, c) * _side(a, b, d) < 0
    across &= _side(c, d, a) * _side(c, d, b) < 0
    return np.where(across, 0.0, nearest)


def _to(point: Floats, a: Floats, b: Floats) -> Floats:
    """From the point to the segment a-b, which may be a point itself."""
    along, away = b - a, point - a
    square = along[:, 0] * along[:, 0] + along[:, 1] * along[:, 1]
    dot = away[:, 0] * along[:, 0] + away[:, 1] * along[:, 1]
    t = np.clip(dot / np.where(square > 0, square, 1.0), 0.0, 1.0)
    x, y = away[:, 0] - t * along[:, 0], away[:, 1] - t * along[:, 1]
    return np.sqrt(x * x + y * y)


def _side(a: Floats, b: Floats, point: Floats) -> Floats:
    return (b[:, 0] - a[:, 0]) * (point[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (
        point[:, 0] - a[:, 0]
    )
