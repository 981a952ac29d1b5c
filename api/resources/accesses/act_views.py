"""A page of the acts of people that are on record; what is told of each has no position (0085)."""

from dataclasses import dataclass
from typing import Final

from api.services import Services
from ledger.accesses.acts import Acts, AskedActs, RecordedAct

LIST: Final = "acts"


@dataclass(frozen=True, slots=True)
class ListedActs:
    """A page of acts.

    Attributes:
        cursor: of the next page; None at the end.
    """

    acts: tuple[RecordedAct, ...]
    cursor: str | None


async def listed_acts(
    services: Services, asked: AskedActs, cursor: str | None, limit: int, *, sees_all: bool
) -> ListedActs:
    """The next acts, in the order of the ledger, as of the first page's head.

    Args:
        cursor: of the page before, with the same question; None: the first page.
        sees_all: whether the reader may know of records that are hidden under Order 11.

    Raises:
        MalformedError: `CURSOR_NOT_OF_THIS_QUESTION`.
    """
    question = _question(asked)
    if cursor is None:
        up_to, after = await services.run(lambda ledger, _: ledger.streams.reads.head()), 0
    else:
        up_to, after = services.cursors.read(cursor, "/cursor", LIST, *question)
    page = await services.run(
        lambda ledger, _: Acts(ledger.streams).page(asked, after, up_to, limit, sees_all=sees_all)
    )
    following = None
    if page.after is not None:
        following = services.cursors.made((up_to, page.after), LIST, *question)
    return ListedActs(page.acts, following)


def _question(asked: AskedActs) -> list[bytes]:
    days = [None if day is None else day.isoformat() for day in (asked.first, asked.last)]
    return [(one or "").encode() for one in (*days, asked.case, asked.actor, asked.kind)]
