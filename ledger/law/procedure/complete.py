"""Whether the rows of a version make a whole: each table answers on every day, with one row."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

from ledger.errors import Defect
from ledger.law.procedure import codes
from ledger.law.procedure.tables import DatedRow
from ledger.law.procedure.version import Procedure

_DAY = timedelta(days=1)
_Keyed = Mapping[Hashable, list[tuple[int, DatedRow]]]


def cross_check(procedure: Procedure) -> Iterator[Defect]:
    """Every place where rows are missing, meet, leave a gap, or name a paper that is not there."""
    tables: tuple[tuple[str, Iterable[tuple[Hashable, DatedRow]], Iterable[Hashable]], ...] = (
        ("reception", ((one.channel, one) for one in procedure.reception), ()),
        ("desk", (("", one) for one in procedure.desk), ("",)),
        ("matrix", ((one.requester, one) for one in procedure.matrix), codes.REQUESTERS),
        ("validity", (("", one) for one in procedure.validity), ("",)),
        ("refusal_grounds", ((one.code, one) for one in procedure.grounds), codes.GROUNDS),
        ("reply", ((one.requester, one) for one in procedure.reply), codes.REQUESTERS),
        ("reply_media", (("", one) for one in procedure.reply_media), ("",)),
        ("fee", (("", one) for one in procedure.fee), ("",)),
        ("correction", (("", one) for one in procedure.correction), ("",)),
    )
    for name, rows, wanted in tables:
        keyed = _keyed(rows)
        yield from _overlaps(name, keyed)
        yield from _always(name, keyed, wanted, procedure)
    yield from _overlaps("documents", _keyed((one.code, one) for one in procedure.documents))
    yield from _overlaps("notes", _keyed((one.code, one) for one in procedure.notes))
    yield from _documents(procedure)


def _keyed(rows: Iterable[tuple[Hashable, DatedRow]]) -> _Keyed:
    keyed: dict[Hashable, list[tuple[int, DatedRow]]] = {}
    for index, (key, row) in enumerate(rows):
        keyed.setdefault(key, []).append((index, row))
    for group in keyed.values():
        group.sort(key=lambda one: one[1].span.since)
    return keyed


def _overlaps(name: str, keyed: _Keyed) -> Iterator[Defect]:
    for rows in keyed.values():
        for (_, one), (index, other) in pairwise(rows):
            if one.span.until is None or one.span.until >= other.span.since:
                detail = "another row for the same holds on the same day"
                yield Defect(f"/{name}/{index}/effective_from", "ROWS_OVERLAP", detail)


def _always(
    name: str, keyed: _Keyed, wanted: Iterable[Hashable], procedure: Procedure
) -> Iterator[Defect]:
    """Kinds of papers come and go; every other row that is wanted must be there on every day."""
    for key in wanted:
        rows = keyed.get(key, [])
        if not rows or rows[0][1].span.since > procedure.effective_from:
            of = f" for {key}" if key else ""
            detail = f"a row{of} must hold from the first day of the version"
            yield Defect(f"/{name}", "ROW_MISSING", detail)
            continue
        for (_, one), (index, other) in pairwise(rows):
            if one.span.until is not None and one.span.until + _DAY < other.span.since:
                detail = "no row for this holds on the days before"
                yield Defect(f"/{name}/{index}/effective_from", "ROWS_HAVE_GAP", detail)
        index, last = rows[-1]
        if last.span.until is not None:
            detail = "no row for this holds after this day; a later version may end it"
            yield Defect(f"/{name}/{index}/effective_to", "ROWS_HAVE_GAP", detail)


def _documents(procedure: Procedure) -> Iterator[Defect]:
    known = {one.code for one in procedure.documents}
    detail = "no row of `documents` has this code"
    for index, row in enumerate(procedure.matrix):
        for place, slot in enumerate(row.slots):
            if slot.need not in known | {codes.AUTHORITY}:
                yield Defect(f"/matrix/{index}/slots/{place}/need", "DOCUMENT_UNKNOWN", detail)
    for index, one in enumerate(procedure.documents):
        if one.together_with is not None and one.together_with not in known:
            yield Defect(f"/documents/{index}/together_with", "DOCUMENT_UNKNOWN", detail)
    proved = {kind for one in procedure.documents for kind in one.authority_for}
    for kind in sorted(codes.LEGAL - proved):
        yield Defect("/documents", "ROW_MISSING", f"no paper proves {kind}")
