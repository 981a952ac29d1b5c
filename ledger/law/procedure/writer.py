"""A version as the JSON that an operator publishes: the inverse of `parser`.

Everything is stated, defaults of settings too: what is published once says the same for ever, and a
later default of the product changes no version. A member without a value is left out.
"""

from collections.abc import Mapping
from dataclasses import fields

from ledger.law.procedure.questions import ProcedureReadings
from ledger.law.procedure.tables import (
    DatedRow,
    DeskAddress,
    MatrixRow,
    Operator,
    PaperKind,
    Reception,
    Slot,
)
from ledger.law.procedure.targets import DayTarget, Targets
from ledger.law.procedure.version import Procedure
from ledger.values import Json


def document_of(procedure: Procedure) -> dict[str, Json]:
    """The document of the version; `read_procedure` of it gives the version again."""
    return {
        "effective_from": procedure.version,
        "procedure": procedure.title,
        "operator": _operator(procedure.operator),
        "reception": [_reception(row) for row in procedure.reception],
        "desk": [
            _row(row, {"label_ja": row.label, **_desk_address(row.place)}) for row in procedure.desk
        ],
        "documents": [_document(row) for row in procedure.documents],
        "matrix": [_matrix_row(row) for row in procedure.matrix],
        "validity": [
            _row(row, {"months": row.months, "label_ja": row.label}) for row in procedure.validity
        ],
        "refusal_grounds": [
            _row(
                row,
                {
                    "code": row.code,
                    "label_ja": row.label,
                    "law": row.article,
                    "decisions": list(row.decisions),
                },
            )
            for row in procedure.grounds
        ],
        "reply": [
            _row(
                row,
                {
                    "requester": row.requester,
                    "to": row.to,
                    "addresses": list(row.addresses),
                    "label_ja": row.label,
                },
            )
            for row in procedure.reply
        ],
        "reply_media": [
            _row(row, {"media": list(row.media), "post": row.post, "note": row.note})
            for row in procedure.reply_media
        ],
        "fee": [_row(row, {"yen": row.yen, "label_ja": row.label}) for row in procedure.fee],
        "correction": [
            _row(row, {"days": row.days, "label_ja": row.label}) for row in procedure.correction
        ],
        "notes": [_row(row, {"code": row.code, "label_ja": row.label}) for row in procedure.notes],
        "readings": readings_of(procedure.readings),
        "targets": targets_of(procedure.targets),
    }


def readings_of(readings: ProcedureReadings) -> dict[str, Json]:
    """The answers to the open questions, each one."""
    values: dict[str, Json] = {}
    for one in fields(ProcedureReadings):
        value: str | bool | tuple[str, ...] = getattr(readings, one.name)
        values[one.name] = list(value) if isinstance(value, tuple) else value
    return values


def targets_of(targets: Targets) -> dict[str, Json]:
    """The handling times and the days on which the desk is closed, each one."""
    values: dict[str, Json] = {}
    for one in fields(Targets):
        value: DayTarget | tuple[tuple[int, int], ...] = getattr(targets, one.name)
        if isinstance(value, DayTarget):
            values[one.name] = {"days": value.days, "counted": value.counted}
        else:
            values[one.name] = [f"{month:02}-{day:02}" for month, day in value]
    return values


def _row(row: DatedRow, members: Mapping[str, Json]) -> dict[str, Json]:
    """The members that say something, and where and when the row holds."""
    span = row.span
    stated: dict[str, Json] = {
        name: value for name, value in members.items() if value not in (None, "", [])
    }
    stated |= {"source": span.source, "effective_from": span.since.isoformat()}
    if span.until is not None:
        stated["effective_to"] = span.until.isoformat()
    return stated


def _desk_address(place: DeskAddress) -> dict[str, Json]:
    return {
        "postal_code": place.postal_code,
        "address": place.address,
        "name": place.name,
        "email": place.email,
    }


def _operator(row: Operator) -> dict[str, Json]:
    return _row(
        row,
        {
            "party_id": row.party_id,
            "name": row.name,
            "address": row.address,
            "representative": row.representative,
        },
    )


def _reception(row: Reception) -> dict[str, Json]:
    return _row(
        row,
        {
            "channel": row.channel,
            "label_ja": row.label,
            "form": row.form,
            "to": _desk_address(row.place),
            "envelope_mark": row.envelope_mark,
            "missing_mark_is_ground": row.missing_mark_is_ground,
        },
    )


def _document(row: PaperKind) -> dict[str, Json]:
    flags: dict[str, Json] = {
        "refuses_my_number": row.refuses_my_number,
        "front_only": row.front_only,
        "refuses_international": row.refuses_international,
        "substitute": row.substitute,
        "needs_supplement": row.needs_supplement,
        "supplement_document": row.supplement,
        "is_mandate": row.is_mandate,
    }
    return _row(
        row,
        {
            "code": row.code,
            "label_ja": row.label,
            "form": row.form,
            "max_age_months": row.max_age_months,
            "shows": list(row.shows),
            "address_mark": list(row.marks),
            **{name: value for name, value in flags.items() if value},
            "together_with": row.together_with,
            "for": list(row.authority_for),
            "note": row.note,
        },
    )


def _matrix_row(row: MatrixRow) -> dict[str, Json]:
    slots: list[Json] = [_slot(slot) for slot in row.slots]
    return _row(row, {"requester": row.requester, "label_ja": row.label, "slots": slots})


def _slot(slot: Slot) -> dict[str, Json]:
    flags: dict[str, Json] = {"substitute": slot.substitute, "of_question": slot.of_question}
    members: dict[str, Json] = {"person": slot.person, "need": slot.need}
    return members | {name: value for name, value in flags.items() if value}
