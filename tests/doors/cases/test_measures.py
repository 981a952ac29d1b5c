"""Requests to stop or to erase, and two requests of one envelope, through the doors."""

import io
import zipfile
from typing import Any, cast

import pytest

from api.server.watches import StopsWatch
from api.web.services import Services
from ledger.errors import StoreUnavailableError
from ledger.persons.service import Persons
from tests.canary import NAME
from tests.database import Database
from tests.doors.cases.desk import (
    ABSENT,
    APPROVER,
    Case,
    begun,
    today,
)
from tests.doors.corridor import Corridor, open_doors
from tests.doors.samples import provision

WHY = "ご請求の理由とされた事実が確認できないためです。"


def somebody(name: str) -> dict[str, str]:
    """A person of one test alone: a stop would reach the others."""
    return {"scheme": "member", "id": f"CNRY-{name}"}


def taken(*measures: str, outcome: str = "taken", **more: object) -> dict[str, Any]:
    made = [{"measure": one, "from_day": today()} for one in measures]
    return {"outcome": outcome, "measures": made, **more}


def known(corridor: Corridor, who: dict[str, str], kind: str = "provision_stop") -> Case:
    """A request for measures of which the person is known."""
    case = begun(corridor, kind=kind, identifiers=[who]).verified()
    return case.do(
        "person", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    )


def is_stopped(corridor: Corridor, who: dict[str, str]) -> bool:
    """Whether a provision of today about the person has a finding for that person."""
    recorded = corridor.record(provision(principals=[{**who, "name": NAME}]))
    return recorded.get("persons_with_findings") == 1


def test_a_stop_is_asked_for_approved_in_force_answered_and_delivered(corridor: Corridor) -> None:
    who = somebody("WHOLE-STOP")
    case = begun(corridor, kind="provision_stop", identifiers=[who])
    assert "without_delay" in case.read()["clocks"]
    case.verified()
    doors = ["documents", "resubmission", "person", "withdrawal", "death", "entry-mistake"]
    assert case.next == [*doors, "print-as"]
    person = {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    assert case.ask("principal", person).code == "CASE_STATUS"
    case.do("person", person).do("measures", taken("provision_stopped"))
    assert case.last["outcome"] == "taken"
    case.do("submit")
    assert not is_stopped(corridor, who)
    case.approve()
    assert is_stopped(corridor, who)
    pdf = case.content("/reply.pdf")
    case.dispatch()
    assert case.content("/reply.pdf") == pdf
    case.do("delivery", {"delivered_on": today()})
    whole = case.read()
    assert (whole["status"], whole["search"]) == ("closed", None)
    assert whole["person"]["identifiers"] == [who]
    assert whole["decision"]["measures"] == [{"measure": "provision_stopped", "from_day": today()}]
    assert [one["outcome"] for one in whole["replies"]] == ["taken"]
    types = {one["type"] for one in whole["events"]}
    assert types >= {"case-person-identified", "case-measures-decided"}


def test_a_stop_that_was_cut_off_is_received_by_the_service_and_by_the_same_request(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> object:
        raise StoreUnavailableError

    with open_doors(database.urls) as corridor:
        watch = StopsWatch(cast("Services", corridor.app.state.services))
        for resumed_by in ("the service", "the same request"):
            who = somebody(resumed_by.upper().replace(" ", "-"))
            case = known(corridor, who).do("measures", taken("provision_stopped")).do("submit")
            key = f'"{who["id"]}"'
            sent: dict[str, Any] = {"scopes": APPROVER, "by": "approver", "Idempotency_Key": key}
            with monkeypatch.context() as broken:
                broken.setattr(Persons, "direct", never)
                cut = case.ask("approve", **sent)
                assert (cut.status, watch.look()) == (503, 0)
            assert not is_stopped(corridor, who)
            if resumed_by == "the service":
                assert (watch.look(), watch.look()) == (1, 0)
                assert is_stopped(corridor, who)
            again = case.ask("approve", **sent)
            assert (again.status, again.body["status"]) == (200, "notice_ready")
            assert is_stopped(corridor, who)


def test_the_requests_of_one_envelope_are_linked_and_share_what_is_taken_over(
    corridor: Corridor,
) -> None:
    first = begun(corridor)
    sister = begun(corridor, kind="retained_data", same_envelope_as=first.id)
    assert "same-papers" in sister.next
    assert sister.ask("same-papers", {"form_checked": True}).errors == {"": "NO_PAPERS"}
    first.verified()
    # Nothing came over by itself.
    assert (sister.read()["examination"], sister.read()["status"]) == (None, "received")
    sister.do("same-papers", {"form_checked": True})
    assert sister.last["check"]["outcome"] == "verified"
    sister.do("verification")
    for one, other in ((first, sister), (sister, first)):
        assert [link["case"] for link in one.read()["envelope"]] == [other.id]
    sister.do("close", {"note": "保有個人データの開示として回答済み"})
    assert sister.read()["status"] == "closed"


FILES = ["reply.pdf", "records.json", "verify.txt"]


def files(case: Case) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(case.content("/reply.zip"))) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_a_request_for_records_has_its_table_also_where_there_are_none(corridor: Corridor) -> None:
    strangers = [{"scheme": "member", "id": "CNRY-none"}, {"scheme": "phone", "id": "03-0000-0099"}]
    case = begun(corridor, identifiers=strangers).verified()
    case.do("principal", {"identifiers": [], "evidence": "該当なし", "tried": strangers})
    case.do("decisions", {}).do("submit").approve()
    assert "records.csv" in files(case)
