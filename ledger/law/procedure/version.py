"""One version of the published procedure, and which version a request falls under.

The day of arrival chooses the version and, inside it, the rows in force; a later version changes no
earlier request.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from ledger.errors import Defect, MalformedError
from ledger.law.procedure.questions import ProcedureReadings
from ledger.law.procedure.tables import (
    ContactDesk,
    CorrectionTerm,
    DatedRow,
    Fee,
    Ground,
    MatrixRow,
    Operator,
    PaperKind,
    ProcedureNote,
    Reception,
    ReplyMedia,
    ReplyRule,
    Slot,
    Validity,
)
from ledger.law.procedure.targets import Targets

NOT_LATER = "VERSION_NOT_LATER"


AnyRow = TypeVar("AnyRow", bound=DatedRow)


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version; every table holds its rows in the order in which they were published.

    Attributes:
        effective_from: first day on which a request that arrives falls under it; its name.
    """

    effective_from: date
    title: str
    operator: Operator
    reception: tuple[Reception, ...]
    desk: tuple[ContactDesk, ...]
    documents: tuple[PaperKind, ...]
    matrix: tuple[MatrixRow, ...]
    validity: tuple[Validity, ...]
    grounds: tuple[Ground, ...]
    reply: tuple[ReplyRule, ...]
    reply_media: tuple[ReplyMedia, ...]
    fee: tuple[Fee, ...]
    correction: tuple[CorrectionTerm, ...]
    notes: tuple[ProcedureNote, ...]
    readings: ProcedureReadings = field(default_factory=ProcedureReadings)
    targets: Targets = field(default_factory=Targets)

    @property
    def version(self) -> str:
        """What a case and a verdict name: the first day, ISO 8601."""
        return self.effective_from.isoformat()

    def documents_on(self, day: date) -> tuple[PaperKind, ...]:
        """The kinds of paper that are accepted on `day`."""
        return self._rows(self.documents, day)

    def document(self, code: str, day: date) -> PaperKind | None:
        """The kind of paper `code` as it is accepted on `day`; None when it is not."""
        return next((one for one in self.documents_on(day) if one.code == code), None)

    def slots(self, requester: str, day: date) -> tuple[Slot, ...]:
        """The papers `requester` must send."""
        return self._row((row for row in self.matrix if row.requester == requester), day).slots

    def reply_rule(self, requester: str, day: date) -> ReplyRule:
        """Where the reply to `requester` goes."""
        return self._row((row for row in self.reply if row.requester == requester), day)

    def ground(self, code: str, day: date) -> Ground:
        """The published ground `code`."""
        return self._row((row for row in self.grounds if row.code == code), day)

    def desk_on(self, day: date) -> ContactDesk:
        """The desk that a letter of `day` names."""
        return self._row(self.desk, day)

    def reply_media_on(self, day: date) -> ReplyMedia:
        """In which form and by which post a reply of `day` goes."""
        return self._row(self.reply_media, day)

    def fee_on(self, day: date) -> Fee:
        """The fee of a request that arrives on `day`."""
        return self._row(self.fee, day)

    def correction_on(self, day: date) -> CorrectionTerm:
        """The time that a correction letter sent on `day` gives."""
        return self._row(self.correction, day)

    def notes_on(self, day: date) -> tuple[ProcedureNote, ...]:
        """The sentences that a letter of `day` may repeat."""
        return self._rows(self.notes, day)

    def validity_on(self, day: date) -> Validity:
        """The age rule for papers without a day of expiry."""
        return self._row(self.validity, day)

    def _rows(self, rows: Iterable[AnyRow], day: date) -> tuple[AnyRow, ...]:
        # The first version answers for the days before it, too.
        known = max(day, self.effective_from)
        return tuple(row for row in rows if row.span.covers(known))

    def _row(self, rows: Iterable[AnyRow], day: date) -> AnyRow:
        # One row holds on every day: `parser` refuses a version with a gap or an overlap.
        (row,) = self._rows(rows, day)
        return row


def procedure_on(versions: Sequence[Procedure], arrived_on: date) -> Procedure:
    """The version for a request that arrived on that day; the first one for an earlier day.

    Args:
        versions: at least one, ascending by `effective_from`.
    """
    chosen = versions[0]
    for one in versions:
        if one.effective_from <= arrived_on:
            chosen = one
    return chosen


def with_version(
    versions: Sequence[Procedure], new: Procedure, published_on: date
) -> tuple[Procedure, ...]:
    """`versions` and `new` behind them.

    A change is published beforehand (the policy on fees, and Act Art. 32), and no request that has
    arrived changes its version. The first version of an operator may have begun in the past.

    Raises:
        MalformedError: `VERSION_NOT_LATER`, the new one does not begin after the day of its
            publication and after every version before it.
    """
    newest = max((one.effective_from for one in versions), default=None)
    if newest is not None and new.effective_from <= max(newest, published_on):
        detail = "begin after the day of publication and after every earlier version"
        raise MalformedError((Defect("/effective_from", NOT_LATER, detail),))
    return (*versions, new)
