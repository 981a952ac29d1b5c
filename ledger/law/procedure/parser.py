"""Makes a version of the procedure from an operator's own JSON; every defect is named.

The format is that of `policy_2022.POLICY_2022`: an operator takes it, changes rows, and publishes.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from itertools import pairwise
from typing import cast, get_args

from ledger.errors import Defect, MalformedError
from ledger.law.procedure import codes, questions, rows, targets
from ledger.law.procedure.questions import ProcedureReadings
from ledger.law.procedure.reader import Reader
from ledger.law.procedure.tables import DatedRow
from ledger.law.procedure.targets import DayTarget, Targets
from ledger.law.procedure.version import Procedure

_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
# No case of this procedure is open for a year.
TARGET_DAYS_MAX = 365


def read_readings(row: Reader) -> ProcedureReadings:
    """The answers stated in `row`, the defaults for the others."""
    default = ProcedureReadings()
    stated: dict[str, object] = {}
    for one in fields(ProcedureReadings):
        usual = getattr(default, one.name)
        if not row.has(one.name):
            continue
        if isinstance(usual, bool):
            stated[one.name] = row.flag(one.name, default=usual)
        elif isinstance(usual, tuple):
            stated[one.name] = row.texts(one.name)
        else:
            stated[one.name] = row.choice(one.name, questions.QUESTIONS[one.name].choices)
    row.finish()
    return ProcedureReadings(**stated)  # pyright: ignore[reportArgumentType] -- each was read by the type of its default


def read_targets(row: Reader) -> Targets:
    """The handling times stated in `row`, the defaults for the others."""
    default = Targets()
    stated: dict[str, object] = {}
    for one in fields(Targets):
        if not row.has(one.name):
            continue
        if one.name == "closed":
            stated["closed"] = tuple(_closed(row))
        else:
            stated[one.name] = _target(row.child(one.name))
    row.finish()
    values = {one.name: stated.get(one.name, getattr(default, one.name)) for one in fields(Targets)}
    return Targets(**cast("dict[str, DayTarget]", values))  # pyright: ignore[reportArgumentType] -- same


def _target(row: Reader) -> DayTarget:
    days = row.number("days", 1)
    if days > TARGET_DAYS_MAX:
        row.refuse("days", f"give at most {TARGET_DAYS_MAX} days")
    counted = row.choice("counted", get_args(targets.Counted))
    row.finish()
    return DayTarget(days, cast("targets.Counted", counted))


def _closed(row: Reader) -> Iterator[tuple[int, int]]:
    for text in row.texts("closed"):
        match = _MONTH_DAY.fullmatch(text)
        if match is None:
            row.refuse("closed", "list days of every year, MM-DD")
        else:
            yield int(match[1]), int(match[2])


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
    for name, listed, required_keys in tables:
        keyed = _keyed(listed)
        yield from _overlaps(name, keyed)
        yield from _always(name, keyed, required_keys, procedure)
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
    for alike in keyed.values():
        for (_, one), (index, other) in pairwise(alike):
            if one.span.until is None or one.span.until >= other.span.since:
                detail = "another row for the same holds on the same day"
                yield Defect(f"/{name}/{index}/effective_from", "ROWS_OVERLAP", detail)


def _always(
    name: str, keyed: _Keyed, required_keys: Iterable[Hashable], procedure: Procedure
) -> Iterator[Defect]:
    """Kinds of papers come and go; every other row that is wanted must be there on every day."""
    for key in required_keys:
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


# Tables of the Act and of Commission notices that a bundle may hold beside the procedure.
_LAW: Mapping[str, str] = dict.fromkeys(
    ("equivalent_countries", "retention"),
    "the law says this, not the operator's procedure; leave it out",
)


def read_procedure(data: object) -> Procedure:
    """The version that `data`, a parsed JSON document, states.

    Raises:
        MalformedError: names every defect; `SCHEMA` for a wrong member, `DATE_RANGE_REVERSED`,
            `ROW_MISSING`, `ROWS_OVERLAP`, `ROWS_HAVE_GAP` and `DOCUMENT_UNKNOWN` for rows that do
            not make a whole.
    """
    found: list[Defect] = []
    document = Reader(data, "", found)
    procedure = Procedure(
        effective_from=document.day("effective_from"),
        title=document.text("procedure"),
        operator=rows.operator(document.child("operator")),
        reception=tuple(rows.reception(row) for row in document.rows("reception")),
        desk=tuple(rows.desk(row) for row in document.rows("desk")),
        documents=tuple(rows.document(row) for row in document.rows("documents")),
        matrix=tuple(rows.matrix_row(row) for row in document.rows("matrix")),
        validity=tuple(rows.validity(row) for row in document.rows("validity")),
        grounds=tuple(rows.ground(row) for row in document.rows("refusal_grounds")),
        reply=tuple(rows.reply_rule(row) for row in document.rows("reply")),
        reply_media=tuple(rows.reply_media(row) for row in document.rows("reply_media")),
        fee=tuple(rows.fee(row) for row in document.rows("fee")),
        correction=tuple(rows.correction(row) for row in document.rows("correction")),
        notes=tuple(rows.note(row) for row in document.rows("notes")),
        readings=_readings(document),
        targets=_targets(document),
    )
    document.finish(_LAW)
    if not found:
        # Rows are compared only when each could be read; a guess would name defects of its own.
        found += cross_check(procedure)
    if found:
        raise MalformedError(tuple(found))
    return procedure


def _readings(document: Reader) -> ProcedureReadings:
    if not document.has("readings"):
        return ProcedureReadings()
    return read_readings(document.child("readings"))


def _targets(document: Reader) -> Targets:
    if not document.has("targets"):
        return Targets()
    return read_targets(document.child("targets"))


def procedures_of(documents: list[Mapping[str, object]]) -> tuple[Procedure, ...]:
    """The versions of several documents, ascending by their first day.

    Raises:
        MalformedError: as `read_procedure`; or two begin on the same day.
    """
    versions = sorted((read_procedure(one) for one in documents), key=lambda v: v.effective_from)
    days = [one.effective_from for one in versions]
    if len(set(days)) != len(days):
        detail = "another version begins on the same day"
        raise MalformedError((Defect("/effective_from", "ROWS_OVERLAP", detail),))
    return tuple(versions)
