"""What was written down in a hostile way is shown as the text that it is, on every page.

Attack: what was written down in a hostile way becomes markup on a page that shows it.
Held off by: escaping everywhere, the content security policy, Trusted Types.
"""

from random import sample
from typing import Final

import pytest

from tests.attacks import hostile
from tests.attacks.allowed import ALLOWED
from tests.attacks.reading import read
from tests.attacks.stored import Stored, text, written
from tests.pages.histories import WHY
from tests.pages.office import Office
from tests.pages.test_routes import IDENTITY_OF, NOBODYS_CASE, ROUTES, guard_of, path_of
from tests.rounds import rounds

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


NAVIGATED: Final = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
EMBEDDED: Final = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FOREIGN: Final = [
    {"Sec-Fetch-Site": site, **how}
    for site in ("cross-site", "same-site", "something-new")
    for how in (NAVIGATED, EMBEDDED)
]
HEAD: Final = "SELECT position FROM ledger.head"
PAGES: Final = [
    route for method, route in ROUTES if method == "GET" and guard_of(route) is not None
]
ASKED: Final = "画面を開く"


def test_no_page_is_shown_to_whom_another_origin_led_there_and_no_look_is_recorded(
    office: Office, stored: Stored
) -> None:
    """Attack: a link, a redirect or a picture of another site makes a signed-in browser open a
    page, so that a look at somebody is on record that nobody had, or begins a sign-in.
    Held off by: `Sec-Fetch-Site`: no page is shown, and no look recorded, before the person
    presses 「画面を開く」. A browser of before 2023 does not tell; what a mail or another program
    opens counts as the person's own, also where a site then leads on.
    """
    cases = [case.id for case in stored.cases.values()]
    people = {role: office.person(IDENTITY_OF[role]) for role in IDENTITY_OF}
    before, wrong = office.rows(HEAD), list[str]()
    for route in PAGES:
        person = people[ALLOWED["GET", route.path].first()]
        for path in {path_of(route, case) for case in (*cases, NOBODYS_CASE)}:
            for headers in sample(FOREIGN, rounds(len(FOREIGN))):
                answer = person.get(path, headers=headers)
                links = [told.get("href") for tag, told in read(answer.text).tags if tag == "a"]
                own = [one for one in links if one is not None and one.startswith("/desk")]
                if answer.status_code != 403 or len(own) != 1 or ASKED not in answer.text:
                    wrong.append(f"{path} {headers}: {answer.status_code} {own}")
    assert wrong == []
    assert office.rows(HEAD) == before
    assert len(PAGES) > 40


@pytest.mark.parametrize("site", ["none", None])
def test_what_a_person_asks_for_is_shown_and_its_looks_are_recorded(
    office: Office, stored: Stored, site: str | None
) -> None:
    headers = {} if site is None else {"Sec-Fetch-Site": site, **NAVIGATED}
    before, refused = office.rows(HEAD), list[str]()
    addresses = [*stored.addresses()]
    for who, path in sample(addresses, rounds(len(addresses))):
        answer = office.person(who).get(path, headers=headers)
        if ASKED in answer.text:
            refused.append(path)
    assert refused == []
    assert office.rows(HEAD) > before


def test_a_stranger_whom_another_origin_leads_is_asked_to_sign_in(office: Office) -> None:
    answer = office.stranger().get("/desk/keys", headers=FOREIGN[0])
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?page=/desk/keys")


def test_a_sign_in_that_another_origin_begins_waits_for_the_person(office: Office) -> None:
    """Else a provider that asks nothing would lead straight to the page, as if it were wanted."""
    for headers in FOREIGN:
        for proof in ("", "&proof=1"):
            query = f"page=/desk/cases/{NOBODYS_CASE}{proof}"
            answer = office.stranger().get(f"/sign-in/start?{query}", headers=headers)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?{query}")
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_sign_in_ends_on_a_page_of_ours_that_asks_for_the_page_that_was_wanted(
    office: Office, site: str
) -> None:
    person = office.stranger()
    own = {"Sec-Fetch-Site": "same-origin", **NAVIGATED}
    begun = person.get("/sign-in/start?page=/desk/exceptions", headers=own)
    back = office.chosen(begun.headers["location"], "officer")
    arrived = person.get(back, headers={"Sec-Fetch-Site": site, **NAVIGATED})
    assert arrived.status_code == 200
    assert "location" not in arrived.headers
    [led] = [
        told["content"]
        for tag, told in read(arrived.text).tags
        if tag == "meta" and told.get("http-equiv") == "refresh"
    ]
    assert led == "0; url=/desk/exceptions"
    assert person.get("/desk/exceptions", headers=own).status_code == 200
