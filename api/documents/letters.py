"""Letters on paper: what stands in each, from a `Letter`; how it looks stands in `templates`.

Constant words stand in the templates, whatever depends on the letter here. A letter whose reply is
an electromagnetic record, or too long for paper, carries its records as files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from io import BytesIO
from types import MappingProxyType
from typing import cast

import segno

from api.documents.annexes import ANNEXES, ROWS_MAX, Annexes, annexes_of
from api.documents.errors import UnprintableTextError
from api.documents.glyphs import Substitutes, check_printable
from api.documents.renderer import Attachment, Document, render
from ledger.cases.intake import PAPER
from ledger.cases.letters import words
from ledger.cases.letters.codes import scanned
from ledger.cases.letters.contents import (
    CorrectionLetter,
    Full,
    Interim,
    LetterMeasure,
    LetterWithholding,
    MeasureAnswer,
    MeasuresLetter,
    MethodChange,
    NonDisclosure,
    PaperFault,
    Partial,
    Procedural,
    ReceiptNotice,
    Supplement,
)
from ledger.cases.letters.files import content, json_of, records_csv
from ledger.cases.letters.letter import Letter, RequestSummary
from ledger.cases.letters.lines import PROVIDED, RECEIVED, ReplyLine, Side
from ledger.cases.letters.requests import kind_of
from ledger.clock import day_in_japan
from ledger.csv_guard import GUARD
from ledger.format.json import canonical
from ledger.law.answers import grounds_of, items_of
from ledger.law.procedure.reasons import of_whom, worded
from ledger.law.requests import (
    OTHER,
    OUTCOMES,
    PROVISION_RECORDS,
    TAKEN,
    WITHOUT_RECORDS,
    measures_on,
)
from ledger.values import Json

_RECORDS: Mapping[Side, str] = MappingProxyType(
    {PROVIDED: "当社が提供した記録", RECEIVED: "当社が提供を受けた記録"}
)


def withheld_body(
    one: LetterWithholding, lines: Sequence[ReplyLine], wording: int | None = None
) -> dict[str, Json]:
    """One entry of the list: `what`, the number of the ground (`item`), the `reason`."""
    by_item: dict[tuple[Side, str], list[int]] = {}
    for number, code in sorted(one.parts):
        line = lines[number - 1]
        is_referable = wording is not None and words.is_referable(line)
        label = words.item_label(code, line.side, is_referable=is_referable)
        by_item.setdefault((line.side, label), []).append(number)
    what = [
        *([f"{_RECORDS[PROVIDED]}{one.provided:,}件の全部"] if one.provided else []),
        *([f"{_RECORDS[RECEIVED]}{one.received:,}件の全部"] if one.received else []),
        *(
            f"{ANNEXES[side]}の番号{words.numbers_text(numbers)}"
            f"の「{label}」のうち開示していない部分"
            for (side, label), numbers in by_item.items()
        ),
        *(
            f"{_RECORDS[side]}（全部を開示しないもの）{count:,}件の"
            + "".join(f"「{words.item_label(code, side)}」" for code in codes)
            for side, codes, count in one.emptied or ()
        ),
    ]
    return {
        "what": "、".join(what),
        "item": str(words.ORDINALS[one.ground]),
        "reason": one.reason,
    }


def request_rows(letter: Letter) -> list[Json]:
    """[label, text] of what was asked for, in the order in which the letter tells it."""
    request = letter.asked
    if request.about is not None:
        return _other_request_rows(letter)
    sides = [
        *(["当社が提供した記録"] if request.provided else []),
        *(["当社が提供を受けた記録"] if request.received else []),
    ]
    person = letter.addressee.represents or letter.addressee.name
    return [
        ["ご請求の書面", request.form],
        ["到達した日", words.day_text(request.arrived_on)],
        ["ご本人", f"{person} 様"],
        ["対象の記録", "及び".join(sides)],
        ["対象の期間", _period(request)],
        ["ご希望の方法", medium_text(request)],
    ]


def _other_request_rows(letter: Letter) -> list[Json]:
    """Of retained data: no record of a provision is meant, so neither side nor period is told."""
    request, kind = letter.asked, kind_of(letter.asked)
    person = letter.addressee.represents or letter.addressee.name
    rows: list[Json] = [
        ["ご請求の種別", kind.label],
        ["到達した日", words.day_text(request.arrived_on)],
        ["ご本人", f"{person} 様"],
    ]
    return rows if kind.kind in WITHOUT_RECORDS else [*rows, ["ご希望の方法", medium_text(request)]]


def _period(request: RequestSummary) -> str:
    if request.first_day is None and request.last_day is None:
        return "全期間"
    first = "" if request.first_day is None else f"{words.day_text(request.first_day)}から"
    last = "" if request.last_day is None else f"{words.day_text(request.last_day)}まで"
    return first + last


def medium_text(request: RequestSummary) -> str:
    """The medium that was asked for."""
    return "ご指定なし" if request.medium is None else words.MEDIA[request.medium]


def picture_of(text: str) -> str:
    """The QR code of `text` as SVG with its quiet zone of four modules; always the same.

    Up to 15 % of it may be soiled or folded (error correction M).
    """
    drawn = BytesIO()
    made = segno.make(text, error="m", micro=False, boost_error=False)
    made.save(drawn, kind="svg", border=4, xmldecl=False, svgclass=None, lineclass=None, nl=False)
    return drawn.getvalue().decode()


_WHOLLY = "対象となる保有個人データの全部"
_REQUESTED = "ご請求に係る保有個人データ"


def measures_body(letter: MeasuresLetter, request: RequestSummary) -> dict[str, Json]:
    """The members that the template needs besides those of every letter."""
    kind = kind_of(request)
    return {
        "outcome": letter.outcome,
        "taken": [
            _measure_row(one, request, wholly=letter.outcome == TAKEN) for one in letter.taken
        ],
        "reason": letter.reason if OUTCOMES[letter.outcome].reasoned else None,
        "asked_by": kind.requested_by,
        "taken_by": kind.taken_by,
        "replaces": None if letter.replaces is None else words.day_text(letter.replaces),
    }


def _measure_row(one: LetterMeasure, request: RequestSummary, *, wholly: bool) -> Json:
    measure = measures_on(request.arrived_on)[one.measure]
    day = words.day_text(one.from_day)
    label = "これに代わる措置" if one.measure == OTHER else measure.label
    what = one.what or (_WHOLLY if wholly else _REQUESTED)
    return [label, f"{day}から" if measure.lasts else day, what]


_WITHHELD = "提供しません"


def answer_body(answer: MeasureAnswer, request: RequestSummary) -> dict[str, Json]:
    """The members that the template needs besides those of every letter."""
    grounds = grounds_of(kind_of(request).kind, request.arrived_on)
    cited = [grounds[code] for code in answer.grounds]
    return {
        "outcome": answer.outcome,
        "rows": [*_rows(answer, request)],
        "grounds": [[one.label, one.article] for one in cited],
        "reason": answer.reason if answer.grounds else None,
        "replaces": None if answer.replaces is None else words.day_text(answer.replaces),
    }


def _rows(answer: MeasureAnswer, request: RequestSummary) -> Iterator[Json]:
    """The items in the order of the law, or what was done, in the order of the decision."""
    texts = {one.item: one.text for one in answer.information}
    for item in items_of(kind_of(request).kind, request.arrived_on).values():
        if item.code in texts:
            yield [item.label, texts[item.code] or _WITHHELD]
    measures = measures_on(request.arrived_on)
    for one in answer.taken:
        yield [measures[one.measure].label, words.day_text(one.from_day), one.what]


CSV_NAME = "records.csv"
JSON_NAME = "records.json"
DISCREET = "DISCREET"
ANNEX_TEMPLATE = "annex"
_OF_DISCREET = frozenset(
    (
        *("case_number", "verification_code", "day", "made", "arrived", "due"),
        *("addressee", "issuer", "desk"),
    )
)

TEMPLATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "FULL": ("letter-full", "第三者提供記録の開示について"),
        "PARTIAL": ("letter-partial", "第三者提供記録の一部開示について"),
        "NON_DISCLOSURE": ("letter-non-disclosure", "第三者提供記録の不開示について"),
        "NOT_EXIST": ("letter-not-exist", "第三者提供記録の開示のご請求について"),
        "PROCEDURAL": (
            "letter-procedural",
            "{request}のご請求について（手続の不備）",
        ),
        "METHOD": ("letter-method", "第三者提供記録の開示の方法の変更について"),
        "CORRECTION": ("letter-correction", "{request}のご請求の補正のお願い"),
        DISCREET: ("letter-discreet", "ご連絡のお願い"),
        "INTERIM": ("letter-interim", "{request}のご請求についての中間のお知らせ"),
        "RECEIPT": ("letter-receipt", "{request}のご請求の受付について"),
        "MEASURES": ("letter-measures", "{request}のご請求について"),
        "ANSWER": ("letter-answer", "{request}のご請求について"),
        "SUPPLEMENT": (
            "letter-supplement",
            "第三者提供記録の開示のご請求に対する回答の訂正・補足について",
        ),
    }
)
"""Kind of letter → template, and title with a place for what was asked for (`title_of`)."""


Files = Callable[[], tuple[bytes, bytes]]
"""Gives the bytes of a letter's JSON and of the CSV of its records."""


@dataclass(frozen=True, slots=True)
class SetLetter:
    """A letter as it was set.

    Attributes:
        json: the bytes of `ledger.cases.letters.files.content`.
        csv: the bytes of `ledger.cases.letters.files.records_csv`.
        annexes: titles of the annexes in `pdf`.
        parts: documents that the rows are printed in, `pdf` the first; see `annex_pdf`.
    """

    pdf: bytes
    json: bytes
    csv: bytes
    annexes: tuple[str, ...]
    parts: int = 1


def letter_pdf(letter: Letter, substitutes: Substitutes = ()) -> bytes:
    """The letter as a tagged PDF/A-3a; the same bytes every time.

    Args:
        substitutes: what is printed for characters that cannot be; the letter tells which were.

    Raises:
        UnprintableError: a text holds what the font cannot print; its pointers are those of the
            letter's JSON (`ledger.cases.letters.files`).
    """
    return set_letter(letter, substitutes).pdf


def set_letter(letter: Letter, substitutes: Substitutes = ()) -> SetLetter:
    """The letter on paper and as files, from one look at it; raises as `letter_pdf`.

    The files keep every character, whatever is printed in its place.
    """
    files = cache(partial(_files, letter, substitutes))
    template, document = document_of(letter, files)
    document = replace(document, substitutes=substitutes)
    try:
        pdf = render(template, document, files)
    except UnprintableTextError:
        files()  # names the places of the letter, where the document's own are known to nobody
        raise
    tables = cast("list[dict[str, str]]", document.body.get("annexes", []))
    annexes = tuple(one["title"] for one in tables)
    return SetLetter(pdf, *files(), annexes, cast("int", document.body.get("parts", 1)))


def annex_pdf(letter: Letter, part: int, substitutes: Substitutes = ()) -> tuple[bytes, list[str]]:
    """The rows of a reply that its document `part` (from 2) prints, and its titles.

    Raises as `letter_pdf`.
    """
    annexes = annexes_of(letter, part)
    body = _common(letter) | {"annexes": annexes.tables, "part": part, "parts": annexes.parts}
    body |= {"not_asked": words.not_requested_text(letter.wording)}
    document = Document(
        title=f"{title_of(letter)}（別紙の続き {part}/{annexes.parts}）",
        author=letter.issuer.name,
        at=letter.at,
        body=body,
        substitutes=substitutes,
    )
    tables = cast("list[dict[str, str]]", annexes.tables)
    return render(ANNEX_TEMPLATE, document), [one["title"] for one in tables]


def _files(letter: Letter, substitutes: Substitutes) -> tuple[bytes, bytes]:
    shown = json_of(letter)
    check_printable(shown, substitutes)
    return canonical(shown), records_csv(letter)


def title_of(letter: Letter) -> str:
    """The title of the letter."""
    return TEMPLATES[_kind(letter)][1].format(request=kind_of(letter.asked).label)


def _kind(letter: Letter) -> str:
    contents = letter.content
    may_be = isinstance(contents, CorrectionLetter | Procedural | ReceiptNotice)
    return DISCREET if may_be and contents.discreet else contents.KIND


def document_of(letter: Letter, files: Files | None = None) -> tuple[str, Document]:
    """The template of `letter`, and what it prints; `files`: gives its JSON and CSV."""
    contents = letter.content
    template, _ = TEMPLATES[_kind(letter)]
    annexes = annexes_of(letter)
    body = _common(letter)
    if letter.wording is not None:
        body |= {"wording": letter.wording}
    match contents:
        case Procedural():
            body |= {
                "label": contents.label,
                "article": contents.article,
                "form": letter.asked.form,
            }
            body |= {
                "papers_returned": contents.papers_returned,
                "faults": _faults(contents.faults),
            }
        case CorrectionLetter():
            body |= {
                "due": words.day_text(contents.due_on),
                "notes": cast("Json", list(contents.notes)),
            }
            body |= {
                "papers_returned": contents.papers_returned,
                "faults": _faults(contents.faults),
            }
        case MethodChange():
            body |= {"reason": contents.reason, "wanted": medium_text(letter.asked)}
            body |= {"given": contents.medium or PAPER}
        case ReceiptNotice():
            body |= {
                "fee": contents.fee,
                "post": contents.post,
                "has_fee": kind_of(letter.asked).fee,
            }
        case Interim():
            body |= {
                "by": "" if contents.by is None else words.day_text(contents.by),
                "post": contents.post,
            }
        case MeasuresLetter():
            body |= measures_body(contents, letter.asked)
        case MeasureAnswer():
            body |= answer_body(contents, letter.asked)
        case Supplement():
            body |= {"earlier": _earlier(contents)}
        case _:
            pass
    if letter.code_salt is not None:
        body |= {"checking": {"log": letter.log, "picture": picture_of(scanned(letter))}}
    if letter.reply is not None:
        body |= _result(letter, annexes)
    if template == TEMPLATES[DISCREET][0]:
        # What it does not print it is not asked for, and tells nothing of.
        body = {name: value for name, value in body.items() if name in _OF_DISCREET}
    attached = _attached(letter, files) if _has_files(letter, annexes) else ()
    return template, Document(
        title=title_of(letter),
        author=letter.issuer.name,
        at=letter.at,
        body=body,
        attached=attached,
    )


def _common(letter: Letter) -> dict[str, Json]:
    to, issuer, desk = letter.addressee, letter.issuer, letter.issuer.desk
    return {
        "case_number": letter.case_number,
        "verification_code": letter.verification_code,
        "day": words.day_text(day_in_japan(letter.at)),
        "made": _creation_text(letter),
        "arrived": words.day_text(letter.asked.arrived_on),
        "addressee": {
            "postal_code": to.postal_code,
            "address": to.address,
            "name": to.name,
            "represents": to.represents,
        },
        "issuer": {
            "name": issuer.name,
            "address": issuer.address,
            "representative": issuer.representative,
        },
        "desk": {
            "name": desk.name,
            "postal_code": desk.postal_code,
            "address": desk.address,
            "email": desk.email,
        },
        "about": letter.asked.about or PROVISION_RECORDS,
        "request": kind_of(letter.asked).label,
        "asked": request_rows(letter),
        "search": None
        if letter.search is None
        else {
            "day": words.day_text(day_in_japan(letter.search.at)),
            "instant": words.instant_text(letter.search.at),
            "position": f"{letter.search.position:,}",
            "coverage": "".join(letter.search.coverage),
        },
    }


def _creation_text(letter: Letter) -> str:
    is_reworded = (letter.wording or 0) >= words.INTERIM_OF_A_DAY
    if is_reworded and isinstance(letter.content, Interim):
        return f"作成日 {words.day_text(day_in_japan(letter.at))}"
    return f"作成日時 {words.instant_text(letter.at)}"


def _faults(faults: tuple[PaperFault, ...]) -> list[Json]:
    rows: list[Json] = []
    for one in faults:
        reason = worded(one.reason, one.expired, one.missing or ())
        if one.whose is not None and one.expired is None:
            reason = of_whom(one.reason, one.whose, one.months)
        rows.append([one.paper or "―", f"{reason.label}。", reason.cure])
    return rows


def _earlier(supplement: Supplement) -> list[Json]:
    return [
        ["先の回答の受付番号", supplement.earlier_case],
        ["先の回答の日付", words.day_text(supplement.earlier_on)],
        ["改める内容", supplement.change],
        ["改める理由", supplement.reason],
    ]


def _result(letter: Letter, annexes: Annexes) -> dict[str, Json]:
    reply = letter.reply
    is_withheld = isinstance(reply, Partial | NonDisclosure)
    withheld, whole = (reply.withheld, reply.whole_records) if is_withheld else ((), None)
    agreed_on = reply.agreed_on if isinstance(reply, Full | Partial) else None
    return {
        "result": "" if reply is None else reply.KIND,
        "medium": reply.medium if isinstance(reply, Full | Partial) else "",
        "counts": annexes.counts,
        "withheld": [withheld_body(one, letter.lines, letter.wording) for one in withheld],
        "whole_records": "" if whole is None else f"{whole:,}",
        "annexes": annexes.tables,
        "folded": annexes.folded,
        "all_printed": annexes.all_printed,
        "has_files": _has_files(letter, annexes),
        "rows_max": f"{ROWS_MAX:,}",
        "parts": annexes.parts,
        "many_rows": annexes.many_rows,
        "agreed_on": "" if agreed_on is None else words.day_text(agreed_on),
        "not_asked": words.not_requested_text(letter.wording),
        "printed": f"{annexes.printed:,}",
        "total": f"{len(letter.lines):,}",
        "guard": GUARD,
        "guard_place": words.guard_position(letter.wording),
    }


def _has_files(letter: Letter, annexes: Annexes) -> bool:
    reply = letter.reply
    is_electronic = isinstance(reply, Full | Partial) and reply.medium == "electronic"
    return is_electronic or not annexes.all_printed


def _attached(letter: Letter, files: Files | None) -> tuple[Attachment, ...]:
    shown, records = (content(letter), records_csv(letter)) if files is None else files()
    return (
        Attachment(CSV_NAME, "text/csv", "開示する記録（表形式）", records),
        Attachment(JSON_NAME, "application/json", "この回答の内容（機械可読）", shown),
    )
