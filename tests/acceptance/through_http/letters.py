"""A letter from the JSON that goes with it, so that it can be set again."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ledger.cases.letters.contents import (
    Full,
    LetterWithholding,
    NonDisclosure,
    NotExist,
    Partial,
    Reply,
    Supplement,
)
from ledger.cases.letters.letter import Addressee, Issuer, Letter, RequestSummary, SearchInstant
from ledger.cases.letters.lines import LineItem, ReplyLine
from ledger.law.procedure.tables import DeskAddress
from tests.acceptance.reading import CaseError

Shown = Mapping[str, Any]
_DAYS = frozenset({"arrived_on", "first_day", "last_day"})


def letter_of(shown: Shown) -> Letter:
    """The letter of a reply to a search.

    Raises:
        CaseError: it is a letter of another kind.
    """
    issuer: dict[str, Any] = {**shown["issuer"], "desk": DeskAddress(**shown["issuer"]["desk"])}
    asked: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _DAYS else value
        for name, value in shown["asked"].items()
    }
    search = shown["search"]
    return Letter(
        at=datetime.fromisoformat(shown["at"]),
        case_number=shown["case_number"],
        verification_code=shown["verification_code"],
        addressee=Addressee(**shown["addressee"]),
        issuer=Issuer(**issuer),
        asked=RequestSummary(**asked),
        search=SearchInstant(
            datetime.fromisoformat(search["at"]), search["position"], tuple(search["coverage"])
        ),
        content=_content(shown["content"]),
        kinds=shown.get("kinds"),
        log=shown.get("log"),
        code_salt=shown.get("code_salt"),
        wording=shown.get("wording"),
    )


def _content(said: Shown) -> Reply | Supplement:
    if said["kind"] != Supplement.KIND:
        return _reply(said)
    stated = {name: said[name] for name in ("earlier_case", "change", "reason")}
    on = date.fromisoformat(said["earlier_on"])
    return Supplement(**stated, earlier_on=on, reply=_reply(said["reply"]))


def _reply(said: Shown) -> Reply:
    lines = tuple(_line(one) for one in said.get("lines", []))
    withheld = tuple(_withholding(one) for one in said.get("withheld", []))
    agreed_on = said.get("agreed_on")
    given: dict[str, Any] = {
        "whole_on_paper": said.get("whole_on_paper"),
        "agreed_on": None if agreed_on is None else date.fromisoformat(agreed_on),
    }
    match said["kind"]:
        case NotExist.KIND:
            return NotExist()
        case Full.KIND:
            return Full(lines, said["medium"], **given)
        case Partial.KIND:
            return Partial(lines, said["medium"], withheld, **given)
        case NonDisclosure.KIND:
            return NonDisclosure(withheld)
        case kind:
            raise CaseError(f"a letter of the kind {kind} answers no search")


def _line(shown: Shown) -> ReplyLine:
    items = tuple(
        LineItem(one["code"], one.get("value"), one.get("withheld", 0)) for one in shown["items"]
    )
    told = (shown.get("current_name"), shown.get("consent"), shown.get("reference"))
    return ReplyLine(shown["number"], shown["side"], shown["route"], items, *told)


def _withholding(shown: Shown) -> LetterWithholding:
    parts = tuple((number, code) for number, code in shown["parts"])
    return LetterWithholding(
        shown["ground"], shown["reason"], shown["provided"], shown["received"], parts
    )
