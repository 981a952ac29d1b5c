"""回答内容の確認 for whoever comes second: two decisions side by side, nothing that is hidden."""

import pytest

from tests.pages.casework import Work, Worked
from tests.pages.deciding import NAME, REASON, bare, dated, opened, path, whole
from tests.pages.filling import Sheet, sheet, words_of
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT, differing_rows
from tests.pages.recorded import ABSENT, Identifier, member, sent, verified

FIRST = "先に書いた理由"
I_GROUND = "ART33_2_I"


def held(officer: Person, case: Worked, form: Sheet, **typed: object) -> Sheet:
    """All records withheld, as typed, and not yet decided."""
    status, page = form.sent(officer, "add", tick="all")
    assert status == 200
    given = sheet(page, path(case))
    given.fields |= {"block_1_ground": [I_GROUND], "block_1_reason": [REASON]}
    given.fields |= {name: [str(one)] for name, one in typed.items()}
    return given


def withheld(record: str, **changes: object) -> dict[str, object]:
    return {"record": record, "ground": I_GROUND, "reason": FIRST, **changes}


def recorded(office: Office, who: Identifier, *days: int) -> list[str]:
    named = [{**who, "name": NAME}]
    return sent(office, *({**dated(f"2026-02-0{n}"), "principals": named} for n in days))


def three(office: Office, who: Identifier) -> list[str]:
    return recorded(office, who, 1, 2, 3)


def of(work: Work, who: Identifier) -> Worked:
    return verified(work, who, name=NAME).do(
        "principal", {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
    )


def test_two_decisions_stand_side_by_side_record_by_record(
    office: Office, work: Work, officer: Person
) -> None:
    who = member()
    records = three(office, who)
    case = of(work, who)
    _, form = opened(officer, case)
    typed = held(officer, case, form)
    case.do("decisions", {"withheld": [withheld(records[1], items=["ITEMS"])]}, by="colleague")
    by = office.called("colleague")
    status, page = typed.sent(officer, "submit")
    assert status == 409
    words = words_of(page)
    assert CONFLICT in words
    assert by in words
    [(one, first, mine), (other, whole_first, whole_mine)] = sorted(
        differing_rows(page), key=lambda row: len(row[0])
    )
    assert (one, other) == ("記録番号2", "記録番号1、3（2件）")
    assert first.startswith("不開示：個人データの項目\n根拠：")
    assert first.endswith(f"理由：{FIRST}")
    assert (whole_first, whole_mine) == ("開示", mine)
    assert mine.startswith("不開示：記録の全部\n根拠：")
    assert mine.endswith(f"理由：{REASON}")
    # What was typed is kept, and told again while it is only looked at.
    status, page = sheet(page, path(case)).sent(officer, "rows:all")
    assert (status, CONFLICT in words_of(page), len(differing_rows(page))) == (200, True, 2)
    again = sheet(page, path(case))
    assert again.text("block_1_reason") == REASON
    assert again.sent(officer, "submit")[0] == 303
    assert len(whole(case)["decision"]["withheld"]) == 3


def excluded(office: Office, record: str) -> None:
    key = office.key("records:exclude", "records:write", owner="chief")
    body = {"action": "exclude", "transfers": [record], "ground": "i", "reason": "危害のおそれ"}
    answer = office.api("POST", "/v1/exclusions", key, body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "door",
    [
        "submit",
    ],
)
def test_nothing_is_told_of_a_record_that_was_excluded_since(
    office: Office, work: Work, officer: Person, door: str | None
) -> None:
    """The form holds all three records; the table is that of a person with two."""
    told: list[list[tuple[str, ...]]] = []
    for is_hidden in (False, True):
        who = member()
        records = recorded(office, who, *((1, 2, 3) if is_hidden else (1, 3)))
        case = of(work, who)
        _, form = opened(officer, case)
        typed = held(officer, case, form)
        if is_hidden:
            excluded(office, records.pop(1))
        found = {"identifiers": [who], "tried": [ABSENT], "evidence": "会員番号が一致"}
        case.do("principal", found, by="colleague")
        case.do("decisions", {"withheld": [withheld(records[0])]}, by="colleague")
        if door is not None:
            case.do(door, by="colleague")
        status, page = typed.sent(officer, "submit")
        assert status == 409
        told.append(differing_rows(page))
    assert told[0] == told[1]
    assert [one[0] for one in told[0]] == ["記録番号1", "記録番号2"]


def test_what_was_decided_is_told_of_no_record_while_none_can_be_shown(
    office: Office, work: Work, officer: Person
) -> None:
    """A record that is excluded after the decision: as of one that was changed, nothing is told."""
    pages: list[str] = []
    for is_hidden in (False, True):
        who = member()
        records = three(office, who)
        case = of(work, who)
        _, form = opened(officer, case)
        typed = held(officer, case, form)
        case.do("decisions", {"withheld": [withheld(records[1])]}, by="colleague")
        if is_hidden:
            excluded(office, records[1])
        else:
            key = office.key("records:write", owner="colleague")
            body = {"changes": {"items": ["氏名"]}, "reason": "項目の誤り"}
            answer = office.api("POST", f"/v1/transfers/{records[1]}/corrections", key, body)
            assert answer.status_code == 200, answer.text
        status, page = typed.sent(officer, "submit")
        assert status == 409
        assert differing_rows(page) == []
        assert "比較していません" in words_of(page)
        assert FIRST not in page
        pages.append(bare(page, case, who["id"]))
    assert pages[0] == pages[1]
