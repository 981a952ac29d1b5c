"""Whole cases through the doors: from the arrival of a request to its end."""

import io
import zipfile

from tests.canary import NAME
from tests.doors.cases.desk import (
    ADDRESS,
    APPROVER,
    DESK,
    POST_NUMBER,
    SENDER,
    begun,
    both,
    look,
    paper,
    today,
)
from tests.doors.corridor import Corridor
from tests.doors.samples import provision, receipt


def test_a_principal_asks_and_everything_is_disclosed(corridor: Corridor) -> None:
    corridor.record(provision())
    corridor.record(receipt())
    case = begun(corridor)
    doors = ["documents", "withdrawal", "death", "entry-mistake", "print-as"]
    assert (case.status, case.next) == ("received", doors)
    case.verified()
    assert case.status == "search"
    case.identified()
    found = case.last["search"]
    assert (found["provided"] >= 1, found["received"] >= 1) == (True, True)
    case.do("decisions", {})
    assert case.last["outcome"] == "full_disclosure"
    assert case.fetch("/reply.pdf", scopes=SENDER).code == "CASE_STATUS"
    case.do("submit")
    assert "approve" not in case.next
    case.approve()
    pdf = case.content("/reply.pdf")
    assert pdf.startswith(b"%PDF")
    no_number = case.ask("dispatch", {"dispatched_on": today(), "item_number": "hello"})
    assert (no_number.status, no_number.errors) == (422, {"/item_number": "ITEM_NUMBER_MALFORMED"})
    case.dispatch()
    assert case.status == "dispatched"
    assert case.content("/reply.pdf") == pdf
    case.do("delivery", {"delivered_on": today()})
    assert (case.status, case.next) == ("closed", ["returned-mail", "reopen"])
    whole = case.read(APPROVER, "approver")
    [reply] = whole["replies"]
    assert (reply["outcome"], reply["item_number"]) == ("full_disclosure", POST_NUMBER)
    types = [one["type"] for one in whole["events"]]
    assert types[0] == "case-received"
    assert types[-2:] == ["case-delivered", "case-closed"]
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as files:
        assert files.namelist() == ["reply.pdf", "records.csv", "records.json", "verify.txt"]
        assert files.read("reply.pdf") == pdf
        assert files.read("records.csv").startswith(b"\xef\xbb\xbf")


AGENTS = {
    "requester": "mandated_agent",
    "form": {
        "name": NAME,
        "postal_code": "100-6150",
        "address": ADDRESS,
        "agent_name": "代理 次郎",
    },
}
MANDATE = paper(
    "power_of_attorney",
    by_principal=True,
    seal_as_certified=True,
    covers_this_request=True,
    issued_on=None,
)
del MANDATE["issued_on"]


def test_an_agent_sends_the_missing_paper_and_the_principal_is_answered(
    corridor: Corridor,
) -> None:
    corridor.record(provision())
    case = begun(corridor, **AGENTS)
    case.do("documents", look(*both(), *both("agent")))
    assert case.last["check"]["outcome"] == "correction_requested"
    assert case.last["check"]["reasons"] == ["MANDATE_MISSING"]
    refused = case.ask("verification")
    assert (refused.code, refused.body["reasons"]) == ("IDENTITY_NOT_PROVEN", ["MANDATE_MISSING"])
    case.do("correction-request")
    assert case.content("/letters/correction.pdf", *DESK).startswith(b"%PDF")
    assert case.read()["clocks"]["correction_due_on"]["runs"]
    case.do("resubmission", {"arrived_on": today(), "note": "委任状が届いた"})
    case.do("documents", look(*both(), *both("agent"), MANDATE)).do("verification")
    assert case.read()["reply_to"]["person"] == "principal"
    case.identified().do("decisions", {}).do("submit").approve().dispatch()
    case.do("delivery", {"delivered_on": today()})
    assert case.status == "closed"
