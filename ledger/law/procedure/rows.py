"""One function a kind of row: reads its members and gives the frozen row."""

from ledger.law.procedure import codes
from ledger.law.procedure.reader import Reader
from ledger.law.procedure.tables import (
    ContactDesk,
    CorrectionTerm,
    DeskAddress,
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
    Span,
    Validity,
)

_FORMS = ("original", "copy")
_MARKS = ("printed", "ink")


def _span(row: Reader) -> Span:
    """Read last: it also says which members of the row nobody knows."""
    since, until = row.day("effective_from"), row.day_or_open("effective_to")
    if until is not None and until < since:
        row.refuse("effective_to", "the row ends before it begins", "DATE_RANGE_REVERSED")
    span = Span(row.text("source"), since, until)
    row.finish()
    return span


def _desk_address(row: Reader) -> DeskAddress:
    return DeskAddress(
        postal_code=row.text("postal_code"),
        address=row.text("address"),
        name=row.text("name"),
        email=row.text("email"),
    )


def operator(row: Reader) -> Operator:
    """The operator, from the end of the policy."""
    return Operator(
        party_id=row.text("party_id"),
        name=row.text("name"),
        address=row.text("address"),
        representative=row.text("representative"),
        span=_span(row),
    )


def reception(row: Reader) -> Reception:
    """One way in which a request may come."""
    to = row.child("to")
    place = _desk_address(to)
    to.finish()
    return Reception(
        channel=row.text("channel"),
        label=row.text("label_ja"),
        form=row.text("form"),
        place=place,
        envelope_mark=row.text_or("envelope_mark", ""),
        missing_mark_is_ground=row.flag("missing_mark_is_ground"),
        span=_span(row),
    )


def desk(row: Reader) -> ContactDesk:
    """The desk for questions and complaints."""
    return ContactDesk(label=row.text("label_ja"), place=_desk_address(row), span=_span(row))


def document(row: Reader) -> PaperKind:
    """A kind of paper."""
    shows = row.choices("shows", codes.FACTS) if row.has("shows") else ()
    return PaperKind(
        code=row.text("code"),
        label=row.text("label_ja"),
        form=row.choice("form", _FORMS) if row.has("form") else None,
        max_age_months=row.number("max_age_months", 1) if row.has("max_age_months") else None,
        shows=shows,
        marks=row.choices("address_mark", _MARKS) if row.has("address_mark") else (),
        refuses_my_number=row.flag("refuses_my_number"),
        front_only=row.flag("front_only"),
        refuses_international=row.flag("refuses_international"),
        substitute=row.flag("substitute"),
        needs_supplement=row.flag("needs_supplement"),
        supplement=row.flag("supplement_document"),
        together_with=row.text("together_with") if row.has("together_with") else None,
        authority_for=row.choices("for", codes.LEGAL) if row.has("for") else (),
        is_mandate=row.flag("is_mandate"),
        note=row.text_or("note", ""),
        span=_span(row),
    )


def _slot(row: Reader) -> Slot:
    slot = Slot(
        person=row.choice("person", codes.PERSONS),
        need=row.text("need"),
        substitute=row.flag("substitute"),
        of_question=row.flag("of_question"),
    )
    row.finish()
    return slot


def matrix_row(row: Reader) -> MatrixRow:
    """The papers of one kind of requester."""
    return MatrixRow(
        requester=row.choice("requester", codes.REQUESTERS),
        label=row.text("label_ja"),
        slots=tuple(_slot(slot) for slot in row.rows("slots")),
        span=_span(row),
    )


def validity(row: Reader) -> Validity:
    """The age rule."""
    return Validity(months=row.number("months", 1), label=row.text("label_ja"), span=_span(row))


def ground(row: Reader) -> Ground:
    """A ground of refusal."""
    return Ground(
        code=row.choice("code", codes.GROUNDS),
        label=row.text("label_ja"),
        article=row.text("law"),
        decisions=row.choices("decisions", codes.DECISIONS),
        span=_span(row),
    )


def reply_rule(row: Reader) -> ReplyRule:
    """Where a reply goes."""
    return ReplyRule(
        requester=row.choice("requester", codes.REQUESTERS),
        to=row.choice("to", codes.RECIPIENTS),
        addresses=row.choices("addresses", codes.REPLY_ADDRESSES),
        label=row.text("label_ja"),
        span=_span(row),
    )


def reply_media(row: Reader) -> ReplyMedia:
    """In which form and by which post."""
    return ReplyMedia(
        media=row.texts("media"),
        post=row.text("post"),
        note=row.text_or("note", ""),
        span=_span(row),
    )


def fee(row: Reader) -> Fee:
    """The fee, in yen."""
    return Fee(yen=row.number("yen", 0), label=row.text("label_ja"), span=_span(row))


def correction(row: Reader) -> CorrectionTerm:
    """The time for a correction, in days."""
    return CorrectionTerm(days=row.number("days", 1), label=row.text("label_ja"), span=_span(row))


def note(row: Reader) -> ProcedureNote:
    """A sentence for letters."""
    return ProcedureNote(code=row.text("code"), label=row.text("label_ja"), span=_span(row))
