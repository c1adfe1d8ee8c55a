"""A straight line through what was measured. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """`per_hundred` reposts, and its standard error."""

    per_hundred: float
    error: float


def slope(points: Sequence[tuple[float, float]], *, block: int = 50, after: int = 100) -> Slope:
    """Of (reposts done, value). The first `after` reposts warm everything up and do not count.

    Neighbouring values hang together (a browser grows until it is replaced), which a fit to all of
    them would take for certainty: it is made to the median of each `block` of reposts.
    """
    blocks: dict[int, list[tuple[float, float]]] = {}
    for done, value in points:
        if done >= after:
            blocks.setdefault(int(done // block), []).append((done, value))
    xs = [statistics.fmean(x for x, _ in found) / 100 for found in blocks.values()]
    ys = [statistics.median(y for _, y in found) for found in blocks.values()]
    if len(xs) < 3:
        raise ValueError("too few blocks of reposts for a slope")
    line = statistics.linear_regression(xs, ys)
    mean = statistics.fmean(xs)
    squares = sum((y - line.intercept - line.slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    spread = sum((x - mean) ** 2 for x in xs)
    error = (squares / (len(xs) - 2) / spread) ** 0.5
    return Slope(per_hundred=line.slope, error=error)
