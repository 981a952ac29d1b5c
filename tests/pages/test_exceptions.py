"""例外: transfers with findings, and verdicts that something late would change; nobody is named."""

import re
from typing import Any

import pytest

from api.web.items import random_command
from ledger.law.findings import FINDINGS
from tests.doors.samples import RECIPIENT, REMOVED, SOURCE, joint_use
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


def test_a_transfer_with_findings_is_listed_until_they_are_gone(office: Office) -> None:
    lawful = recorded(office)["transfer"]
    lawless = recorded(office, principals=member("CNRY-M-X"), **LAWLESS)
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


def test_a_finding_of_one_person_alone_is_found_and_says_of_nobody_whose_it_is(
    office: Office,
) -> None:
    directed(office, "CNRY-M-STOPPED")
    both = [*member("CNRY-M-STOPPED"), {"scheme": "member", "id": "CNRY-M-FREE"}]
    transfer = recorded(office, principals=both)["transfer"]
    line = line_of(office.person("officer"), transfer, PAGE)
    assert "本人 1人だけに当たる所見" in line
    assert "CONSENT_WITHDRAWN" in line
    assert "CNRY-M-STOPPED" not in line


def test_what_was_hidden_is_in_no_list_and_leaves_no_trace(office: Office) -> None:
    officer = office.person("officer")
    before = words_of(officer.get(PAGE).text).partition("お問い合わせ")[0]
    hidden = marked(office, **LAWLESS)
    for tab in ("open", "settled", "all"):
        assert hidden not in "".join(pages_of(officer, f"{PAGE}?tab={tab}"))
    assert words_of(officer.get(PAGE).text).partition("お問い合わせ")[0] == before
    person = reassess_at(officer, hidden)
    nobody = reassess_at(officer, str(random_command()))
    assert person == nobody


def reassess_at(person: Person, transfer: str) -> tuple[int, str]:
    """What is told of a transfer that is in no list: status and words."""
    answer = person.post(f"{LATE}/{transfer}/reassess", {"cause": "1", "reassess_reason": "試し"})
    return answer.status_code, answer.text.partition('role="alert"')[2].partition("</div>")[0]


def settle(office: Office, transfer: str, *codes: str, action: str = "stopped") -> None:
    key = office.key("records:write", owner="officer")
    path = f"/v1/transfers/{transfer}/findings/settled"
    body = {"codes": list(codes), "action": action, "reason": "提供を止めた"}
    answer = office.api("POST", path, key, body)
    assert answer.status_code == 200, answer.text


def test_what_was_settled_goes_to_another_tab_until_a_finding_is_added(office: Office) -> None:
    transfer = recorded(office, **LAWLESS)["transfer"]
    person = office.person("officer")
    assert "▲ 要対応" in line_of(person, transfer, PAGE)
    assert not line_of(person, transfer, f"{PAGE}?tab=settled")
    settle(office, transfer, "CONSENT_NOT_OBTAINED")
    assert not line_of(person, transfer, PAGE)
    line = line_of(person, transfer, f"{PAGE}?tab=settled")
    assert "対応済み" in line
    assert "提供を停止した" in line
    assert line_of(person, transfer, f"{PAGE}?tab=all") == line
    key = office.key("records:write", owner="officer")
    changes = {"counterparty": {**RECIPIENT, "representative": None}}
    body = {"changes": changes, "reason": "代表者は確認していなかった"}
    path = f"/v1/transfers/{transfer}/corrections"
    assert office.api("POST", path, key, body).status_code == 200
    assert "▲ 要対応" in line_of(person, transfer, PAGE)


def counted(page: str, code: str) -> int:
    """How many records to handle the page counts by a finding."""
    label = FINDINGS[code].label
    found = re.search(rf">{label}　([0-9]+)件</a>", page)
    return int(found[1]) if found else 0


def test_the_list_counts_by_finding_and_leads_to_those_of_one(office: Office) -> None:
    person, code = office.person("officer"), "JU_NO_NOTICE"
    before = person.get(PAGE).text
    party = {**RECIPIENT, "representative": None}
    data = joint_use(notice_id="ju-nowhere", counterparty=party)
    both = recorded(office, **{**data, "consent": REMOVED})
    assert set(both["findings"]) == {"JU_NO_NOTICE", "COUNTERPARTY_INCOMPLETE"}
    other = recorded(office, **LAWLESS)["transfer"]
    after = person.get(PAGE).text
    for one in both["findings"]:
        assert counted(after, one) == counted(before, one) + 1
        link = f"{PAGE}?code={one}"
        assert f'href="{link}"' in after
        assert line_of(person, both["transfer"], link)
        assert not line_of(person, other, link)
    found = re.compile(r'要対応 <span class="count">([0-9]+)<')
    assert int(found.findall(after)[0]) == int(found.findall(before)[0]) + 2
    settle(office, both["transfer"], *both["findings"])
    assert counted(person.get(PAGE).text, code) == counted(before, code)
    assert line_of(person, both["transfer"], f"{PAGE}?tab=settled&code={code}")


def test_a_late_stop_waits_and_is_acted_on_once(office: Office) -> None:
    transfer, cause = waiting(office, "CNRY-M-LATE")
    person, before = office.person("officer"), looks(office)
    line = line_of(person, transfer, LATE)
    assert f"#{cause}" in line
    assert FINDINGS["CONSENT_WITHDRAWN"].label in line
    assert "適法 → " in line
    assert "本人 1人についての判定" in line
    assert "CNRY-M-LATE" not in line
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


@pytest.mark.parametrize(
    "cause",
    [
        "",
        "99999999999999999999",
    ],
)
def test_what_is_no_cause_is_refused(office: Office, cause: str) -> None:
    transfer, _ = waiting(office, f"CNRY-M-{random_command()}")
    typed = {"cause": cause, "reassess_reason": "理由"}
    answer = reassess(office.person("officer"), transfer, **typed)
    assert answer.status_code == 422
    assert line_of(office.person("officer"), transfer, LATE)
