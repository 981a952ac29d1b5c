"""Who looked at whom, under which case: one stream each time, so that no two looks wait."""

from ledger.commands import ViewHistory
from ledger.events import HistoryViewed


def view(command: ViewHistory) -> HistoryViewed:
    """Return the event of the look."""
    return HistoryViewed(command.as_of, command.case, command.identifiers, command.entries)
