"""What officers send, step by step: cases of the demo's people, from the envelope to delivery.

Each walk is one case, done on the pages by those who may: a form is read from its page as a browser
reads it, filled in, and sent. Only what is sent is measured here; pages are measured by themselves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from api.demo.applicants import APPLICANTS, Applicant
from api.demo.people import ACCOUNT, MEMBER
from api.settings.environment import Role
from benchmarks.demo import Browser
from benchmarks.desk import FOUND, Desk, Posted, day
from benchmarks.filling import Sheet, Typed, sheet
from ledger.clock import day_in_japan, now

_PEOPLE: Final = tuple(
    APPLICANTS[label]
    for label in ("returned", "reopened", "partial", "ready", "received", "resubmitted")
)
"""Who asks, in turn: they are known as member and as customer, under the name of the form."""
_NAME_OF_SEVERAL: Final = "佐藤 蓮"
_PAPER: Final[Mapping[str, str]] = {
    "original": "original",
    "name": "yes",
    "birth_date": "yes",
    "current_address": "yes",
    "address_mark": "printed",
}
_CASE_PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class _Desk(Desk):
    """The people at their browsers, and who asks for disclosure."""

    asking: Applicant


def walk(people: Mapping[Role, Browser], number: int) -> Iterator[Posted]:
    """One case from the envelope to delivery, and what is looked up beside it.

    Args:
        number: of the walk; what must differ between two cases, differs by it.

    Raises:
        OtherAnswerError: a step was not taken.
    """
    desk = _Desk(people, _PEOPLE[number % len(_PEOPLE)])
    yield from _beside(desk)
    taken = desk.post("officer", "/desk/new", "/desk/new", _request(desk.asking))
    yield Posted("/desk/new", "officer", taken)
    case = "/".join(taken.location.split("/")[:_CASE_PARTS])
    yield from _verified(desk, case)
    yield from _identified(desk, case)
    yield from _looked_up(desk, case)
    yield from _decided(desk, case)
    yield from _sent_out(desk, case, number)


def _beside(desk: _Desk) -> Iterator[Posted]:
    found = desk.post("officer", "/desk", "/desk/search", {"q": desk.asking.name}, status=FOUND)
    yield Posted("/desk/search", "officer", found)
    typed = {"what": "", "go": "latest"}
    listed = desk.post("auditor", "/desk/audit", "/desk/audit", typed, status=FOUND)
    yield Posted("/desk/audit", "auditor", listed)


def _verified(desk: _Desk, case: str) -> Iterator[Posted]:
    path = f"{case}/papers"
    seen = {**_papers(desk.asking), "action": "save"}
    saved = desk.post("officer", path, path, seen)
    yield Posted("/desk/cases/{case}/papers", "officer", saved)
    # One form with several buttons, each of which goes to an address of its own.
    form = sheet(desk.people["officer"].get(path).body, path)
    verified = desk.send("officer", Sheet(f"{path}/verification", form.fields), {})
    yield Posted("/desk/cases/{case}/papers/verification", "officer", verified)


def _identified(desk: _Desk, case: str) -> Iterator[Posted]:
    path, route = f"{case}/records", "/desk/cases/{case}/records"
    member = desk.asking.person.member
    asked: dict[str, Typed] = {
        "search by identifier": {"scheme": [MEMBER], "identifier": [member], "name": ""},
        "search by a name": {"scheme": [], "identifier": [], "name": desk.asking.name},
        "search by a name of several": {"scheme": [], "identifier": [], "name": _NAME_OF_SEVERAL},
    }
    for what, typed in asked.items():
        search = {**typed, "action": "search"}
        found = desk.post("officer", path, path, search, status=FOUND)
        yield Posted(route, "officer", found, what)
    taken = {"action": "identify", "chosen": ["1", "2"], "evidence": "会員番号と氏名が一致した。"}
    done = desk.post("officer", path, path, taken)
    yield Posted(route, "officer", done, "identify")


def _looked_up(desk: _Desk, case: str) -> Iterator[Posted]:
    path = f"{case}/history"
    shown = desk.post("officer", path, path, {"reason": "回答の準備"}, status=FOUND)
    yield Posted("/desk/cases/{case}/history", "officer", shown)
    path = f"{case}/links"
    typed = {"look_scheme": ACCOUNT, "look_id": str(desk.asking.person.account)}
    linked = desk.post("officer", path, f"{path}/look", typed, status=FOUND)
    yield Posted("/desk/cases/{case}/links/look", "officer", linked)


def _decided(desk: _Desk, case: str) -> Iterator[Posted]:
    path, route = f"{case}/decision", "/desk/cases/{case}/decision"
    shown = desk.post("officer", path, path, {"action": "rows:all"}, status=FOUND)
    yield Posted(route, "officer", shown, "rows")
    letter = desk.post("officer", path, path, {"action": "preview"}, status=FOUND)
    yield Posted(route, "officer", letter, "preview")
    answered = {"point_coverage": "none", "point_coverage_because": "未申告の日に提供はない"}
    done = desk.post("officer", path, path, {"action": "submit", **answered})
    yield Posted(route, "officer", done, "submit")


def _sent_out(desk: _Desk, case: str, number: int) -> Iterator[Posted]:
    path = f"{case}/approval"
    desk.people["approver"].get(f"{path}/reply.pdf")
    done = desk.post("approver", path, path, {})
    yield Posted("/desk/cases/{case}/approval", "approver", done)
    path = f"{case}/post"
    digits = f"{9_000_000_000 + number:010}"
    posted = {"item_number": f"{digits}{int(digits) % 7}", **day("dispatched_on", _today())}
    done = desk.post("officer", path, path, posted)
    yield Posted("/desk/cases/{case}/post", "officer", done)
    path = f"{case}/keeping"
    delivered = day("delivered_on", _today())
    done = desk.post("officer", path, f"{path}/delivery", delivered)
    yield Posted("/desk/cases/{case}/keeping/delivery", "officer", done)


def _today() -> date:
    return day_in_japan(now())


def _request(who: Applicant) -> Typed:
    return {
        "kind": "provision_records",
        **day("arrived_on", _today()),
        "channel": "post",
        "requester": "self",
        "name": who.name,
        "name_kana": who.kana,
        **day("birth_date", date.fromisoformat(who.birth_date)),
        "postal_code": "100-0000",
        "address": who.address,
        "scheme": [MEMBER, ACCOUNT],
        "identifier": [who.person.member, str(who.person.account)],
        "provided": "yes",
        "received": "yes",
        "medium": "paper",
        "reply_address": "registered",
    }


def _papers(who: Applicant) -> dict[str, str]:
    issued = day("issued_on", _today() - timedelta(days=9))
    rows = {f"p{n}_{name}": one for n in (0, 1) for name, one in {**_PAPER, **issued}.items()}
    return {
        **rows,
        "p1_my_number": "absent",
        "has_registered": "yes",
        "on_papers": who.address,
        "registered": who.address,
        "form_registered": "same",
        "identity_form": "same",
        "form_checked": "yes",
    }
