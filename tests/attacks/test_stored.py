"""What was written down in a hostile way is shown as the text that it is, on every page.

Attack: what was written down in a hostile way becomes markup on a page that shows it.
Held off by: escaping everywhere, the content security policy, Trusted Types.
"""

import pytest

from tests.attacks import hostile
from tests.attacks.reading import read
from tests.attacks.stored import Stored, text, written
from tests.pages.histories import WHY
from tests.pages.office import Office

SHOWN = (
    "emitter",
    "notice",
    "notice scope",
    "category",
    "listed",
    "purpose",
    "responsible",
    "hold",
    "reference",
    "name",
    "kana",
    "address",
    "party name",
    "party address",
    "party representative",
    "item",
    "acquisition",
    "on papers",
    "registered",
    "note",
    "evidence",
    "mistake",
    *("flagged name", "flagged address", "flagged representative", "flagged item"),
    *("purpose of use", "new purpose", "contract", "acquired by", "derived from"),
    *("consent evidence", "corrections", "settled", "retraction"),
)
"""Where a text must be seen on some page: else the pages that were looked at showed nothing."""


@pytest.fixture(scope="module")
def stored(office: Office) -> Stored:
    return written(office)


def test_no_page_makes_anything_else_of_what_was_written(stored: Stored) -> None:
    wrong: list[str] = []
    words: list[str] = []
    for who, path in stored.addresses():
        answer = stored.office.person(who).get(path)
        page = read(answer.text)
        words.append(page.words)
        wrong += [f"{path} for {who}: {one}" for one in hostile.planted(page)]
        words += [told["value"] for _, told in page.tags if "value" in told]
        if answer.status_code >= 500:
            wrong.append(f"{path} for {who}: {answer.status_code}")
    assert wrong == [], "\n" + "\n".join(wrong)
    seen = "\n".join(words)
    assert [where for where in SHOWN if text(where) not in seen] == []


def test_a_history_and_what_was_looked_for_are_texts(stored: Stored) -> None:
    officer, auditor = stored.office.person("officer"), stored.office.person("auditor")
    case = stored.cases["named"]
    reason = text("reason of a look")
    shown = officer.post(f"/desk/cases/{case.id}/history", {"reason": reason})
    assert shown.status_code == 200
    audit = auditor.post("/desk/audit", {"case": case.number})
    search = officer.post("/desk/search", {"q": text("name")})
    named = officer.post(f"/desk/cases/{case.id}/name", headers={"HX-Request": "true"})
    for answer, told in (
        (shown, text("party name")),
        (audit, reason),
        (search, case.number),
        (named, text("name")),
    ):
        page = read(answer.text)
        assert hostile.planted(page) == []
        assert told in page.words, told
    assert WHY not in audit.text
