"""The golden ledger's story: at least one event of every type, and what dies at the end."""

from datetime import date
from hashlib import sha256
from typing import Any

from ledger.crypto.answers import AnsweredLine, AnswerKeys, answer_of
from ledger.crypto.keys import DataKey
from ledger.format.copies import carried_forward
from ledger.format.decoder import open_event
from ledger.format.encoder import fingerprint, parts_of
from ledger.format.envelope import OpenEvent, Original, SealedContent, StoredFact
from ledger.format.header import read_header
from ledger.format.json import canonical
from ledger.format.proof import subject_of
from ledger.values import Json, PrincipalRef
from tests.format.golden.building import (
    CORRECTED_FACTS,
    FACTS,
    LEDGER,
    RECORD_KEY,
    STATEMENT,
    Book,
    Counter,
    data_key,
    named_uuid,
    person,
)
from tests.format.golden.casework import (
    CASE_KEY,
    addresses_explained,
    cases,
    earlier_letter,
    measures,
    medium_agreed,
    mistakes,
    names_compared,
    names_differ,
    nobody_missed,
    password_posted,
    password_told_later,
    printed_otherwise,
    without_search,
)
from tests.format.golden.closing import days_closed

RECORD: dict[str, Json] = {"source": "https://a.example", "id": "t-1", "order_11": "0"}
PRINT = fingerprint("https://a.example", "t-1", {"items": ["氏名"], "acquisition": None})

LATER_KEY = data_key("record", "record-b", date(2030, 1, 31))
NO_DUTY_KEY = data_key("no-duty", "no-duty", date(2029, 11, 24))
SERIES_KEY = data_key("series", "series", None)
LINK_KEY = data_key("link", "link", None)
DIRECTIVE_KEY = data_key("directive", "directive", None)
HELD_KEY = data_key("held", "held", None)
EXCLUSION_KEY = data_key("exclusion", "exclusion", date(2029, 11, 30))
ACCESS_KEY = data_key("access", "access", date(2030, 1, 11))
REGISTER_KEY = data_key("register", "register", date(2036, 12, 31))


def opened(book: Book, position: int) -> OpenEvent:
    event = book.events[position - 1]
    fact = StoredFact(position, event.stream, event.version, event.type, event.header, event.sealed)
    return open_event(fact, book.keys, LEDGER)


def content(book: Book, position: int) -> SealedContent:
    found = opened(book, position).content
    assert found is not None, "the key lives"
    return found


def recorded(book: Book, **members: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a draft
    """Members of a recorded transfer, with `members` over them."""
    return {
        "facts": FACTS,
        "judged_at": len(book.events),
        "record": RECORD,
        "statement": canonical(STATEMENT),
        "fingerprint": PRINT,
        **members,
    }


def transfers(book: Book) -> None:
    """Positions 2 to 13: five recorded types, a correction, a retraction, a bulk transfer."""

    def put(event_type: str, stream: str, key: DataKey, **members: Any) -> None:  # noqa: ANN401 -- members of a draft
        book.put(event_type, stream, key, **recorded(book, **members))

    own: dict[str, Json] = {"findings": ["OPT_OUT_STOPPED"], "retain_through": "2029-11-24"}
    lines = (person(1), person(2, verdict=own), person(3))
    put("provision-recorded", "t1", RECORD_KEY, lines=lines, first=0)
    received = STATEMENT | {"direction": "received", "duty": "art30", "acquisition": None}
    put(
        "receipt-recorded",
        "t2",
        LATER_KEY,
        statement=canonical(received),
        lines=(person(4),),
        first=0,
    )
    put("referable-provision-recorded", "t3", LATER_KEY)
    put("joint-use-transfer-recorded", "t4", NO_DUTY_KEY, lines=(person(1), person(5)), first=0)
    put("exempt-transfer-recorded", "t5", NO_DUTY_KEY, lines=(person(6),), first=0)
    change: dict[str, Any] = {"fingerprint": None, "record": {"reason": "誤り", "removed": [2]}}
    facts = CORRECTED_FACTS
    corrected = (person(8, number=1), person(9, number=3))
    put("transfer-corrected", "t1", RECORD_KEY, facts=facts, lines=corrected, **change)
    change["record"] = {"reason": "遅れて届いた停止", "cause_position": 1}
    put("transfer-reclassified", "t4", NO_DUTY_KEY, facts=facts, **change)
    book.put(
        "transfer-retracted",
        "t2",
        LATER_KEY,
        facts={"reason": "duplicate"},
        record={"note": "二重"},
    )
    start = len(book.events)
    put("provision-recorded", "bulk", LATER_KEY, facts=FACTS | {"persons": 8})
    for first, count in ((0, 5), (5, 3)):
        lines = tuple(person(20 + first + j) for j in range(count))
        book.put(
            "principals-appended",
            "bulk",
            LATER_KEY,
            facts={"persons": count},
            lines=lines,
            first=first,
        )
    headers = [event.header for event in book.events[start:]]
    book.put("transfer-completed", "bulk", None, parts=parts_of(headers, 8))


def others(book: Book) -> None:
    """Events about series, persons, notices, exclusions and looks."""
    about: dict[str, Json] = {"transfer": str(named_uuid("t1"))}
    opening: dict[str, Json] = {
        "direction": "provided",
        "method": "collective",
        "first_day": "2026-10-01",
    }
    book.put("series-opened", "series", SERIES_KEY, facts=opening, record=about)
    for kind in ("series-extended", "series-closed"):
        book.put(kind, "series", SERIES_KEY, facts={"last_day": "2026-11-20"}, record=about)
    a: dict[str, Json] = {"scheme": "member", "id": "M-0001"}
    b: dict[str, Json] = {"scheme": "email", "id": "hanako@example.jp"}
    for kind in ("identifiers-linked", "identifiers-unlinked"):
        book.put(kind, "link", LINK_KEY, record={"a": a, "b": b, "evidence": "contract 77"})
    stop: dict[str, Json] = {"kind": "opt_out_stop", "day": "2026-11-01"}
    book.put("directive-received", "directive", DIRECTIVE_KEY, facts=stop, record={"principal": a})
    book.put(
        "directive-lifted", "directive", DIRECTIVE_KEY, facts=stop, record={"reference": "phone"}
    )
    renamed: dict[str, Json] = {"principal": a, "name": "見本 花子"}
    book.put("principal-renamed", "directive", DIRECTIVE_KEY, record=renamed)
    for kind in ("review-sealed", "exclusions-sealed"):
        book.put(kind, kind, EXCLUSION_KEY, record={"excluded": [[2, 2, "ii"]]})
    seen: dict[str, Json] = {"case": "2026-001", "identifiers": [a], "entries": 2}
    book.put("history-viewed", "look", ACCESS_KEY, facts={"as_of": 12}, record=seen)


def copies(book: Book) -> None:
    """A hold: the record of position 2 for one person, its correction, one chunk, a copy's copy."""
    book.put("hold-placed", "hold", REGISTER_KEY, record={"reason": "訴訟"})

    def copy(stream: str, original: int, source: int, keep: set[int], key: DataKey) -> int:
        header = read_header(book.header(original))
        carried = carried_forward(header, content(book, source), keep)
        where = Original(original, header.version)
        return book.put("record-carried-forward", stream, key, copies=where, copy=carried)

    copy("t1", 2, 2, {1}, HELD_KEY)
    copy("t1", 7, 7, {0, 1}, HELD_KEY)
    partial = copy("bulk", 11, 11, {1, 3}, HELD_KEY)
    copy("bulk", 11, partial, {3}, LATER_KEY)
    copy("bulk", 12, 12, set(), HELD_KEY)
    copy("t2", 9, 9, set(), HELD_KEY)
    book.put("hold-released", "hold", REGISTER_KEY, record={"reason": "和解"})


def kept(book: Book) -> None:
    """The last part of what was sent: two pieces, of two documents."""
    record: dict[str, Json] = {"content": "ab" * 32, "part": 2, "parts": 2}
    record["names"] = ["reply.json", "reply.pdf"]
    book.put("reply-stored", "case", CASE_KEY, record=record, attached=(b"{}", b"%PDF-1.7 end"))


def looks(book: Book) -> None:
    """A look at a letter of the case, and one at a history with a reason."""
    a: dict[str, Json] = {"scheme": "member", "id": "M-0001"}
    letter: dict[str, Json] = {"case": str(named_uuid("case")), "what": "reply_file"}
    letter |= {"number": 1, "document": "records.csv", "reason": "再交付"}
    book.put("document-viewed", "letter look", ACCESS_KEY, record=letter)
    seen: dict[str, Json] = {"case": "2026-001", "identifiers": [a], "entries": 2}
    seen["reason"] = "開示請求の調査"
    book.put("history-viewed", "second look", ACCESS_KEY, facts={"as_of": 12}, record=seen)


def looks_without_case(book: Book) -> None:
    """A look at a transfer for no case, and one for a case."""
    seen: dict[str, Json] = {"what": "transfer", "reason": "inspection"}
    seen["transfer"] = str(named_uuid("seen transfer"))
    book.put("document-viewed", "transfer look", ACCESS_KEY, record=seen)
    seen |= {"reason": "request", "case": str(named_uuid("case"))}
    book.put("document-viewed", "second transfer look", ACCESS_KEY, record=seen)


def procedures(book: Book) -> None:
    """A version of the procedure for requests, to begin later."""
    first_day: dict[str, Json] = {"effective_from": "2027-04-01"}
    document: dict[str, Json] = {**first_day, "procedure": "開示請求の手続き"}
    record: dict[str, Json] = {"document": document}
    book.put("procedure-published", "procedure", REGISTER_KEY, facts=first_day, record=record)


def emitters(book: Book) -> None:
    """An emitter registered and retired; days declared complete, with a count, and taken back."""
    since: dict[str, Json] = {"since": "2026-01-01"}
    known: dict[str, Json] = {"id": "ads", "source": "https://a.example", "name": "広告配信基盤"}
    days: dict[str, Json] = {"first_day": "2026-11-01", "last_day": "2026-11-23"}
    book.put("emitter-registered", "emitter", REGISTER_KEY, facts=since, record=known)
    counted: dict[str, Json] = {**known, **since, "expected_count": 12_345}
    complete: dict[str, Json] = {**days, "complete": True}
    book.put("coverage-declared", "emitter", REGISTER_KEY, facts=complete, record=counted)
    ended: dict[str, Json] = {**since, "until": "2026-11-30"}
    book.put("emitter-registered", "emitter", REGISTER_KEY, facts=ended, record=known)
    taken: dict[str, Json] = {**days, "complete": False}
    book.put("coverage-declared", "emitter", REGISTER_KEY, facts=taken, record={**known, **ended})


def exports(book: Book) -> None:
    """A bag for an auditor, and a whole one for a regulator, with why."""
    asked: dict[str, Json] = {"first": "2026-04-01", "bases": ["opt_out_27_2"]}
    made: dict[str, Json] = {"asked": asked, "identified": False, "whole": False, "records": 12}
    made["digest"] = "cd" * 32
    book.put("export-produced", "export", ACCESS_KEY, facts={"as_of": 12}, record=made)
    made |= {"asked": {"identifiers": 1}, "identified": True, "whole": True, "reason": "報告の求め"}
    made["identifiers"] = [{"scheme": "member", "id": "M-0001"}]
    book.put("export-produced", "second export", ACCESS_KEY, facts={"as_of": 40}, record=made)


def audit_bags(book: Book) -> None:
    """The whole ledger for an auditor: asked for, approved by another person, made."""
    asked: dict[str, Json] = {"reason": "委員会の立入検査"}
    book.put("audit-bag-requested", "audit bag", ACCESS_KEY, record=asked)
    book.put("audit-bag-approved", "audit bag", ACCESS_KEY, record={})
    made: dict[str, Json] = {"digest": "ef" * 32}
    book.put("audit-bag-produced", "audit bag", ACCESS_KEY, facts={"as_of": 40}, record=made)


def findings_settled(book: Book) -> None:
    """What was done about the findings of a transfer, and what was done about them later."""
    done: dict[str, Json] = {"codes": ["COUNTERPARTY_INCOMPLETE", "OPT_OUT_NOT_FILED"]}
    for action, reason in (("stopped", "提供を止めた"), ("reported", "委員会に報告した")):
        record: dict[str, Json] = {**done, "action": action, "reason": reason}
        book.put("transfer-findings-settled", "t4", NO_DUTY_KEY, record=record)


def log_epochs(book: Book) -> None:
    """An epoch of the log after a loss: told where the histories parted, and another time not."""
    ended: dict[str, Json] = {"origin": "ledger.example.jp/golden", "size": 40, "epoch": 2}
    ended |= {"root": sha256(b"root").hexdigest(), "note": sha256(b"note").hexdigest()}
    record: dict[str, Json] = {"by": "運用担当 見本 花子", "reason": "最新の控えがなかった"}
    known: dict[str, Json] = {**ended, "parted_after": 12}
    book.put("log-epoch-started", "log", REGISTER_KEY, facts=known, record=record)
    second: dict[str, Json] = {**ended, "origin": "ledger.example.jp/epoch-2/golden", "epoch": 3}
    book.put("log-epoch-started", "log", REGISTER_KEY, facts=second, record=record)


def answers(book: Book) -> None:
    """What binds the reply that is kept: one line, of the record at position 2."""
    a, salt = PrincipalRef("member", "M-0001"), bytes(range(32))
    line = AnsweredLine(named_uuid("t1"), 2, 7, 2, 0)
    keys = AnswerKeys.of(salt, 1)
    place = (LEDGER, named_uuid("case"), 12, canonical(subject_of(keys, [a], [])))
    facts: dict[str, Json] = {"as_of": 12}
    facts["answer"] = answer_of(keys, *place, [(line.digest, False)]).hex()
    record: dict[str, Json] = {"content": "ab" * 32, "salt": salt.hex()}
    book.put("answer-committed", "case", CASE_KEY, facts=facts, record=record)


def whole_book() -> tuple[Book, int]:
    """The golden ledger, and its size before the key of position 2 dies."""
    book = Book(Counter("golden"))
    version: dict[str, Json] = {"kind": "joint_use", "in_force_from": "2026-10-01"}
    version |= {"published_on": "2026-09-01", "number": 1}
    notice: dict[str, Json] = {"notice_id": "ju-1", "notice": {"notice_id": "ju-1", "owner": "p-1"}}
    page = ("共同利用について\n" * 9).encode()
    book.put(
        "notice-published", "notice", REGISTER_KEY, facts=version, record=notice, attached=(page,)
    )
    transfers(book)
    others(book)
    copies(book)
    withdrawn: dict[str, Json] = {"day": "2026-12-01"}
    book.put("notice-withdrawn", "notice", REGISTER_KEY, facts=withdrawn, record={"reason": "終了"})
    counts: dict[str, Json] = {"cases": 0, "events": 2, "holds": 0, "keys": 1, "lookups": 3}
    plan: dict[str, Json] = {"keys": [RECORD_KEY.id.hex()]}
    book.put("expiry-planned", "retention", REGISTER_KEY, facts={"counts": counts}, record=plan)
    cases(book)
    kept(book)
    looks(book)
    procedures(book)
    emitters(book)
    measures(book)
    mistakes(book)
    printed_otherwise(book)
    names_differ(book)
    looks_without_case(book)
    names_compared(book)
    addresses_explained(book)
    earlier_letter(book)
    findings_settled(book)
    password_posted(book)
    password_told_later(book)
    exports(book)
    log_epochs(book)
    days_closed(book, REGISTER_KEY)
    without_search(book)
    medium_agreed(book)
    nobody_missed(book)
    answers(book)
    audit_bags(book)
    before = len(book.events)
    book.put("records-expired", "retention", None, facts={"counts": counts}, keys=(RECORD_KEY.id,))
    return book, before
