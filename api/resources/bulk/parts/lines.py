"""What a reader of lines gives, whatever they are written in."""

from collections.abc import Iterator
from typing import Final, Protocol

from ledger.errors import Defect, MalformedError
from ledger.transfers.bulk.upload import Line

LINE_BYTES_MAX: Final = 64 * 1024
"""Of one line, or of one row of a table; a longer one is not held to see what it is."""

LineOrDefect = Line | Defect
"""A person, or why there is none."""


class Lines(Protocol):
    """Makes lines of content. Belongs to one thread at a time."""

    def lines(self, content: bytes) -> Iterator[LineOrDefect]:
        """What ends within some more content.

        Raises:
            MalformedError: it cannot be read on: a line is too long, or a table has no heading.
        """
        ...

    def flush(self) -> Iterator[LineOrDefect]:
        """What ends with the content; raises as `lines`."""
        ...


def defect(number: int, code: str, detail: str) -> Defect:
    """One line that cannot be read."""
    return Defect(f"/lines/{number}", code, detail)


def too_long(number: int) -> MalformedError:
    """A line that is not held."""
    detail = f"a line has at most {LINE_BYTES_MAX:,} bytes"
    return MalformedError((defect(number, "LINE_TOO_LONG", detail),))
