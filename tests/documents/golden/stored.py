"""Letters that are made of what a ledger holds: six cases and six records, as they were stored.

`stored.json` stands for a ledger of another year. No script writes it: were it made of what the
desk decides today, a change of the law or of the forms would change it, and an old case never does.
The keys are the golden ledger's; the people are invented.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

from ledger.cases import case
from ledger.cases.case import State
from ledger.cases.letters.assembly import (
    LetterIdentity,
    correction_letter,
    interim_letter,
    method_letter,
    receipt_letter,
    reply_letter,
)
from ledger.cases.letters.coverage import letter_sentences
from ledger.cases.letters.letter import Letter
from ledger.emitters.coverage import DayPeriod, Share, Short, Statement
from ledger.format.decoder import open_event
from ledger.format.encoder import seal
from ledger.format.envelope import EventDraft, StoredFact
from ledger.format.event_reader import fact_of
from ledger.format.json import canonical
from ledger.law.procedure.policy_2022 import PUBLISHED
from ledger.streams.history import HistoryEntry, entry_of
from ledger.values import PrincipalRef
from tests.format.golden.building import LEDGER, Counter, data_key, named_uuid

STORED = Path(__file__).with_name("stored.json")
DISCLOSURE = named_uuid("letters disclosure")
REFUSAL = named_uuid("letters refusal")
STOP = named_uuid("letters stop")
WITHOUT_SEARCH = {
    name: named_uuid(f"letters {name}") for name in ("purposes", "correction", "abroad")
}
PERSON = frozenset({("member", "M-0001"), ("email", "hanako@example.jp")})
NAMES = ("見本 中子", "見本 花子")
RECORD_KEY = data_key("record", "record-a", date(2029, 11, 25))
CASE_KEY = data_key("case", "case", None)
PUBLIC = next(one for one in PUBLISHED if one.version == "2022-10-01")
OPERATOR = replace(PUBLIC.operator, representative="代表取締役 見本 一郎")
PROCEDURE = replace(PUBLIC, operator=OPERATOR)
CODE = "0123-4567-89AB-CDEF-GHJK"
LETTERED = datetime(2026, 12, 20, 1, 2, 3, 456_000, UTC)
KINDS = {"email": "メールアドレス", "member": "会員ID", "phone": "電話番号"}

DAYS = DayPeriod(date(2024, 1, 1), date(2026, 11, 25))
LATE = date(2026, 11, 20)
WHOLE = Share("ads", "広告配信基盤", DAYS, ())
GAPS = (
    DayPeriod(date(2026, 4, 1), date(2026, 4, 3)),
    DayPeriod(date(2026, 5, 1), date(2026, 5, 1)),
)
DECLARED: Mapping[str, tuple[Share, ...]] = {
    "by nobody": (),
    "by everybody": (WHOLE,),
    "with gaps": (WHOLE, replace(WHOLE, emitter="shop", gaps=GAPS)),
    "with losses": (
        replace(WHOLE, short=(Short(LATE, 3),)),
        replace(WHOLE, emitter="shop", short=(Short(LATE, None),)),
    ),
}
"""What emitters had declared complete when the records were searched."""


def _drafts() -> list[EventDraft]:
    versions: dict[UUID, int] = {}
    found: list[EventDraft] = []
    rows: list[dict[str, Any]] = json.loads(STORED.read_text("utf-8"))
    for row in rows:
        stream = UUID(row["stream"])
        versions[stream] = versions.get(stream, 0) + 1
        place = (stream, versions[stream], datetime.fromisoformat(row["at"]), row["actor"])
        members: dict[str, Any] = {"record": row["record"]}
        if "statement" in row:
            members |= {"judged_at": 0, "first": 0, "fingerprint": bytes(32)}
            members["statement"] = canonical(row["statement"])
            members["lines"] = tuple(canonical(line) for line in row["lines"])
        command = UUID(int=len(found))
        found.append(EventDraft(row["type"], *place, command, row["facts"], **members))
    return found


@cache
def facts() -> tuple[Any, ...]:
    """Every event at its place, as the ledger reads it: sealed once, and opened."""
    random = Counter("letters")
    found: list[Any] = []
    for position, draft in enumerate(_drafts(), 1):
        key = CASE_KEY if draft.statement is None else RECORD_KEY
        sealed = seal(draft, key, LEDGER, random=random)
        place = (position, sealed.stream, sealed.version, sealed.type)
        fact = StoredFact(*place, sealed.header, sealed.sealed)
        found.append(fact_of(open_event(fact, {key.id: key}, LEDGER)))
    return tuple(found)


@cache
def entries() -> tuple[HistoryEntry, ...]:
    """The history of the person: every record that is stored."""
    streams = [fact.stream for fact in facts() if fact.event.TYPE.endswith("-recorded")]
    made = (entry_of(_of(stream), is_own) for stream in streams)
    return tuple(one for one in made if one is not None)


def _of(stream: UUID) -> list[Any]:
    return [fact for fact in facts() if fact.stream == stream]


def is_own(principal: PrincipalRef) -> bool:
    return (principal.scheme, principal.id) in PERSON


def after(stream: UUID, event_type: str, nth: int = 1) -> State:
    """The case as it stood after its `nth` event of that type."""
    found = _of(stream)
    ends = [n for n, fact in enumerate(found, 1) if event_type == fact.event.TYPE]
    state = case.fold(None, found[: ends[nth - 1]])
    assert state is not None
    return state


def _disclosed(
    nth: int, declared: str, *, found: bool = True, wording: int | None = None
) -> Letter:
    """The letter of the `nth` decision about the person's records."""
    state = after(DISCLOSURE, "case-decided", nth)
    first_day = state.application.first_day
    said = letter_sentences(Statement(first_day, DAYS.last, DECLARED[declared]))
    dated = LetterIdentity(LETTERED, CODE, said, KINDS, wording=wording)
    return reply_letter(state, PROCEDURE, dated, entries() if found else (), NAMES)


def _method() -> Letter:
    made = method_letter(
        after(DISCLOSURE, "case-decided"), PROCEDURE, LetterIdentity(LETTERED, CODE)
    )
    assert made is not None
    return made


def _answered(stream: UUID, event_type: str, nth: int = 1) -> Letter:
    return reply_letter(after(stream, event_type, nth), PROCEDURE, LetterIdentity(LETTERED, CODE))


def _interim() -> Letter:
    return interim_letter(after(DISCLOSURE, "case-verified"), PROCEDURE, CODE, LETTERED, 2)


def _corrected() -> Letter:
    return correction_letter(after(DISCLOSURE, "case-correction-requested"), PROCEDURE, CODE, 2)


def _receipt(event_type: str) -> Letter:
    return receipt_letter(after(DISCLOSURE, event_type), PROCEDURE, CODE)


MADE: Mapping[str, Callable[[], Letter]] = {
    "receipt-discreet": partial(_receipt, "case-received"),
    "receipt": partial(_receipt, "case-verified"),
    "correction": lambda: correction_letter(
        after(DISCLOSURE, "case-correction-requested"), PROCEDURE, CODE
    ),
    "partial": partial(_disclosed, 1, "with gaps"),
    "method": _method,
    "then-full": partial(_disclosed, 2, "by everybody"),
    "then-non-disclosure": partial(_disclosed, 3, "with losses"),
    "then-not-exist": partial(_disclosed, 4, "by nobody", found=False),
    "refusal": partial(_answered, REFUSAL, "case-refused"),
    "measures": partial(_answered, STOP, "case-measures-decided"),
    "interim": _interim,
    "correction-reworded": _corrected,
    "partial-reworded": partial(_disclosed, 1, "with gaps", wording=2),
    "then-full-reworded": partial(_disclosed, 2, "by everybody", wording=2),
    "then-not-exist-reworded": partial(_disclosed, 4, "by nobody", found=False, wording=2),
    "then-other-measures": partial(_answered, STOP, "case-measures-decided", 2),
    **{
        f"answer-{name}": partial(_answered, stream, "case-measures-decided")
        for name, stream in WITHOUT_SEARCH.items()
    },
}
"""Name → the letter; what begins with `then` answers anew a case that was looked at again."""
