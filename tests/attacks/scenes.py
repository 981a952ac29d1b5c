"""Every page that has a form, in a state in which the form is shown; each is made anew.

A page that is added to the routes fails `test_every_form_stands_in_a_scene` until it stands here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.clock import day_in_japan, now
from tests.attacks.registers import register
from tests.doors.cases.desk import look, paper, today
from tests.doors.samples import provision, receipt
from tests.pages.casework import RARE, Work, Worked
from tests.pages.deciding import NAME, identified
from tests.pages.filling import sheet
from tests.pages.histories import WHY, whose
from tests.pages.looked import day, two
from tests.pages.office import Office
from tests.pages.recorded import linked, member, sent, verified
from tests.pages.registering import KEEPER, usual
from tests.pages.test_intake import typed
from tests.pages.watching import day as back
from tests.pages.watching import recorded, rejected

Fill = Mapping[str, object]
CLOSED_BY: Final = {"withdrawn_on": today(), "evidence": "取下書"}
ADDRESS: Final = "東京都千代田区永田町2-11-1"
_BACK: Final = {"returned_on": today(), "reason": "unknown_address"}


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


def _two_requests(work: Work) -> Worked:
    return work.begun().reported(work.begun())


def _ended(work: Work) -> Worked:
    return work.begun().do("withdrawal", CLOSED_BY)


def _in_correction(work: Work) -> Worked:
    looked = look(paper("seal_certificate"))
    return work.begun().do("documents", looked).do("correction-request")


def _of_an_envelope(work: Work) -> Worked:
    first = work.begun().do("documents", look())
    return work.begun(same_envelope_as=first.id, kind="retained_data")


def _of_an_agent(work: Work) -> Worked:
    form = {"name": NAME, "address": ADDRESS, "agent_name": "代理 二郎", "agent_address": ADDRESS}
    return work.begun(requester="mandated_agent", form=form)


def _found(work: Work) -> Worked:
    who, phone = member(), {"scheme": "phone", "id": member()["id"]}
    sent(work.office, provision(principals=[{**who, "name": NAME}]))
    sent(work.office, receipt(principals=[{**phone, "name": "玉響 沙羅"}]))
    linked(work.office, who, {"scheme": "contract", "id": f"{who['id']}-K"})
    return verified(work, who, phone, name=NAME)


def _to_decide(work: Work) -> Worked:
    return identified(work, provision(), receipt(acquisition="本人から直接取得"))


def _withholding(office: Office) -> Shown:
    """The decision, with something withheld."""
    case, officer = _to_decide(Work(office)), office.person("officer")
    path = f"/desk/cases/{case.id}/decision"
    status, text = sheet(officer.get(path).text, path).sent(officer, "add", tick="all")
    assert status == 200, text
    return Shown(path, text)


def _rare(work: Work) -> Worked:
    who = member()
    found = {"identifiers": [who], "tried": [{"scheme": "email", "id": "x@cnry.example"}]}
    case = verified(work, who, name=RARE).do("principal", {**found, "evidence": "一致"})
    officer, path = work.office.person("officer"), f"/desk/cases/{case.id}/decision"
    sheet(officer.get(path).text, path).sent(officer, "submit")
    return case


def _of_measures(work: Work) -> Worked:
    who = member()
    sent(work.office, provision(principals=[{**who, "name": NAME}]))
    found = {"identifiers": [who], "evidence": "会員番号が一致"}
    return verified(work, who, name=NAME, kind="provision_stop").do("person", found)


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


def _late(office: Office) -> None:
    who = {"scheme": "member", "id": member()["id"]}
    recorded(office, principals=[who])
    body: dict[str, Any] = {"principal": who, "kind": "consent_withdrawn", "day": back(0)}
    key = office.key("records:write", owner="officer")
    told = office.api("POST", "/v1/directives", key, body)
    assert told.status_code == 200, told.text
    office.app.state.services.histories.wait(told.json()["position"], 300)


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
    "case that ended": _case("", _ended, fills={"/end-mistake": {"end_reason": "誤り"}}),
    "case said to be a mistake": _case(
        "", _two_requests, "approver", {"/mistake-dismissal": {"dismiss_reason": "別々だった"}}
    ),
    "papers": _case("/papers", lambda work: work.begun(), fills={"/papers": two()}),
    "papers of an agent": _case("/papers", _of_an_agent),
    "papers that are asked for": _case(
        "/papers", _in_correction, fills={"/resubmission": _on("further_on")}
    ),
    "papers of one envelope": _case("/papers", _of_an_envelope),
    "records": _case("/records", _found),
    "decision": _case("/decision", _to_decide),
    "decision, something withheld": Scene("officer", _withholding),
    "decision, a rare character": _case("/decision", _rare),
    "decision on measures": _case(
        "/decision", _of_measures, fills={"/decision": {"outcome": "taken"}}
    ),
    "approval": _case("/approval", lambda work: work.begun().submitted(), "approver", RETURN),
    "post": _case(
        "/post",
        lambda work: work.begun().submitted().do("approve", by="approver"),
        fills={"/post": {"item_number": "123-45-67890-1", **_on("dispatched_on")}},
    ),
    "keeping": _case(
        "/keeping",
        lambda work: work.begun().dispatched(),
        fills={
            "/delivery": _on("delivered_on"),
            "/returned-mail": {**_on("returned_on"), "returned_for": "unknown_address"},
        },
    ),
    "keeping, returned": _case(
        "/keeping", lambda work: work.begun().dispatched().do("returned-mail", _BACK)
    ),
    "keeping, closed": _case(
        "/keeping",
        lambda work: work.begun().dispatched().do("delivery", {"delivered_on": today()}),
        fills={"/reopen": {"reason": "訂正"}},
    ),
    "history, asked": _case("/history", lambda work: whose(work, provision())[0]),
    "history": Scene("officer", _history, {"/history": {"reason": WHY}}),
    "audit": _page("/desk/audit", "auditor", make=_audited),
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
    "late verdicts": _page("/desk/exceptions/late", "officer", make=_late),
}
"""Name → the scene."""
