"""Who looked at what, under which case and why: one stream each time, so that no two looks wait."""

import re
from collections.abc import Iterator, Mapping

from ledger.commands import ProduceExport, ViewDocument, ViewHistory
from ledger.errors import Defect, MalformedError
from ledger.format.events import AccessEvent, DocumentViewed, ExportProduced, HistoryViewed
from ledger.policies.my_number import my_number_defects

CASE_FILE = "case_file"
LETTER_PREVIEW = "letter_preview"
LETTER = "letter"
REPLY_FILE = "reply_file"
CASE_EXPORT = "case_export"
TRANSFER = "transfer"
REJECTED_ITEMS = "rejected_items"
REASSESSMENTS = "reassessments"
HISTORY = "history"
EXPORT = "export"

BY_NAME = "氏名による検索"
"""The reason of a look that a name led to: its identifiers are those that were found."""

WHAT: Mapping[str, str] = {
    CASE_FILE: "the file of a case: who asks, the papers, what was decided",
    LETTER_PREVIEW: "a letter that has not gone out",
    LETTER: "a letter that went out",
    REPLY_FILE: "a file of a reply that went out",
    CASE_EXPORT: "everything of a case in one file",
    TRANSFER: "one transfer as it stands: its persons, its items, its party",
    REJECTED_ITEMS: "items in quarantine, as they came in",
    REASSESSMENTS: "whose verdicts something late would change",
}
"""What a look at a document was at, by code."""

WITHOUT_CASE = frozenset({TRANSFER, REJECTED_ITEMS, REASSESSMENTS})
"""What may be looked at outside a case. A reason is then given."""

REQUEST = "request"
REASONS: Mapping[str, str] = {
    REQUEST: "a request is answered; its case is named",
    "correction": "a record is put right, or a stop or a hold is taken in",
    "inquiry": "an authority, a court or a counterparty asks",
    "inspection": "it is looked at whether records are right",
}
"""Why an officer looks at a transfer, by code: an address holds no free text."""

READ_BACK = "read_back"
"""Why an emitter saw one: it sent the transfer, and somebody else has changed it since."""

# The name of a file of ours: it cannot hold what somebody typed.
_DOCUMENT = re.compile(r"[a-z][a-z0-9_.-]{0,39}", re.ASCII)


def view(command: ViewHistory | ViewDocument) -> AccessEvent:
    """Return the event of the look.

    Raises:
        MalformedError: `MY_NUMBER_SHOWN` of the reason, `SCHEMA` of a history without one, and of a
            code that there is not; of a case, a reason or a transfer that is missing.
    """
    if defects := tuple(_defects(command)):
        raise MalformedError(defects)
    if isinstance(command, ViewHistory):
        return HistoryViewed(
            command.as_of, command.case, command.identifiers, command.entries, command.reason
        )
    return DocumentViewed(
        command.case,
        command.what,
        command.number,
        command.document,
        command.reason,
        command.transfer,
        command.case_given,
    )


def produce(command: ProduceExport) -> ExportProduced:
    """Return the event of an export. What it was made of was checked before it was made.

    Raises:
        MalformedError: persons are named, or everything is shown, and nobody said why.
    """
    if command.reason is None and (command.identified or command.whole):
        detail = "say why persons are named, or everything is shown"
        raise MalformedError((Defect("/reason", "SCHEMA", detail),))
    return ExportProduced(
        command.as_of,
        command.filters,
        command.identified,
        command.whole,
        command.records,
        command.digest,
        command.reason,
        command.identifiers,
    )


def _defects(command: ViewHistory | ViewDocument) -> Iterator[Defect]:
    yield from my_number_defects(command.reason or "", "/reason")
    if isinstance(command, ViewHistory):
        if not command.reason.strip():
            yield Defect("/reason", "SCHEMA", "say why")
        return
    if command.what not in WHAT:
        yield Defect("/what", "SCHEMA", f"give one of {', '.join(WHAT)}")
    yield from my_number_defects(command.case_given or "", "/case")
    if command.case_given is not None and (command.case or command.what not in WITHOUT_CASE):
        yield Defect("/case", "SCHEMA", "a number of no case stands alone, and at no document's")
    elif command.case is None and command.what not in WITHOUT_CASE:
        yield Defect("/case", "SCHEMA", "name the case that it belongs to")
    if command.what in WITHOUT_CASE and not command.reason:
        yield Defect("/reason", "SCHEMA", "say why")
    if (command.transfer is not None) != (command.what == TRANSFER):
        yield Defect("/transfer", "SCHEMA", "name the transfer that was looked at, and no other")
    if command.number is not None and command.number < 1:
        yield Defect("/number", "SCHEMA", "replies are counted from 1")
    if command.document is not None and not _DOCUMENT.fullmatch(command.document):
        yield Defect("/document", "SCHEMA", "give the name of a file of the reply")
