"""How often a process that lives long looks for objects that hold each other."""

import gc
from typing import Final

GC_OBJECTS_MIN: Final = 100_000
"""Objects made since the last collection that are worth the next one; Python's own 700 are one
request, or a dozen events."""


def collect_seldom() -> None:
    """To be called once everything is loaded.

    What stands now stands until the end: the collector of reference cycles need not look at it
    again and again, nor at the objects of every few requests or events, which hold no cycles. Of a
    follower's time it took a quarter.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_OBJECTS_MIN)
