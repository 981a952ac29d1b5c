"""The rows of a version: papers, who sends which, grounds, replies, fee, times."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Span:
    """Where a row is published, and the days on which it holds; `until` is its last day."""

    source: str
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether the row holds on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)


class DatedRow(Protocol):
    """Any row with its span."""

    @property
    def span(self) -> Span:
        """Where and when the row holds."""
        ...


@dataclass(frozen=True, slots=True)
class DeskAddress:
    """Where post and mail reach the desk."""

    postal_code: str
    address: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Operator:
    """The business operator as its letters name it."""

    party_id: str
    name: str
    address: str
    representative: str
    span: Span


@dataclass(frozen=True, slots=True)
class Reception:
    """One way in which a request may come.

    Attributes:
        form: the title of the prescribed form.
        missing_mark_is_ground: whether an envelope without the mark may be refused for it.
    """

    channel: str
    label: str
    form: str
    place: DeskAddress
    envelope_mark: str
    missing_mark_is_ground: bool
    span: Span


@dataclass(frozen=True, slots=True)
class ContactDesk:
    """The desk for questions and complaints (Act Art. 32(1)(iv), Order 10)."""

    label: str
    place: DeskAddress
    span: Span


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper the procedure knows.

    Attributes:
        form: `original` or `copy` when the procedure says which; None when it does not.
        max_age_months: how old the paper may be on the reference day, whatever its validity.
        shows: facts it must show.
        marks: how the current address may be written; empty when it is not asked.
        refuses_my_number: whether it may bear the individual number must be looked at.
        front_only: only the side with the photograph is accepted.
        refuses_international: an international driving permit is not accepted.
        substitute: stands for a seal certificate of a person without a registered seal.
        needs_supplement: counts only together with a supplement.
        supplement: is a supplement itself.
        together_with: another kind that must be sent with it, unless the holder is a permanent
            resident.
        authority_for: representations it proves.
        is_mandate: must be completed by the principal, bear the certified seal, cover the request.
    """

    code: str
    label: str
    span: Span
    form: str | None = None
    max_age_months: int | None = None
    shows: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    refuses_my_number: bool = False
    front_only: bool = False
    refuses_international: bool = False
    substitute: bool = False
    needs_supplement: bool = False
    supplement: bool = False
    together_with: str | None = None
    authority_for: tuple[str, ...] = ()
    is_mandate: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One paper that must be there.

    Attributes:
        need: code of a document, or `authority`.
        substitute: a substitute does, when that person has no registered seal.
        of_question: the text is open here (`agents_principal_paper`).
    """

    person: str
    need: str
    substitute: bool
    of_question: bool = False


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """The papers that one kind of requester sends, in the order of the published text."""

    requester: str
    label: str
    slots: tuple[Slot, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Ground:
    """A published ground for not disclosing, the article behind it, and what it may lead to."""

    code: str
    label: str
    article: str
    decisions: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """To whom the reply of one kind of requester goes; the first address is the default."""

    requester: str
    to: str
    addresses: tuple[str, ...]
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class ReplyMedia:
    """In which form and by which post a reply goes."""

    media: tuple[str, ...]
    post: str
    note: str
    span: Span


@dataclass(frozen=True, slots=True)
class Fee:
    """The fee of a request, in yen (Act Art. 38)."""

    yen: int
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class CorrectionTerm:
    """How many days a correction letter gives."""

    days: int
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class Validity:
    """How old an identity paper without a day of expiry may be, in months from its issue."""

    months: int
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class ProcedureNote:
    """A sentence of the procedure that letters repeat, by its code."""

    code: str
    label: str
    span: Span
