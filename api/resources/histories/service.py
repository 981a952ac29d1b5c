"""One person's history, read and put on record, for the API and for the officers' pages."""

from collections.abc import Sequence

from api.problems.refusals import as_of_beyond
from api.web.cursors import not_of_this_question
from api.web.items import random_command
from api.web.padding_clock import restart_padding
from api.web.services import Services
from ledger.commands import ViewHistory
from ledger.errors import PositionBeyondHeadError
from ledger.values import PrincipalRef
from projections.histories import HistoryPage

LIST = "history"


def page_of(
    services: Services,
    who: Sequence[PrincipalRef],
    limit: int,
    *,
    after: int = 0,
    as_of: int | None = None,
    cursor: str | None = None,
) -> tuple[HistoryPage, str | None]:
    """A page of the history, and the cursor of the next one. Blocks: run it in a thread.

    Args:
        who: identifiers of one person; linked identifiers are found.
        limit: transfers a page.
        after: a position that the answer must have seen.
        as_of: the position of the answer; None: that of the page before, else what was reached.
        cursor: of the page before, with the same identifiers in the same order.

    Raises:
        MalformedError: `CURSOR_NOT_OF_THIS_QUESTION`.
        AsOfBeyondHeadError: the log has no such position.
        PositionBeyondHeadError: it has no position `after`.
        ProjectionBehindError: the read side does not reach it in time.
    """
    seconds = services.settings.projection_wait_s
    question = [part.encode() for one in who for part in (one.scheme, one.id)]
    moment, place = as_of, None
    if cursor is not None:
        moment, place = services.cursors.read(cursor, "/cursor", LIST, *question)
        if as_of not in (None, moment):
            raise not_of_this_question("/as_of")
    reached = services.histories.wait(after, seconds)
    try:
        reached = services.histories.wait(moment or 0, seconds)
    except PositionBeyondHeadError as error:
        if as_of is None:  # the cursor is of a ledger that went on, and was set back
            raise not_of_this_question("/cursor") from None
        raise as_of_beyond(error) from None
    restart_padding()
    page = services.histories.page(who, moment or reached, place, limit)
    if page.cursor is None:
        return page, None
    return page, services.cursors.make((page.as_of, page.cursor), LIST, *question)


def build_access(
    actor: str, case: str, reason: str, who: Sequence[PrincipalRef], page: HistoryPage
) -> ViewHistory:
    """That the actor looked at this page of the history of `who`, under which case and why."""
    entries = len(page.entries)
    return ViewHistory(random_command(), actor, case, tuple(who), page.as_of, entries, reason)
