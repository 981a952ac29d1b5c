"""A ledger in which everything that anybody can write down is hostile, and its pages.

Emitters, officers and the legal department wrote it; each text says where it stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from api.auth.people import Role
from tests.attacks.allowed import ALLOWED
from tests.attacks.hostile import PLANTED, SUM
from tests.doors.cases.desk import look, today
from tests.doors.samples import RECIPIENT, SOURCE, notice, provision, receipt
from tests.pages.casework import Work, Worked
from tests.pages.office import Office
from tests.pages.recorded import ABSENT, member, sent
from tests.pages.test_routes import IDENTITY_OF
from tests.pages.watching import declare, register

READERS: Final[tuple[Role, ...]] = (
    "officer",
    "approver",
    "chief",
    "auditor",
    "emitter_keeper",
    "operator",
)
NO_PAGES: Final = (".pdf", ".zip", "/button", "/waiting", "/next")
"""Ends of addresses of documents, of parts of a page and of what only leads on."""
_MINE: Final = f"'\"><img src=x onerror=alert(1)><{PLANTED} onfocus=x>{SUM}"


def text(where: str) -> str:
    """A hostile text that says where it was written."""
    return f"{_MINE}[{where}]"


def _party(where: str) -> dict[str, Any]:
    return {
        **RECIPIENT,
        "party_id": f"party-{where}",
        "name": text(f"{where} name"),
        "address": text(f"{where} address"),
        "representative": text(f"{where} representative"),
    }


@dataclass(slots=True)
class Stored:
    """The ledger.

    Attributes:
        cases: what it shows → a case.
        notice: where a notice stands.
        records: transfers with findings, one of which was retracted.
    """

    office: Office
    cases: dict[str, Worked] = field(default_factory=dict[str, Worked])
    notice: int = 0
    records: list[str] = field(default_factory=list[str])

    def addresses(self) -> Iterator[tuple[str, str]]:
        """(who, address): every page that is read, for everybody who may read it."""
        for (method, pattern), allowed in ALLOWED.items():
            if method != "GET" or pattern.endswith(NO_PAGES):
                continue
            for role in READERS:
                if allowed.of(role):
                    for path in self._filled(pattern):
                        yield IDENTITY_OF[role], path

    def _filled(self, pattern: str) -> list[str]:
        if "{case}" in pattern:
            return [pattern.replace("{case}", case.id) for case in self.cases.values()]
        if "{transfer}" in pattern:
            return [pattern.replace("{transfer}", one) for one in self.records]
        path = pattern.replace("{notice}", str(self.notice))
        return [] if "{" in path else [path]


def written(office: Office) -> Stored:
    """Write it all down."""
    stored = Stored(office)
    _emitters(office)
    _watched(stored)
    _cases(stored)
    _records(stored)
    return stored


def _emitters(office: Office) -> None:
    register(office, "hostile", SOURCE, name=text("emitter"))
    declare(office, "hostile", SOURCE, 9, 2, expected_count=1)


def _watched(stored: Stored) -> None:
    office = stored.office
    body = notice(notice_id="ju-hostile", title=text("notice"), owner="us")
    version = body["version"]
    version["version"] = "v'\"><b>"
    version["scope"] = [{"party_id": "us", "name": text("notice scope")}]
    version["items"] = [{"category": text("category"), "listed": [text("listed")]}]
    version["purposes"] = [{"code": "service", "label": text("purpose")}]
    version["responsible"] = {
        "name": text("responsible"),
        "address": text("responsible address"),
        "representative": text("responsible representative"),
    }
    chief = office.key("notices:write", "records:exclude", owner="chief")
    told = office.api("POST", "/v1/notices", chief, body)
    assert told.status_code == 200, told.text
    stored.notice = told.json()["position"]
    held = {"reason": text("hold"), "reference": text("reference"), "identifiers": [member()]}
    answer = office.api("POST", "/v1/holds", chief, held)
    assert answer.status_code == 200, answer.text


def _case(stored: Stored, **changes: object) -> Worked:
    """A request of somebody of whom there are records."""
    who = {"scheme": "member", "id": f"'\"><b>{member()['id']}"}
    name, party = text("name"), _party("party")
    of = [{**who, "name": name}]
    items = [text("item")]
    sent(
        stored.office,
        provision(principals=of, items=items, counterparty=party, consent={"obtained": False}),
        receipt(principals=of, items=items, counterparty=party, acquisition=text("acquisition")),
    )
    form = {"name": name, "name_kana": text("kana"), "address": text("address"), "phone": "03"}
    return Work(stored.office).begun(identifiers=[who], form=form, **changes)


def _looked(case: Worked) -> Worked:
    addresses = {
        "has_registered": True,
        "form_is_registered": True,
        "identity_is_form": True,
        "on_papers": text("on papers"),
        "registered": text("registered"),
        "form_is_registered_because": text("because"),
        "identity_is_form_because": text("because too"),
    }
    return case.do("documents", look(addresses=addresses, note=text("note")))


def _named(case: Worked) -> Worked:
    key = case.work.key("officer")
    asked = case.work.office.api("GET", f"/v1/cases/{case.id}", key).json()
    found = {"identifiers": asked["application"]["identifiers"], "tried": [ABSENT]}
    return case.do("principal", {**found, "evidence": text("evidence")})


def _cases(stored: Stored) -> None:
    """Requests in every state in which a page shows what somebody wrote."""
    received, looked = _case(stored), _looked(_case(stored))
    found = _looked(_case(stored)).do("verification")
    named = _named(_looked(_case(stored)).do("verification"))
    submitted = _named(_looked(_case(stored)).do("verification"))
    submitted.do("decisions", {"medium": "paper"}).do("submit")
    sent_back = _named(_looked(_case(stored)).do("verification")).do("decisions", {}).do("submit")
    sent_back.do("return", {"reason": text("returned for")}, by="approver")
    mistaken = _case(stored).do(
        "entry-mistake",
        {"cause": "other", "reason": text("mistake")},
    )
    ended = _case(stored).do(
        "withdrawal", {"withdrawn_on": today(), "evidence": text("withdrawal")}
    )
    stored.cases |= {
        "received": received,
        "looked": looked,
        "found": found,
        "named": named,
        "submitted": submitted,
        "sent back": sent_back,
        "mistaken": mistaken,
        "ended": ended,
    }


def _records(stored: Stored) -> None:
    """Records with findings: corrected and settled, or retracted, with hostile reasons."""
    more = {
        "counterparty": _party("flagged"),
        "items": [text("flagged item")],
        "purpose": text("purpose of use"),
        "contract_reference": text("contract"),
        "acquired_by": text("acquired by"),
        "derived_from": [text("derived from")],
        "consent": {"obtained": False, "evidence": text("consent evidence")},
        "principals": [{**member(), "name": text("name")}],
    }
    stored.records = sent(stored.office, provision(**more), provision(**more))
    key = stored.office.key("records:write", owner="officer")
    done, retracted = stored.records
    for path, body in (
        (f"{done}/corrections", {"changes": {"purpose": text("new purpose")}}),
        (
            f"{done}/findings/settled",
            {"codes": ["CONSENT_NOT_OBTAINED"], "action": "stopped"},
        ),
        (f"{done}/corrections", {"changes": {"purpose": text("purpose of use")}}),
    ):
        reason = text(path.rpartition("/")[2])
        answer = stored.office.api("POST", f"/v1/transfers/{path}", key, {**body, "reason": reason})
        assert answer.status_code == 200, answer.text
    told = {"reason": "duplicate", "note": text("retraction")}
    answer = stored.office.api("POST", f"/v1/transfers/{retracted}/retraction", key, told)
    assert answer.status_code == 200, answer.text
