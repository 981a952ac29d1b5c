"""How a process that lives long looks for objects that hold each other, and shares its turns."""

import gc
import sys
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


_SWITCH_S: Final = 0.0005


def shorten_switch_interval() -> None:
    """For a process of which one thread computes and another one waits for the database.

    The one that waits has little to do each time it is answered: it need not wait for the end of
    the other one's turn, of 5 ms as Python has it.
    """
    sys.setswitchinterval(_SWITCH_S)
