"""Makes a version of the procedure from an operator's own JSON; every defect is named.

The format is that of `policy_2022.POLICY_2022`: an operator takes it, changes rows, and publishes.
"""

from collections.abc import Mapping

from ledger.errors import Defect, MalformedError
from ledger.law.procedure import rows
from ledger.law.procedure.complete import cross_check
from ledger.law.procedure.questions import ProcedureReadings
from ledger.law.procedure.reader import Reader
from ledger.law.procedure.settings import read_readings, read_targets
from ledger.law.procedure.targets import Targets
from ledger.law.procedure.version import Procedure

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
