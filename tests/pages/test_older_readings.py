"""判定の見直し of verdicts that were given under an older reading of the law."""

import pytest

from tests.doors.samples import REMOVED
from tests.ledger.older import first_reading
from tests.pages.office import Office
from tests.pages.test_exceptions import LATE, PAGE, line_of, reassess
from tests.pages.watching import recorded


def test_the_page_names_the_reading_as_the_cause_and_lets_it_be_judged_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"basis": "on_behalf_of_principal", "exemption": "view_only", "consent": REMOVED}
    with first_reading(monkeypatch):
        transfer = recorded(office, **given)["transfer"]
    person = office.person("officer")
    line = line_of(person, transfer, LATE)
    assert "法の解釈の改定" in line
    assert "CONSENT_NOT_OBTAINED" in line
    assert "台帳の位置" not in line
    refused = reassess(person, transfer, reassess_reason="")
    assert refused.status_code == 422
    wrong = reassess(person, transfer, cause="1", reassess_reason="解釈の改定")
    assert wrong.status_code == 422
    done = reassess(person, transfer, reassess_reason="解釈の改定")
    assert done.status_code == 303
    assert not line_of(person, transfer, LATE)
    assert "CONSENT_NOT_OBTAINED" in line_of(person, transfer, PAGE)
