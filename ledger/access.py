"""Who looked at what, under which case and why: one stream each time, so that no two looks wait."""

import re
from collections.abc import Iterator, Mapping

from ledger.commands import ViewDocument, ViewHistory
from ledger.errors import Defect, MalformedError
from ledger.events import AccessEvent, DocumentViewed, HistoryViewed
from ledger.policies.my_number import my_number_defects

CASE_FILE = "case_file"
LETTER_PREVIEW = "letter_preview"
LETTER = "letter"
REPLY_FILE = "reply_file"
CASE_EXPORT = "case_export"
HISTORY = "history"

WHAT: Mapping[str, str] = {
    CASE_FILE: "the file of a case: who asks, the papers, what was decided",
    LETTER_PREVIEW: "a letter that has not gone out",
    LETTER: "a letter that went out",
    REPLY_FILE: "a file of a reply that went out",
    CASE_EXPORT: "everything of a case in one file",
}
"""What a look at a document was at, by code."""

# The name of a file of ours: it cannot hold what somebody typed.
_DOCUMENT = re.compile(r"[a-z][a-z0-9_.-]{0,39}", re.ASCII)


def view(command: ViewHistory | ViewDocument) -> AccessEvent:
    """Return the event of the look.

    Raises:
        MalformedError: `MY_NUMBER_SHOWN` of the reason, `SCHEMA` of a code that there is not.
    """
    if defects := tuple(_defects(command)):
        raise MalformedError(defects)
    if isinstance(command, ViewHistory):
        return HistoryViewed(
            command.as_of, command.case, command.identifiers, command.entries, command.reason
        )
    return DocumentViewed(
        command.case, command.what, command.number, command.document, command.reason
    )


def _defects(command: ViewHistory | ViewDocument) -> Iterator[Defect]:
    yield from my_number_defects(command.reason or "", "/reason")
    if isinstance(command, ViewHistory):
        return
    if command.what not in WHAT:
        yield Defect("/what", "SCHEMA", f"give one of {', '.join(WHAT)}")
    if command.number is not None and command.number < 1:
        yield Defect("/number", "SCHEMA", "replies are counted from 1")
    if command.document is not None and not _DOCUMENT.fullmatch(command.document):
        yield Defect("/document", "SCHEMA", "give the name of a file of the reply")
