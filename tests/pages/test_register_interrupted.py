"""過去の記録の取込: what is seen while it goes on, and after its process died."""

from pathlib import Path

import pytest

from ledger.store.registers import RegisterChange
from tests.pages.office import Office
from tests.pages.registering import (
    GOING_ON,
    PAGE,
    Uploaded,
    csv_bytes,
    head,
    new,
    register_of,
    uploaded,
    usual,
)


@pytest.fixture
def begun(office: Office, tmp_path: Path) -> Uploaded:
    """A register of which seven rows of nine were recorded when its process died."""
    one = uploaded(office, "r.csv", csv_bytes(tmp_path, new(9)))
    assert one.mapped().status_code == 303
    one.ended()
    services = office.app.state.services
    found = services.registers.find(register_of(one), services.now())
    change = RegisterChange("recording", rows_done=7, counts={"results": {"recorded": 7}})
    services.registers.change(found, change, services.now())
    return one


def test_somebody_sees_how_far_it_is_while_it_goes_on(office: Office, begun: Uploaded) -> None:
    progress = f"{begun.path}/progress"
    with office.app.state.services.registers.working(register_of(begun)):
        text = begun.page()
        assert GOING_ON in text
        assert "7行 / 10行（70%）" in text
        part = begun.person.get(progress, headers={"HX-Request": "true"})
        assert part.status_code == 200
        assert "7行 / 10行（70%）" in part.text
        assert "<html" not in part.text
        for action in ("import", "check", "discard", "mapping", "reading"):
            answer = begun.post(action, usual())
            assert answer.status_code in (409, 422), action
        assert begun.page() != ""
    ended = begun.person.get(progress, headers={"HX-Request": "true"})
    assert (ended.status_code, ended.headers["hx-redirect"]) == (204, begun.path)


def test_an_import_that_was_interrupted_says_where_and_goes_on(
    office: Office, begun: Uploaded
) -> None:
    text = begun.page()
    assert GOING_ON not in text
    assert "7行まで進んだところで中断しました" in text
    assert "取込をもう一度始める" in text
    assert "中断" in begun.person.get(PAGE).text
    before = head(office)
    assert begun.post("import").status_code == 303
    assert "取込済み" in begun.ended()
    assert head(office) == before + 9
