"""Every page that has a form, in a state in which the form is shown; each is made anew.

A page that is added to the routes fails `test_every_form_stands_in_a_scene` until it stands here.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from ledger.clock import day_in_japan, now
from ledger.store.registers import RegisterChange, RegisterRow
from tests.attacks import made
from tests.doors.cases.desk import today
from tests.doors.samples import notice, provision, receipt
from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME
from tests.pages.filling import sheet
from tests.pages.histories import WHY, whose
from tests.pages.looked import day, two
from tests.pages.office import Office
from tests.pages.publishing import FILING, NEW, PAGE, form_of, looked, on, version
from tests.pages.publishing import sent as sent_notice
from tests.pages.recorded import member, sent
from tests.pages.registering import KEEPER, PATIENCE_S, Uploaded, csv_bytes, rows, uploaded, usual
from tests.pages.test_intake import typed
from tests.pages.watching import day as back
from tests.pages.watching import recorded, rejected

Fill = Mapping[str, object]


def _back() -> dict[str, str]:
    return {"returned_on": today(), "reason": "unknown_address"}


def _posted() -> dict[str, str]:
    return {"dispatched_on": today(), "item_number": "123-45-67890-1"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it was answered."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One page in one state.

    Attributes:
        who: opens it.
        opened: makes what it shows and opens it.
        fills: end of an address → what makes its form complete; a value is for every field of the
            name.
    """

    who: str
    opened: Callable[[Office], Shown]
    fills: Mapping[str, Fill] = field(default_factory=dict[str, Fill])


def _rejected(office: Office) -> Shown:
    return seen(office, "quarantine", f"/desk/emitters/quarantine/{rejected(office)}")


def seen(office: Office, who: str, path: str) -> Shown:
    """A page that is there."""
    answer = office.person(who).get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text)
    return Shown(path, answer.text)


def _page(
    path: str,
    who: str,
    fills: Mapping[str, Fill] | None = None,
    make: Callable[[Office], object] | None = None,
) -> Scene:
    def opened(office: Office) -> Shown:
        if make is not None:
            make(office)
        return seen(office, who, path)

    return Scene(who, opened, fills or {})


def _case(
    step: str,
    make: Callable[[Work], Worked],
    who: str = "officer",
    fills: Mapping[str, Fill] | None = None,
) -> Scene:
    def opened(office: Office) -> Shown:
        case = make(Work(office))
        return seen(office, who, f"/desk/cases/{case.id}{step}")

    return Scene(who, opened, fills or {})


def _on(*names: str) -> dict[str, object]:
    return {key: one for name in names for key, one in day(name, day_in_japan(now())).items()}


def _withholding(office: Office) -> Shown:
    """The decision, with something withheld."""
    case, officer = made.to_decide(Work(office)), office.person("officer")
    path = f"/desk/cases/{case.id}/decision"
    status, text = sheet(officer.get(path).text, path).sent(officer, "add", tick="all")
    assert status == 200, text
    return Shown(path, text)


def _history(office: Office) -> Shown:
    case, _ = whose(Work(office), provision(), receipt())
    path = f"/desk/cases/{case.id}/history"
    answer = office.person("officer").post(path, {"reason": WHY})
    assert answer.status_code == 200, answer.text
    return Shown(path, answer.text)


def _approved_one(office: Office) -> None:
    Work(office).begun().submitted().do("approve", by="approver")


def _audited(office: Office) -> None:
    """Somebody looked at something."""
    work = Work(office)
    work.begun()
    seen(office, "officer", f"/desk/cases/{work.begun().id}")


def _held(office: Office) -> None:
    key = office.key("records:exclude", owner="chief")
    body = {"reason": "訴訟の提起", "identifiers": [member()]}
    assert office.api("POST", "/v1/holds", key, body).status_code == 200


def _excluded(office: Office) -> None:
    """The chief hid a record on the page."""
    who = member()
    [transfer] = sent(office, provision(principals=[{**who, "name": NAME}]))
    chief = office.person("chief")
    path = "/desk/exclusions"
    fields: dict[str, Any] = {**sheet(chief.get(path).text, path).fields}
    token = fields.pop("form_token")[0]
    typed = {"transfers": transfer, "ground": "i", "reason": "危害が及ぶおそれ"}
    assert chief.post(path, {**fields, **typed}, token=token).status_code == 303


def _keyed(office: Office) -> None:
    office.key("records:read", owner="somebody")


def _register(**how: bool) -> Callable[[Office], Shown]:
    """A register that was uploaded; its rows were checked, or a check of them broke off."""
    return lambda office: Shown(*register(office, **how))


def _flagged(end: str, fill: Fill) -> Scene:
    def opened(office: Office) -> Shown:
        return seen(office, "officer", flagged(office, end))

    return Scene("officer", opened, {end or "/persons": fill})


def _late(office: Office) -> None:
    who = {"scheme": "member", "id": member()["id"]}
    recorded(office, principals=[who])
    body: dict[str, Any] = {"principal": who, "kind": "consent_withdrawn", "day": back(0)}
    key = office.key("records:write", owner="officer")
    told = office.api("POST", "/v1/directives", key, body)
    assert told.status_code == 200, told.text


FORMS: Final[Mapping[str, Mapping[str, object]]] = {
    "": {"look_reason": "inspection"},
    "/correction": {"consent_obtained": "true", "reason": "同意書が見つかった"},
    "/person": {"doing": "add", "scheme": "member", "id": "CNRY-M-ADDED", "reason": "申込書の確認"},
    "/basis": {"basis": "none", "reason": "同意書がなかった"},
    "/retraction": {"retraction": "duplicate", "confirmed": "on", "reason": "二度送られた"},
    "/settlement": {"action": "stopped", "reason": "提供を止めた"},
}
"""End of the address of a page → what makes its form complete."""


def flagged(office: Office, end: str) -> str:
    """The address of the page of a record that nobody agreed to."""
    transfer = recorded(office, consent={"obtained": False})["transfer"]
    return f"/desk/exceptions/{transfer}{end}"


def register(
    office: Office, *, is_mapped: bool = False, is_interrupted: bool = False
) -> tuple[str, str]:
    """The address and the page of a register; its rows were checked, or a check broke off."""
    with TemporaryDirectory() as folder:
        one = uploaded(office, "r.csv", csv_bytes(Path(folder), rows(2)))
    if is_mapped:
        # One register is worked on at a time: that of the scene before may still be.
        until(lambda: one.mapped().status_code == 303)
        until(lambda: found(office, one).state == "checked")
        one.ended()
    if is_interrupted:
        registers = office.app.state.services.registers
        registers.change(found(office, one), RegisterChange("checking", rows_done=1), now())
    return one.path, one.page()


def found(office: Office, one: Uploaded) -> RegisterRow:
    return office.app.state.services.registers.find(UUID(one.path.rpartition("/")[2]), now())


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


WITHDRAWN = {**on("day", back(0)), "reason": "共同利用の終了"}
WRITTEN = {"notice_id": "cnry-notice", **version("初版", back(3))}


def standing(office: Office, end: str) -> tuple[str, str]:
    """(address, text) of a page below a notice that stands and was published for this."""
    key = office.key("notices:write", owner="chief")
    chief = office.person("chief")
    number = len(office.api("GET", "/v1/notices", key).json()["notices"])
    told = office.api("POST", "/v1/notices", key, notice(notice_id=f"cnry-{number}"))
    assert told.status_code == 200, told.text
    path = f"{PAGE}/{told.json()['position']}{end}"
    if end == "/publication":
        form_of(chief, path)
    answer = chief.get(path)
    assert answer.status_code == 200, answer.text
    return path, answer.text


def to_publish(office: Office) -> tuple[str, str]:
    """What is shown before a notice is published."""
    key = office.key("notices:write", owner="chief")
    number = len(office.api("GET", "/v1/notices", key).json()["notices"])
    typed = {**WRITTEN, "notice_id": f"cnry-new-{number}"}
    status, text = looked(office.person("chief"), NEW, **typed)
    assert status == 200, text
    return NEW, text


def to_withdraw(office: Office) -> tuple[str, str]:
    """What is shown before a notice is withdrawn."""
    path, text = standing(office, "/withdrawal")
    status, text = sent_notice(office.person("chief"), sheet(text, path), **WITHDRAWN)
    assert status == 200, text
    return path, text


WHOLE: Final[Mapping[str, Fill]] = {
    "/withdrawal": {**_on("withdrawn_on"), "withdrawn_evidence": "取下書"},
    "/death": {**_on("learned_on"), "learned_evidence": "除籍謄本"},
    "/entry-mistake": {"entry_cause": "other", "entry_reason": "別の書類だった"},
}
RETURN: Final[Mapping[str, Fill]] = {"/return": {"reason": "見直しを"}}
SCENES: Final[Mapping[str, Scene]] = {
    "work list": _page("/desk", "officer", make=lambda office: Work(office).begun()),
    "work list, to post": _page("/desk?tab=dispatch", "officer", make=_approved_one),
    "new request": _page("/desk/new", "officer", {"/desk/new": typed()}),
    "case": _case("", lambda work: work.begun(), fills=WHOLE),
    "case that ended": _case("", made.ended, fills={"/end-mistake": {"end_reason": "誤り"}}),
    "case said to be a mistake": _case(
        "", made.two_requests, "approver", {"/mistake-dismissal": {"dismiss_reason": "別々だった"}}
    ),
    "papers": _case("/papers", lambda work: work.begun(), fills={"/papers": two()}),
    "papers of an agent": _case("/papers", made.of_an_agent),
    "papers that are asked for": _case(
        "/papers", made.in_correction, fills={"/resubmission": _on("further_on")}
    ),
    "papers of one envelope": _case("/papers", made.of_an_envelope),
    "records": _case("/records", made.found),
    "decision": _case("/decision", made.to_decide),
    "decision, something withheld": Scene("officer", _withholding),
    "decision, a rare character": _case("/decision", made.rare),
    "decision on measures": _case(
        "/decision", made.of_measures, fills={"/decision": {"outcome": "taken"}}
    ),
    "approval": _case("/approval", lambda work: work.begun().submitted(), "approver", RETURN),
    "post, on a medium": _case(
        "/post",
        made.on_medium,
        fills={
            "/post": {
                "item_number": "123-45-67890-1",
                "password_number": "123-45-67891-2",
                **_on("dispatched_on", "password_on"),
            }
        },
    ),
    "keeping": _case(
        "/keeping",
        lambda work: work.begun().dispatched(),
        fills={
            "/delivery": _on("delivered_on"),
            "/returned-mail": {**_on("returned_on"), "returned_for": "unknown_address"},
        },
    ),
    "keeping, a password to come": _case(
        "/keeping",
        lambda work: made.on_medium(work).do("dispatch", _posted()),
        fills={
            "/password-letter": {"password_number": "123-45-67891-2", **_on("password_on")},
            "/delivery": _on("delivered_on"),
        },
    ),
    "keeping, returned": _case(
        "/keeping", lambda work: work.begun().dispatched().do("returned-mail", _back())
    ),
    "keeping, closed": _case(
        "/keeping",
        lambda work: work.begun().dispatched().do("delivery", {"delivered_on": today()}),
        fills={"/reopen": {"reason": "訂正"}},
    ),
    "history, asked": _case("/history", lambda work: whose(work, provision())[0]),
    "history": Scene("officer", _history, {"/history": {"reason": WHY}}),
    "links": _case(
        "/links",
        made.with_a_link,
        fills={
            "/links": {"scheme_b": "phone", "id_b": "090-0000-0000", "evidence": "契約書の写し"},
            "/look": {"look_scheme": "member", "look_id": "CNRY-LOOKED"},
            "/unlink": {"unlink_evidence": "別の方と確認した"},
        },
    ),
    "audit": _page("/desk/audit", "auditor", make=_audited),
    "acts": _page("/desk/audit/acts", "auditor", make=_audited),
    "evidence": _case("/evidence", lambda work: work.begun().dispatched()),
    "exclusions": _page(
        "/desk/exclusions",
        "chief",
        {"/desk/exclusions": {"ground": "i", "reason": "危害が及ぶおそれ"}},
        _excluded,
    ),
    "keys": _page("/desk/keys", "operator", make=_keyed),
    "registers": _page("/desk/registers", KEEPER),
    "register": Scene(KEEPER, _register(), {"/mapping": usual()}),
    "register, checked": Scene(KEEPER, _register(is_mapped=True)),
    "register, interrupted": Scene(KEEPER, _register(is_mapped=True, is_interrupted=True)),
    "quarantine": _page("/desk/emitters/quarantine", "quarantine", make=rejected),
    "rejected item": Scene("quarantine", _rejected),
    "emitters": _page("/desk/emitters", "operator"),
    "retention": _page("/desk/retention", "chief", make=recorded),
    "holds": _page(
        "/desk/holds",
        "chief",
        {
            "/desk/holds": {"scheme_1": "member", "id_1": "CNRY-HELD", "reason": "訴訟の提起"},
            "/release": {"release_reason": "訴訟の終結"},
        },
        _held,
    ),
    "notice to be typed": Scene(
        "chief",
        lambda office: seen(office, "chief", NEW),
        {"/publication": WRITTEN},
    ),
    "filing to be typed": _page(FILING, "chief"),
    "notice to be published": Scene("chief", lambda office: Shown(*to_publish(office))),
    "version to be typed": Scene("chief", lambda office: Shown(*standing(office, "/publication"))),
    "notice to be withdrawn": Scene(
        "chief",
        lambda office: Shown(*standing(office, "/withdrawal")),
        {"/withdrawal": WITHDRAWN},
    ),
    "withdrawal, looked at": Scene("chief", lambda office: Shown(*to_withdraw(office))),
    "late verdicts": _page("/desk/exceptions/late", "officer", make=_late),
    **{f"a record{end}": _flagged(end, fill) for end, fill in FORMS.items()},
    # The last: a rejected item that comes after the approval keeps a letter of 不存在 back.
    "post": _case(
        "/post",
        lambda work: work.begun().submitted().do("approve", by="approver"),
        fills={"/post": {"item_number": "123-45-67890-1", **_on("dispatched_on")}},
    ),
}
"""Name → the scene."""
