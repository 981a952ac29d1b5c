"""The evidence of a whole case as one file: what was done, what went out, who looked.

The same bytes for the same position of the ledger and the same kind of reader. What was done with
records (searched, decided, submitted, approved, sent back) is told by its moment and its actor
alone: an older search that counted one record more would tell of an exclusion (Order 11). What
stands of it is in `case.json`, exactly as the case's own page and endpoint tell it, and in the
letters as they were sent.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from io import StringIO
from typing import Final, cast
from uuid import UUID

from api.auth import Caller
from api.case_replies import Replies
from api.problems.kinds import kind_of
from api.resources.accesses.schemas import render_accesses
from api.resources.cases.dispatch.handout import (
    ZIP_TYPE,
    HandedDocument,
    build_access,
    documents_of,
)
from api.resources.cases.schemas.files import zipped
from api.resources.cases.schemas.whole_case import plain, render_whole_case
from ledger.accesses.access import CASE_EXPORT, EXPORT, HISTORY, TRANSFER
from ledger.accesses.service import AccessFilter
from ledger.accesses.service import AccessPage as Looks
from ledger.cases.case import State
from ledger.cases.events.case import (
    CaseApproved,
    CaseDecided,
    CaseRecordsIdentified,
    CaseSentBack,
    CaseSubmitted,
)
from ledger.cases.events.measures import CasePersonIdentified
from ledger.cases.events.reply import AnswerCommitted, CaseDispatched, ReplyStored
from ledger.cases.events.substitute import CaseSubstitutesChosen
from ledger.cases.letters.assembly import CORRECTION
from ledger.cases.letters.files import BOM
from ledger.cases.service import CaseFact
from ledger.csv_guard import guarded
from ledger.errors import LedgerError, NotFoundError
from ledger.format.events import CaseEvent, ExpiredEvent
from ledger.format.header import instant_text
from ledger.format.json import canonical
from ledger.law.procedure.version import Procedure
from ledger.service import Ledger
from ledger.values import Json

_BOM: Final = b"\xef\xbb\xbf"

_FILES: Final = {
    "events.jsonl": (
        "請求の経過。1行が1つの出来事で、古い順です（台帳の位置、版、種類、日時、行為者）。"
        "書類の受付、確認、補正、発送、配達などは、登録された内容（record）も示します。"
        "記録の特定、開示・不開示の決定、承認の申請、承認、差戻しは、日時と行為者だけを示します。"
        "決定の内容は、case.jsonと、発送した書面にあります。"
    ),
    "case.json": "作成した時点の請求の全体。申請の内容、確認した書類、決定、回答、期限など。",
    "verification.json": "本人確認の内容（書類、判定、三つの住所の比較）。",
    "verification.csv": "本人確認の書類の一覧（表計算ソフト用）。",
    "letters/correction.pdf": "最後の補正のお願い。台帳の内容から作成し直したものです。",
    "letters/sha256.txt": "発送した書面の検証値（SHA-256）。書面そのものは含みません。",
}
_ACCESS_LOG: Final = "looks.jsonl　この請求に関する閲覧の記録。1行が1回の閲覧で、古い順です。"
_BRIEFLY: Final = "誰が、いつ、何を見たかに限ります。全体は監査者が確認できます。"
_REPLIES: Final = (
    "letters/reply-n/：n通目の回答を、発送したときのまま収めています。"
    "reply.pdf（書面）、records.csv（記録の一覧）、records.json（機械可読）、"
    "あれば method.pdf（開示方法の変更のお知らせ）、annex-2.pdf以降（別紙の続き）。"
)


@dataclass(frozen=True, slots=True)
class EvidenceContext:
    """What the file is of, and for whom.

    Attributes:
        position: of the ledger, as of which it was made.
        sees_case, sees_letters, audits: what the reader may see.
    """

    number: str
    position: int
    may_see_case: bool
    may_see_letters: bool
    audits: bool


def readme(about: EvidenceContext, names: Sequence[str]) -> bytes:
    """The text: UTF-8 with BOM and CRLF, so that it opens everywhere.

    Args:
        names: of the other files.
    """
    lines = [
        "開示等の請求　証跡一式",
        "",
        f"受付番号　　{about.number}",
        f"台帳の位置　#{about.position}（この位置までの内容です）",
        "",
        "同じ位置について、同じ役割の人が作成すると、同じ内容になります。",
        "このファイルを取り出したことは、理由とともに監査の記録に残っています。",
        "個人情報を含みます。取扱いに注意し、必要がなくなったら消去してください。"
        if about.may_see_case or about.may_see_letters
        else "請求者の氏名、記録及び書面の内容は含みません。",
        "",
        "収めているファイル",
        *(f"・{name}　{_FILES[name]}" for name in names if name in _FILES),
    ]
    if any(name.startswith("letters/reply-") for name in names):
        lines.append(f"・{_REPLIES}")
    lines += [
        f"・{_ACCESS_LOG}{'' if about.audits else _BRIEFLY}",
        "・sha256sums.txt　上の全てのファイルの検証値（SHA-256）。",
        "",
        "確かめ方",
        "展開したフォルダーで「sha256sum --check sha256sums.txt」を実行してください。",
        "発送した書面の控えが別にあるときは、その検証値を同じ方法で比べられます。",
        "日時は協定世界時（UTC）です。行為者は、台帳の中の番号で示します。",
        "拡張子が.jsonlのファイルは、1行が1つのJSON（RFC 8785に準じた正規形）です。",
    ]
    return _BOM + "".join(f"{line}\r\n" for line in lines).encode()


NAME: Final = "evidence.zip"
REASON_CHARACTERS_MAX: Final = 200

README: Final = "README.txt"
SUMS: Final = "sha256sums.txt"

_ACCESSES_AT_ONCE: Final = 500
_FAULTS: Final = 500
# Each is made of records, or is said by who saw them: all others hold what was written or posted.
MADE_OF_RECORDS: Final = (
    *(CaseRecordsIdentified, CasePersonIdentified, CaseDecided, CaseSubstitutesChosen),
    *(CaseSubmitted, CaseApproved, CaseSentBack, ReplyStored, AnswerCommitted),
)
_CHECKED: Final = ("書類", "誰の", "原本・写し", "発行日", "有効期間の末日", "不備")
_PERSONS: Final = {"principal": "本人", "agent": "代理人", "legal_representative": "法定代理人"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Somebody takes the evidence of a case away.

    Attributes:
        reason: why, as an auditor reads it.
    """

    case: UUID
    caller: Caller
    reason: str

    def handed(self, ledger: Ledger, replies: Replies, at: datetime) -> HandedDocument:
        """The file, once the look at it is on record.

        Raises:
            NotFoundError: there is no such case, or its key is dead.
            MalformedError: the reason holds an individual number.
        """
        up_to = ledger.streams.reads.head()
        made = self.make_document(ledger, replies, up_to)
        state = ledger.case(self.case)
        if state is None:
            raise NotFoundError
        access = replace(build_access(made, state, self.caller.actor), reason=self.reason)
        ledger.view(access, at)
        return made

    def make_document(self, ledger: Ledger, replies: Replies, up_to: int) -> HandedDocument:
        """The file as of a position, for nobody to see before the look; raises as `handed`."""
        case_with_facts, state = (
            ledger.case_with_facts(self.case),
            ledger.streams.case_state(self.case, up_to),
        )
        if case_with_facts is None or state is None:
            raise NotFoundError
        facts = [one for one in case_with_facts[1] if one.position <= up_to]
        source = _Source(ledger, replies, state, facts, up_to, self.caller)
        files = dict(_files(source))
        about = EvidenceContext(
            state.number, up_to, source.may_see_case, source.may_see_letters, source.audits
        )
        whole = {README: readme(about, tuple(files)), **files}
        packed = zipped({**whole, SUMS: _sums(whole)})
        return HandedDocument(packed, ZIP_TYPE, f"evidence-{state.number}.zip", CASE_EXPORT, NAME)


@dataclass(frozen=True, slots=True)
class _Source:
    """What the files are made of: the case as of `up_to`, for one caller."""

    ledger: Ledger
    replies: Replies
    state: State
    facts: Sequence[CaseFact]
    up_to: int
    caller: Caller

    @property
    def may_see_case(self) -> bool:
        """Whether the caller may read the case: who asks, the papers, what was decided."""
        return self.caller.may("cases:read")

    @property
    def may_see_letters(self) -> bool:
        return self.caller.may("reply:download")

    @property
    def audits(self) -> bool:
        """Whether the caller may read all that is told of looks."""
        return self.caller.may("audit:read")


def _files(source: _Source) -> Iterator[tuple[str, bytes]]:
    yield "events.jsonl", _lines(_event(one, source) for one in source.facts)
    if source.may_see_case:
        procedure = source.ledger.procedure_of(source.state)
        whole = _render_case(source, procedure)
        yield "case.json", canonical(_drop_nulls(whole))
        checked = {name: whole[name] for name in ("examination", "check", "addresses")}
        yield "verification.json", canonical(_drop_nulls(checked))
        yield "verification.csv", _table(whole, source.state, procedure)
    yield from _letters(source)
    yield "looks.jsonl", _lines(_read_accesses(source))


def _event(fact: CaseFact, source: _Source) -> Mapping[str, Json]:
    assert not isinstance(fact.event, ExpiredEvent), "a case whose key is dead is not shown"
    line: dict[str, Json] = {
        "position": fact.position,
        "version": fact.version,
        "type": fact.event.TYPE,
        "at": instant_text(fact.at),
        "actor": fact.actor,
    }
    if source.may_see_case and not isinstance(fact.event, MADE_OF_RECORDS):
        line["record"] = plain(_tellable(fact.event))
    return line


def _tellable(event: CaseEvent) -> CaseEvent:
    """The event without what no answer tells: that records changed may be an exclusion (0039)."""
    return replace(event, changed_since=None) if isinstance(event, CaseDispatched) else event


def _render_case(source: _Source, procedure: Procedure) -> dict[str, Json]:
    """The case as its endpoint tells it, but for what depends on who asks and on which day."""
    newest = source.facts[-1].at
    whole = render_whole_case((source.state, source.facts), procedure, source.caller, newest)
    return {name: one for name, one in whole.items() if name not in ("next", "due", "events")}


def _table(whole: Mapping[str, Json], state: State, procedure: Procedure) -> bytes:
    """The papers and what is short, a paper a row: UTF-8 with BOM, CRLF, cells guarded."""
    day = state.application.arrived_on
    labels = {one.code: one.label for one in procedure.documents_on(day)}
    examination = cast("Mapping[str, Json] | None", whole["examination"])
    papers = cast("list[Mapping[str, Json]]", [] if examination is None else examination["papers"])
    check = cast("Mapping[str, Json]", whole["check"])
    short: dict[int | None, list[str]] = {}
    for one in cast("list[Mapping[str, Json]]", check["shortcomings"]):
        place = cast("int | None", one.get("paper"))
        short.setdefault(place, []).append(cast("str", one["label"]))
    rows: list[tuple[str, ...]] = [_CHECKED]
    for n, paper in enumerate(papers):
        kind = cast("str", paper["kind"])
        rows.append(
            (
                labels.get(kind, kind),
                _PERSONS[cast("str", paper["person"])],
                "原本" if paper["is_original"] else "写し",
                cast("str", paper.get("issued_on") or ""),
                cast("str", paper.get("valid_through") or ""),
                "、".join(short.get(n, ())),
            )
        )
    if None in short:
        rows.append(("（届いていない書類など）", "", "", "", "", "、".join(short[None])))
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return BOM + text.getvalue().encode()


def _letters(source: _Source) -> Iterator[tuple[str, bytes]]:
    """Each reply as it was sent; who may not see it is told its sums alone."""
    state, replies = source.state, source.replies
    sums: list[str] = []
    for number in range(1, len(state.replies) + 1):
        _, documents = documents_of(state, replies, number)
        for name, content in documents.items():
            path = f"letters/reply-{number}/{name}"
            sums.append(f"{sha256(content).hexdigest()}  {path}")
            if source.may_see_letters:
                yield path, content
    if source.may_see_letters and source.may_see_case and state.corrected is not None:
        content = _correction(source)
        if content is not None:
            yield "letters/correction.pdf", content
    if not source.may_see_letters:
        yield "letters/sha256.txt", "".join(f"{one}\n" for one in sums).encode("ascii")


def _correction(source: _Source) -> bytes | None:
    """The newest letter that asked for a correction; None when it cannot be printed any more."""
    try:
        return source.replies.letter(source.state, CORRECTION)
    except LedgerError as error:
        if kind_of(error)[0].status >= _FAULTS:
            raise
        return None


def _read_accesses(source: _Source) -> Iterator[Mapping[str, Json]]:
    """The looks under the case, oldest first.

    Whoever is no auditor is told of the looks at the case's own documents, and of histories that
    they were looked at: neither how many records were shown, nor why, nor of single transfers
    and of exports.
    """
    access_filter, after = AccessFilter(case=source.state.number), source.state.position
    while True:
        page = source.ledger.accesses(access_filter, after, source.up_to, _ACCESSES_AT_ONCE)
        for one in _render_page(page, source.up_to):
            if source.audits:
                yield one
            elif one["what"] not in (TRANSFER, EXPORT):
                yield _briefly(one)
        if page.after is None:
            return
        after = page.after


def _render_page(page: Looks, up_to: int) -> list[dict[str, Json]]:
    # No transfer is named: whoever may exclude records reads that in the list of looks.
    body = render_accesses(page, up_to, None, includes_hidden=False)
    return cast("list[dict[str, Json]]", body["accesses"])


def _briefly(one: Mapping[str, Json]) -> dict[str, Json]:
    names = ("position", "at", "actor", "what", "number", "document", "reason")
    kept = names[:-1] if one["what"] == HISTORY else names
    return {name: one[name] for name in kept if name in one}


def _lines(rows: Iterator[Mapping[str, Json]]) -> bytes:
    return b"".join(canonical(_drop_nulls(one)) + b"\n" for one in rows)


def _drop_nulls(value: Mapping[str, Json]) -> dict[str, Json]:
    """Without what is None: it was not stated, or there is none."""
    return {name: _inner(one) for name, one in value.items() if one is not None}


def _inner(value: Json) -> Json:
    if isinstance(value, dict):
        return _drop_nulls(value)
    return [_inner(one) for one in value] if isinstance(value, list) else value


def _sums(files: Mapping[str, bytes]) -> bytes:
    """Lines as `sha256sum` writes them, so that it can check them."""
    lines = [f"{sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    return "".join(lines).encode("ascii")
