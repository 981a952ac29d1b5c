"""Every form of a page keeps what was typed when the time is up, but for those listed here."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.attacks.reading import Paper, read
from tests.attacks.scenes import SCENES
from tests.pages.office import Office
from tests.pages.test_routes import FORMS, GUARDED, guard_of

CASE = "/desk/cases/{case}"
NOTHING_TYPED = {
    "/desk/search": "a search: what is sought is typed again",
    f"{CASE}/name": "a button",
    f"{CASE}/mistake-confirmation": "a button",
    f"{CASE}/evidence": "a button",
    f"{CASE}/approval": "a button",
    "/desk/audit": "a search",
    "/desk/audit/acts": "a search",
    "/desk/keys/command": "choices; the command is shown and nothing is done",
    "/desk/keys/{key}/revoke": "a button",
    "/desk/emitters/quarantine/{rejected}/discard": "a button",
    "/desk/retention/plans": "a button",
    "/desk/registers": "a file is chosen",
    "/desk/registers/{register}/check": "a button",
    "/desk/registers/{register}/import": "a button",
    "/desk/registers/{register}/discard": "a button",
    "/desk/{rest:path}": "no page",
}
"""Forms of which nothing is to be kept → why."""
NOT_YET: dict[str, str] = {}
"""Forms whose text is typed anew → what it is; there shall be none."""


def test_every_form_keeps_what_was_typed_or_is_listed_with_why_not() -> None:
    posts = {
        route.path: guard
        for method, route in GUARDED
        if method == "POST" and (guard := guard_of(route)) is not None
    }
    lost = {path for path, guard in posts.items() if guard.rescue is None}
    assert lost == {*NOTHING_TYPED, *NOT_YET}
    assert not NOT_YET


RESCUED = [route for _, route in FORMS if (guard := guard_of(route)) and guard.rescue]
OF_SCRIPTS = ("/draft", "/papers/rows/{row}", "/papers/result")
"""Ends of addresses that a page's script asks for while somebody types."""
SENTENCES = ("reason", "note", "evidence", "text", "because", "title", "name")
"""In the names of fields into which somebody writes sentences."""


@pytest.fixture(scope="module")
def asked() -> set[str]:
    """Patterns of addresses whose forms were sent: another scene adds its own alone."""
    return set()


def sentence_of(paper: Paper) -> str | None:
    names = [one for one in paper.typed() if any(word in one for word in SENTENCES)]
    return names[0] if names else None


def forms_of(page: str) -> dict[str, tuple[str, Paper, str]]:
    """Pattern → address, form and field for sentences, of forms that keep what is typed."""
    return {
        route.path: (action, paper, field)
        for action, paper in read(page).posted()
        for route in RESCUED
        if route.path_regex.fullmatch(action.partition("?")[0])
        and not route.path.endswith(OF_SCRIPTS)
        and (field := sentence_of(paper))
    }


@pytest.mark.parametrize("name", SCENES)
def test_what_is_sent_after_the_time_is_up_waits_for_whose_it_is(
    office: Office, asked: set[str], name: str
) -> None:
    scene = SCENES[name]
    wanted = forms_of(scene.opened(office).text).keys() - asked
    for pattern in sorted(wanted):
        action, paper, field = forms_of(scene.opened(office).text)[pattern]
        person, given = office.person(scene.who), {**paper.sent(), field: TYPED}
        token = given.pop("form_token")[0]
        office.let_sessions_lapse()
        answer = person.post(action, given, token=token)
        led = urlsplit(answer.headers.get("location", ""))
        asked_for = parse_qs(led.query)
        assert (answer.status_code, led.path) == (303, "/sign-in"), pattern
        assert asked_for["ended"] == ["1"], pattern
        again = office.person(scene.who).get(asked_for["page"][0]).text
        assert (TYPED in again, WAITED in again) == (True, True), pattern
        asked.add(pattern)


PAGE = "/desk/exceptions"
TYPED = "電話で確かめた内容をここに書いた"
WAITED = "下書きから再開しています"
