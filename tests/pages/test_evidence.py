"""証跡一式: all of a case in one file, the same for the same position; it tells of no exclusion."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

import pytest

from api.auth import Caller
from api.auth.people import Role, scopes_of
from api.resources.cases.dispatch.evidence import MADE_OF_RECORDS, Evidence
from api.web.services import Services
from ledger.cases.events.case import CaseEvent
from tests.canary import NAME
from tests.doors.cases.desk import POST_NUMBER, today
from tests.doors.samples import provision
from tests.pages.casework import Work, Worked
from tests.pages.filling import sheet
from tests.pages.office import Office, Person
from tests.pages.recorded import member, sent, verified
from tests.pages.sending import decided

REASON = "四半期の点検"


def path_of(case: Worked) -> str:
    return f"/desk/cases/{case.id}/evidence"


@dataclass(frozen=True, slots=True)
class Opened:
    content: bytes
    files: dict[str, bytes]

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files[name].splitlines()]


def opened(content: bytes) -> Opened:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return Opened(content, {name: packed.read(name) for name in packed.namelist()})


def taken(person: Person, case: Worked, reason: str = REASON) -> Opened:
    form = sheet(person.get(path_of(case)).text, path_of(case))
    answer = person.post(path_of(case), {"reason": reason}, token=form.text("form_token"))
    assert answer.status_code == 200, answer.text
    name = answer.headers["content-disposition"]
    assert name == f'attachment; filename="evidence-{case.number}.zip"'
    return opened(answer.content)


def made(office: Office, case: Worked, role: Role, upto: int | None = None) -> Opened:
    """The file as somebody with that role would get it, without a look."""
    inside: Services = office.app.state.services
    caller = Caller("0" * 32, "person", scopes_of([role]), None)
    evidence = Evidence(UUID(case.id), caller, REASON)

    def file(ledger: Any, at: Any) -> bytes:  # noqa: ANN401 -- the group's own
        del at
        head = ledger.streams.reads.head() if upto is None else upto
        return evidence.make_document(ledger, inside.replies, head).content

    return opened(inside.group.call(file))


def answered(office: Office, work: Work) -> Worked:
    case, _ = decided(office, work)
    posted = {"dispatched_on": today(), "item_number": POST_NUMBER}
    return case.do("approve", by="approver").do("dispatch", posted)


@pytest.fixture
def case(office: Office, work: Work) -> Worked:
    return answered(office, work)


def test_the_file_holds_what_was_done_what_went_out_and_who_looked(
    office: Office, work: Work, officer: Person, case: Worked
) -> None:
    key = office.key("reply:download", owner="dispatcher")
    reply = office.api("GET", f"/v1/cases/{case.id}/reply.pdf", key).content
    found = taken(officer, case)
    whole = office.api("GET", f"/v1/cases/{case.id}", work.key("officer")).json()
    events = found.lines("events.jsonl")
    assert [(one["position"], one["type"], one["actor"]) for one in events] == [
        (one["position"], one["type"], one["actor"]) for one in whole["events"]
    ]
    received = next(one for one in events if one["type"] == "case-received")
    assert received["record"]["application"]["form"]["name"] == NAME
    assert found.files["letters/reply-1/reply.pdf"] == reply
    assert json.loads(found.files["letters/reply-1/records.json"])["case_number"] == case.number
    assert json.loads(found.files["case.json"])["number"] == case.number
    papers = json.loads(found.files["verification.json"])["examination"]["papers"]
    assert len(found.files["verification.csv"].decode().splitlines()) == len(papers) + 1
    documents = {one.get("document") for one in found.lines("looks.jsonl")}
    assert "reply.pdf" in documents
    told = found.files["README.txt"].decode("utf-8-sig")
    for name in found.files.keys() - {"README.txt"}:
        assert name in told or name.startswith("letters/reply-"), name


def test_the_same_position_gives_the_same_bytes_whatever_came_since(
    office: Office, officer: Person, case: Worked
) -> None:
    inside: Services = office.app.state.services
    position = inside.group.call(lambda ledger, _: ledger.streams.reads.head())
    first = made(office, case, "officer", position)
    case.do("delivery", {"delivered_on": today()})
    taken(officer, case)
    assert made(office, case, "officer", position).content == first.content
    assert made(office, case, "officer").content != first.content


def test_an_auditor_gets_neither_names_nor_letters(office: Office, case: Worked) -> None:
    found = taken(office.person("auditor"), case)
    whole = b"".join(found.files.values())
    assert NAME.encode() not in whole
    assert found.files.keys() == {
        "README.txt",
        "events.jsonl",
        "letters/sha256.txt",
        "looks.jsonl",
        "sha256sums.txt",
    }
    assert all("record" not in one for one in found.lines("events.jsonl"))
    reply = taken(office.person("officer"), case).files["letters/reply-1/reply.pdf"]
    assert hashlib.sha256(reply).hexdigest() in found.files["letters/sha256.txt"].decode()


def searched_twice(office: Office, work: Work, *, hides: bool) -> Worked:
    """A case searched and decided, then once more after a record was excluded, or none was."""
    who = member()
    held, _ = sent(
        office,
        provision(principals=[{**who, "name": NAME}]),
        provision(principals=[{**who, "name": NAME}]),
    )
    case = verified(work, who, name=NAME)
    found = {"identifiers": [who], "evidence": "会員番号が一致"}
    case.do("principal", found).do("decisions", {}).do("submit").do(
        "return", {"reason": "確認"}, by="approver"
    )
    if hides:
        key = office.key("records:exclude", owner="chief")
        body = {"action": "exclude", "transfers": [held], "ground": "i", "reason": "危害"}
        answer = office.api("POST", "/v1/exclusions", key, body)
        assert answer.status_code == 200, answer.text
    return case.do("principal", found).do("decisions", {}).do("submit")


def told_of(found: Opened) -> list[dict[str, Any]]:
    """The lines of what was done, without what differs between any two cases."""
    return [
        {name: one[name] for name in one if name not in ("position", "at", "actor", "record")}
        | {"members": sorted(one)}
        for one in found.lines("events.jsonl")
    ]


@pytest.mark.parametrize("role", ["officer", "auditor"])
def test_a_search_before_an_exclusion_tells_no_count(
    office: Office, work: Work, role: Role
) -> None:
    plain, hiding = (searched_twice(office, work, hides=hides) for hides in (False, True))
    without, within = (made(office, one, role) for one in (plain, hiding))
    assert told_of(within) == told_of(without)
    assert without.files.keys() == within.files.keys()
    assert not [one for one in within.lines("looks.jsonl") if "entries" in one]
    made_of_records = [
        one
        for one in within.lines("events.jsonl")
        if one["type"]
        in ("case-records-identified", "case-decided", "case-submitted", "case-sent-back")
    ]
    assert len(made_of_records) == 7
    assert not [one for one in made_of_records if "record" in one]
    assert (
        within.files["README.txt"].replace(hiding.number.encode(), b"n").split(b"\r\n")[5:]
        == (without.files["README.txt"].replace(plain.number.encode(), b"n").split(b"\r\n")[5:])
    )
    assert sum(one["type"] == "review-sealed" for one in within.lines("events.jsonl")) == 0


TOLD_IN_FULL = {
    "case-received", "case-documents-checked", "case-correction-requested", "case-resubmitted",
    "case-verified", "case-refused", "case-measures-decided", "case-dispatched",
    "case-password-posted", "case-delivered", "case-returned", "case-closed", "case-withdrawn",
    "case-principal-deceased", "case-reopened", "case-mistake-reported", "case-mistake-dismissed",
    "case-entered-in-error", "case-resumed",
}  # fmt: skip
"""Each holds what somebody wrote, sent or posted, and nothing that was made of records."""


def test_an_event_is_told_in_full_only_where_nothing_in_it_was_made_of_records() -> None:
    told = {one.TYPE for one in get_args(CaseEvent) if one not in MADE_OF_RECORDS}
    assert told == TOLD_IN_FULL
