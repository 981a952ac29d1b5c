"""Why what is due has not gone yet, in words for the API and the command line."""

from typing import Final

WHY: Final = {
    "needed": "a hold, an open plan, a notice or a procedure under the key still stands",
    "clock_ahead": "the clock stands further ahead than the log bears out",
    "journal_missing": "there is no erasure journal",
    "unnamed": "no plan names it yet",
    "announced": "a plan named it less than the window ago",
    "ready": "the next run destroys it",
}
"""Why a key that is due has not been destroyed."""
