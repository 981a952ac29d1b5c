"""例外: transfers with findings, and verdicts that something late would change; nobody is named."""

import re
from datetime import datetime
from typing import Any, cast

import pytest

from api.services import Services
from api.wire.items import random_command
from ledger.application import Ledger
from ledger.application.flagged import FlaggedTransfers
from ledger.law.findings import FINDINGS
from ledger.streams import Streams
from tests.doors.samples import RECIPIENT, SOURCE
from tests.pages.filling import sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.watching import CANARY, day, looks, marked, recorded

PAGE = "/desk/exceptions"
LATE = f"{PAGE}/late"
LAWLESS = {"consent": {"obtained": False}}
"""A transfer on consent that nobody gave."""


def pages_of(person: Person, address: str) -> list[str]:
    """A list, page by page to its end."""
    pages: list[str] = []
    while address:
        pages.append(person.get(address).text)
        following = re.search(r'href="([^"]*(?:before|cursor)=[^"]*)"', pages[-1])
        address = following[1].replace("&amp;", "&") if following else ""
    return pages


def line_of(person: Person, transfer: str, address: str) -> str:
    whole = "".join(pages_of(person, address))
    return whole.partition(f'id="transfer-{transfer}"')[2].partition("</tr>")[0]


def member(name: str) -> list[dict[str, str]]:
    return [{"scheme": "member", "id": name, "name": CANARY}]


def directed(office: Office, who: str) -> int:
    """A consent that was withdrawn, told late; its position."""
    key = office.key("records:write", owner="officer")
    body = {
        "principal": {"scheme": "member", "id": who},
        "kind": "consent_withdrawn",
        "day": day(0),
    }
    answer = office.api("POST", "/v1/directives", key, body)
    assert answer.status_code == 200, answer.text
    services = office.app.state.services
    services.histories.wait(answer.json()["position"], 300)
    return answer.json()["position"]


def waiting(office: Office, who: str) -> tuple[str, int]:
    """A transfer whose verdict waits to be looked at again, and the late event."""
    transfer = recorded(office, principals=member(who))["transfer"]
    return transfer, directed(office, who)


def reassess(person: Person, transfer: str, **typed: str) -> Any:  # noqa: ANN401 -- the client's own
    action = f"{LATE}/{transfer}/reassess"
    for page in pages_of(person, LATE):
        if action in page:
            fields = {name: one[0] for name, one in sheet(page, action).fields.items()}
            return person.post(action, {**fields, **typed}, token=fields["form_token"])
    raise AssertionError("the transfer is not in the list")


def test_only_who_may_correct_records_sees_them(office: Office) -> None:
    for who in ("reception", "approver", "chief", "auditor", "quarantine", "operator"):
        for path in (PAGE, LATE):
            assert office.person(who).get(path).status_code == 403
        assert "例外" not in office.person(who).get("/desk", follow_redirects=True).text
    for path in (PAGE, LATE):
        assert office.person("officer").get(path).status_code == 200


def test_a_transfer_with_findings_is_listed_until_they_are_gone(office: Office) -> None:
    lawful = recorded(office)["transfer"]
    lawless = recorded(office, principals=member("M-X"), **LAWLESS)
    assert lawless["findings"] == ["CONSENT_NOT_OBTAINED"]
    person, before = office.person("officer"), looks(office)
    line = line_of(person, lawless["transfer"], PAGE)
    assert FINDINGS["CONSENT_NOT_OBTAINED"].label in line
    assert "▲ 違法" in line
    assert SOURCE in line
    assert not line_of(person, lawful, PAGE)
    assert "カナリア" not in "".join(pages_of(person, PAGE))
    assert looks(office) == before, "nobody is named, so there is no look"
    key = office.key("records:write", owner="officer")
    path = f"/v1/transfers/{lawless['transfer']}/corrections"
    body = {"changes": {"consent": {"obtained": True}}, "reason": "同意書が見つかった"}
    assert office.api("POST", path, key, body).status_code == 200
    assert not line_of(person, lawless["transfer"], PAGE)


def test_what_was_retracted_is_in_the_list_no_more(office: Office) -> None:
    transfer = recorded(office, **LAWLESS)["transfer"]
    person = office.person("officer")
    assert line_of(person, transfer, PAGE)
    key = office.key("records:write", owner="officer")
    path = f"/v1/transfers/{transfer}/retraction"
    assert office.api("POST", path, key, {"reason": "duplicate"}).status_code == 200
    assert not line_of(person, transfer, PAGE)


def test_a_finding_of_one_person_alone_is_found_and_says_of_nobody_whose_it_is(
    office: Office,
) -> None:
    directed(office, "M-STOPPED")
    both = [*member("M-STOPPED"), {"scheme": "member", "id": "M-FREE"}]
    transfer = recorded(office, principals=both)["transfer"]
    line = line_of(office.person("officer"), transfer, PAGE)
    assert "本人 1人だけに当たる所見" in line
    assert "CONSENT_WITHDRAWN" in line
    assert "M-STOPPED" not in line


def test_a_defect_of_a_record_is_not_among_the_unlawful_ones(office: Office) -> None:
    incomplete = {**RECIPIENT, "representative": None}
    defect = recorded(office, counterparty=incomplete)
    assert defect["findings"] == ["COUNTERPARTY_INCOMPLETE"]
    lawless = recorded(office, **LAWLESS)["transfer"]
    person = office.person("officer")
    assert "記録の不備" in line_of(person, defect["transfer"], PAGE)
    assert not line_of(person, defect["transfer"], f"{PAGE}?only=unlawful")
    assert line_of(person, lawless, f"{PAGE}?only=unlawful")


def test_what_was_hidden_is_in_no_list_and_leaves_no_trace(office: Office) -> None:
    hidden = marked(office, **LAWLESS)
    officer = office.person("officer")
    assert not line_of(officer, hidden, PAGE)
    assert hidden not in "".join(pages_of(officer, PAGE))
    person = reassess_at(officer, hidden)
    nobody = reassess_at(officer, str(random_command()))
    assert person == nobody


def reassess_at(person: Person, transfer: str) -> tuple[int, str]:
    """What is told of a transfer that is in no list: status and words."""
    answer = person.post(f"{LATE}/{transfer}/reassess", {"cause": "1", "reassess_reason": "試し"})
    return answer.status_code, answer.text.partition('role="alert"')[2].partition("</div>")[0]


def test_pages_of_any_size_are_one_list(office: Office) -> None:
    for _ in range(7):
        recorded(office, **LAWLESS)
        recorded(office)
    services = cast("Services", office.app.state.services)

    def of_ledger(ledger: Ledger, _: datetime) -> Streams:
        return ledger.streams

    streams = services.group.call(of_ledger)
    whole = FlaggedTransfers(streams, looked_at_max=100_000).page(None, 1_000, sees_all=True)
    assert whole.following is None
    assert [one.position for one in whole.found] == sorted(
        (one.position for one in whole.found), reverse=True
    )
    for limit, looked_at_max in ((1, 3), (2, 2_000), (1_000, 7), (3, 1)):
        flagged = FlaggedTransfers(streams, looked_at_max=looked_at_max)
        found: list[Any] = []
        before, reached = None, streams.reads.head()
        while True:
            page = flagged.page(before, limit, sees_all=True)
            assert len(page.found) <= limit
            assert page.last == reached, "a stretch was left out, or gone through twice"
            assert page.last - page.first < looked_at_max
            found += page.found
            reached, before = page.first - 1, page.following
            if before is None:
                break
        assert reached == 0
        assert found == list(whole.found)


def test_a_page_says_what_it_went_through(office: Office) -> None:
    recorded(office)
    page = words_of(office.person("officer").get(f"{PAGE}?before=2").text)
    assert "台帳の位置 #1 から #1 までを調べました" in page
    assert "まだ調べていません" not in page
    for bad in ("?before=0", "?before=x", "?only=everything"):
        assert office.person("officer").get(f"{PAGE}{bad}").status_code == 404


def test_a_late_stop_waits_and_is_acted_on_once(office: Office) -> None:
    transfer, cause = waiting(office, "M-LATE")
    person, before = office.person("officer"), looks(office)
    line = line_of(person, transfer, LATE)
    assert f"#{cause}" in line
    assert FINDINGS["CONSENT_WITHDRAWN"].label in line
    assert "適法 → " in line
    assert "本人 1人についての判定" in line
    assert "M-LATE" not in line
    assert "カナリア" not in line
    assert looks(office) == before
    action = f"{LATE}/{transfer}/reassess"
    page = next(one for one in pages_of(person, LATE) if action in one)
    fields = {name: one[0] for name, one in sheet(page, action).fields.items()}
    given = {**fields, "reassess_reason": "撤回の申出が遅れて届いた"}
    for _ in range(2):
        done = person.post(action, given, token=fields["form_token"])
        assert done.headers["location"] == f"{LATE}?done=reassessed"
    assert not line_of(person, transfer, LATE)
    assert line_of(person, transfer, PAGE)
    assert "判定を見直しました" in person.get(f"{LATE}?done=reassessed").text


@pytest.mark.parametrize("reason", ["", " ", "123456789018", "理由\u0007"])
def test_without_a_reason_nothing_is_judged_anew(office: Office, reason: str) -> None:
    transfer, _ = waiting(office, f"M-{random_command()}")
    answer = reassess(office.person("officer"), transfer, reassess_reason=reason)
    assert answer.status_code == 422
    assert "判断の理由を入力してください" in answer.text
    assert line_of(office.person("officer"), transfer, LATE)


@pytest.mark.parametrize("cause", ["", "x", "1", "99999999999999999999", "9" * 5_000, "１"])
def test_what_is_no_cause_is_refused(office: Office, cause: str) -> None:
    transfer, _ = waiting(office, f"M-{random_command()}")
    typed = {"cause": cause, "reassess_reason": "理由"}
    answer = reassess(office.person("officer"), transfer, **typed)
    assert answer.status_code == 422
    assert line_of(office.person("officer"), transfer, LATE)


def test_a_cursor_of_another_list_is_refused(office: Office) -> None:
    person = office.person("officer")
    assert person.get(f"{LATE}?cursor={'A' * 43}").status_code == 422
    assert person.get(f"{LATE}?cursor=x").status_code == 404
