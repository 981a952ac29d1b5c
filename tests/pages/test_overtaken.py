"""Whoever comes second, step by step: who was first, what stands, and what they had typed."""

import pytest

from tests.doors.samples import provision
from tests.pages.casework import Work
from tests.pages.deciding import whole
from tests.pages.filling import sheet, words_of
from tests.pages.finding import NAME, OTHER, named, opened
from tests.pages.office import Office, Person
from tests.pages.overtaken import CONFLICT, differing_rows
from tests.pages.recorded import ABSENT, Identifier, member, sent, verified

REPLACED = "この画面に入力した内容に置き換わります"
FIRST, SECOND = "先に書いた根拠", "後から書いた根拠"


@pytest.fixture
def who(office: Office) -> Identifier:
    one = member()
    sent(office, provision(principals=named(one)))
    return one


def test_another_person_was_said_to_be_the_one_and_both_stand_side_by_side(
    office: Office, work: Work, officer: Person, who: Identifier
) -> None:
    old = member()
    sent(office, provision(principals=named(old, OTHER)))
    case = verified(work, who, old, name=NAME)
    _, form = opened(officer, case)
    found = {"identifiers": [who], "tried": [old, ABSENT], "evidence": FIRST}
    case.do("principal", {**found, "not_the_person": "母の番号"}, by="colleague")
    by = office.called("colleague")
    status, page = form.sent(
        officer, "identify", chosen=["1", "2"], because_2="婚姻により改姓", evidence=SECOND
    )
    assert status == 409
    words = words_of(page)
    assert CONFLICT in words
    assert by in words
    assert REPLACED in words
    mine, hers = (f"会員ID　{one['id']}" for one in (who, old))
    assert differing_rows(page) == [
        ("この方の記録", mine, "\n".join(sorted((mine, hers)))),
        (f"氏名が異なる理由：{hers}", "―", "婚姻により改姓"),
        (
            "この方のものでない、又は記録がない識別子",
            "\n".join(sorted((hers, f"メールアドレス　{ABSENT['id']}"))),
            "―",
        ),
        ("特定の根拠", FIRST, SECOND),
        ("選ばなかった識別子の記録が、この方のものではない理由", "母の番号", "―"),
    ]
    # Everything is kept, and whoever has read it may put theirs down all the same.
    again = sheet(page, f"/desk/cases/{case.id}/records")
    assert (again.fields["chosen"], again.text("because_2")) == (["1", "2"], "婚姻により改姓")
    assert again.sent(officer, "identify")[0] == 303
    assert whole(case)["search"]["evidence"] == SECOND


def test_what_others_did_is_told_until_a_step_is_taken(
    work: Work, officer: Person, who: Identifier
) -> None:
    """A search shows the page anew: it must not make the form one of the newest version unsaid."""
    case = verified(work, who, name=NAME)
    _, form = opened(officer, case)
    case.do("principal", {"identifiers": [who], "evidence": FIRST}, by="colleague")
    status, page = form.sent(officer, "search", evidence=SECOND)
    again = form
    for _ in range(2):
        assert (status, CONFLICT in words_of(page)) == (200, True)
        assert differing_rows(page) == [("特定の根拠", FIRST, SECOND)]
        again = sheet(page, f"/desk/cases/{case.id}/records")
        status, page = again.sent(officer, "search")
    assert again.sent(officer, "identify")[0] == 303
    assert CONFLICT not in words_of(opened(officer, case)[0])
