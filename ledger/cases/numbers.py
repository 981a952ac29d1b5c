"""Numbers of cases: which case bears one, and which one a case bears.

A number holds the position at which its case began, so that no list of cases is searched. All is
read from headers: a case keeps its number after its key has died.
"""

from collections.abc import Collection
from uuid import UUID

from ledger.cases.events.case import CaseReceived
from ledger.cases.state import number_of
from ledger.format.header import read_header
from ledger.streams.streams import Streams


class CaseNumbers:
    """Reads numbers of cases."""

    def __init__(self, streams: Streams) -> None:
        self._reads = streams.reads

    def of(self, streams: Collection[UUID]) -> dict[UUID, str]:
        """The number of each stream that is a case."""
        if not streams:
            return {}
        stored = self._reads.facts_of_streams(list(streams), None)
        first_events = [one for one in stored if one.type == CaseReceived.TYPE]
        return {
            one.stream: number_of(one.position, read_header(one.header).at) for one in first_events
        }

    def cases(self, numbers: Collection[str]) -> dict[str, UUID]:
        """The stream of each number that a case bears."""
        places = {one: place for one in numbers if (place := position_of_case(one)) is not None}
        if not places:
            return {}
        head = self._reads.head()
        positions = [place for place in places.values() if 1 <= place <= head]
        headers = {n: read_header(one) for n, one in self._reads.headers_at(positions).items()}
        return {
            number: headers[place].stream
            for number, place in places.items()
            if place in headers
            and headers[place].type == CaseReceived.TYPE
            and number_of(place, headers[place].at) == number
        }

    def at(self, positions: Collection[int]) -> dict[int, str]:
        """The number of each case that began at one of these positions."""
        if not positions:
            return {}
        headers = {
            n: read_header(one) for n, one in self._reads.headers_at(sorted(positions)).items()
        }
        return {
            place: number_of(place, header.at)
            for place, header in headers.items()
            if header.type == CaseReceived.TYPE
        }


def position_of_case(number: str) -> int | None:
    """The position that a number names, whether a case began there or not; None of no number."""
    _, _, place = number.partition("-")
    return int(place) if place.isascii() and place.isdigit() and len(place) <= _DIGITS else None


_DIGITS = 18
"""Of the longest position: longer ones are no integer of the database."""
