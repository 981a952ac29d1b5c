"""Why a bulk transfer is not taken in or recorded; nothing of it is recorded then."""

from uuid import UUID

from ledger.errors import LedgerError
from ledger.values import Json

NAMED_MAX = 100
"""Missing parts that are named; all are counted."""


class BulkClosedError(LedgerError):
    """It takes no more parts and cannot be aborted, or was aborted and cannot be recorded.

    Attributes:
        bulk_state: in which it is.
    """

    code = "BULK_CLOSED"

    def __init__(self, state: str) -> None:
        super().__init__(f"the bulk transfer is {state}")
        self.bulk_state = state


class TooManyUploadsError(LedgerError):
    """The sender has as many bulk transfers under way as one may have.

    Attributes:
        uploads: their ids, the oldest first; count: how many there are.
    """

    code = "TOO_MANY_UPLOADS"

    def __init__(self, bulks: list[UUID]) -> None:
        super().__init__(f"{len(bulks)} bulk transfers are under way")
        self.uploads: list[Json] = [str(one) for one in bulks[:NAMED_MAX]]
        self.count = len(bulks)


class BulkRunsError(LedgerError):
    """Its commit runs just now; ask again for the result."""

    code = "BULK_RUNS"


class PartsMissingError(LedgerError):
    """Parts that were announced are not there.

    Attributes:
        missing: their numbers, the first of them; count: how many there are.
    """

    code = "PARTS_MISSING"

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(f"{len(numbers)} parts are missing")
        self.missing = numbers[:NAMED_MAX]
        self.count = len(numbers)


class LinesDifferError(LedgerError):
    """The parts hold another number of lines than was announced.

    Attributes:
        announced, found: how many.
    """

    code = "LINES_DIFFER"

    def __init__(self, announced: int, found: int) -> None:
        super().__init__(f"{announced} lines were announced, {found} are there")
        self.announced = announced
        self.found = found


class ContentDiffersError(LedgerError):
    """The parts are not those whose hash was announced."""

    code = "CONTENT_DIFFERS"


class PartDiffersError(LedgerError):
    """The part is not the one whose hash was stated with it; nothing of it is kept."""

    code = "PART_DIFFERS"
