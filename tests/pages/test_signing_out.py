"""What ends a session: signing out, the provider's notice, and time.

Attack: an old session is used again.
Held off by: idle time and whole time, and a row that signing out or the provider's notice ends.
"""

import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx2
import pytest
from joserfc import jwt

from api.auth.people.identity import LOGGED_OUT
from tests.pages.office import SAME_SITE, Office, Person
from tests.rows import move_sessions, older

SESSIONS = "SELECT handle FROM ledger.sessions ORDER BY begun_at"
COOKIE = "ledger-sid"


def test_signing_out_ends_the_session_at_once(office: Office) -> None:
    person = office.signed_in("officer")
    held = person.client.cookies[COOKIE]
    answer = person.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    thief = office.stranger()
    thief.client.cookies[COOKIE] = held
    assert thief.get("/desk").status_code == 303
    assert "認証サービスからもサインアウト" in person.get("/signed-out").text


def test_nobody_is_signed_out_by_another_site(office: Office) -> None:
    person = office.signed_in("officer")
    token = person.form_token()
    for headers, given in (
        ({"Sec-Fetch-Site": "cross-site"}, token),
        ({"Sec-Fetch-Site": "same-site"}, token),
        ({"Origin": "https://other.example"}, token),
        (SAME_SITE, "0" * 64),
    ):
        form = {"form_token": given}
        assert person.client.post("/sign-out", data=form, headers=headers).status_code == 403
    assert person.get("/desk").status_code == 200


def _notice(office: Office, **changes: object) -> httpx2.Response:
    """A log-out token of the provider's own making, with some claims changed."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": office.provider.issuer,
        "aud": "ledger-pages",
        "iat": now,
        "exp": now + 60,
        "jti": "notice-1",
        "sub": "chief",
        "events": {LOGGED_OUT: {}},
        **changes,
    }
    stated = {name: value for name, value in claims.items() if value is not None}
    header = {"alg": "RS256", "kid": "demo-1", "typ": "logout+jwt"}
    token = jwt.encode(header, stated, office.provider.grants.key)
    return httpx2.post(
        f"{office.url}/sign-in/ended-by-provider", data={"logout_token": token}, trust_env=False
    )


def test_who_logs_out_at_the_provider_is_signed_out_here(office: Office) -> None:
    person, other = office.signed_in("chief"), office.signed_in("officer")
    assert _notice(office).status_code == 200
    assert person.get("/desk").status_code == 303
    assert other.get("/desk").status_code == 200


def _signed_in(office: Office, who: str) -> tuple[Person, httpx2.Client]:
    """Somebody who has signed in, and the cookies that their browser has at the provider."""
    at_provider = office.closing.enter_context(
        httpx2.Client(base_url=office.provider.issuer, trust_env=False)
    )
    person = office.stranger()
    answer = at_provider.post(office.at_provider(person), data={"identity": who})
    back = urlsplit(answer.headers["location"])
    assert person.get(f"{back.path}?{back.query}").headers["location"] == "/desk"
    return person, at_provider


def _session_of(at_provider: httpx2.Client) -> str:
    [session] = at_provider.cookies.values()
    return session


def test_who_logs_out_at_the_provider_in_one_browser_stays_in_the_other(office: Office) -> None:
    (here, browser), (there, _) = _signed_in(office, "chief"), _signed_in(office, "chief")
    assert browser.get("/end").status_code == 200  # its notice names the session alone
    assert here.get("/desk").status_code == 303
    assert there.get("/desk").status_code == 200


def test_a_notice_of_a_session_and_its_person_ends_that_session_alone(office: Office) -> None:
    (here, browser), (there, _) = _signed_in(office, "chief"), _signed_in(office, "chief")
    for _ in range(2):  # sent again it ends nothing else, either
        assert _notice(office, sid=_session_of(browser)).status_code == 200
    assert here.get("/desk").status_code == 303
    assert there.get("/desk").status_code == 200


def test_a_notice_of_a_session_ends_those_of_its_person_that_no_token_told_apart(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _ = _signed_in(office, "chief")
    monkeypatch.setattr(office.provider.grants, "names_sessions", False)
    (here, browser), (other, _) = _signed_in(office, "chief"), _signed_in(office, "officer")
    assert _notice(office, sid=_session_of(browser)).status_code == 200
    assert here.get("/desk").status_code == 303
    assert told.get("/desk").status_code == 200  # is known to be another one
    assert other.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "other-client"},
        {"events": {}},
        {"events": None},
        {"nonce": "n"},
        {"sub": None},
        {"jti": None},
        {"iat": int(time.time()) - 3_600},
    ],
    ids="-".join,
)
def test_a_notice_that_is_not_valid_ends_nothing(
    office: Office, changes: dict[str, object]
) -> None:
    person = office.signed_in("chief")
    answer = _notice(office, **changes)
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"
    assert person.get("/desk").status_code == 200


def test_a_notice_of_somebody_else_s_making_ends_nothing(office: Office) -> None:
    person = office.signed_in("chief")
    forged = "eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.e30."
    for token in (forged, "", "x" * 20_000):
        answer = httpx2.post(
            f"{office.url}/sign-in/ended-by-provider",
            data={"logout_token": token},
            trust_env=False,
        )
        assert answer.status_code == 400
    assert person.get("/desk").status_code == 200


def test_a_session_ends_after_a_while_without_use_and_in_any_case(office: Office) -> None:
    idle = office.signed_in("officer")
    handle = _newest(office)
    limits = office.settings.session_idle_minutes, office.settings.session_hours_max
    _move(office, handle, timedelta(minutes=limits[0] - 1))
    assert idle.get("/desk").status_code == 200  # and is used by this: the time begins anew
    _move(office, handle, timedelta(minutes=limits[0] - 1))
    assert idle.get("/desk").status_code == 200
    _move(office, handle, timedelta(minutes=limits[0] + 1))
    assert idle.get("/desk").status_code == 303
    busy = office.signed_in("officer")
    _move(office, _newest(office), timedelta(hours=limits[1], minutes=1), seen=False)
    assert busy.get("/desk").status_code == 303


def _newest(office: Office) -> bytes:
    return bytes(office.rows(SESSIONS)[-1][0])


def _move(office: Office, handle: bytes, by: timedelta, *, seen: bool = True) -> None:
    """Let a session be older; no process that serves may do so."""
    move_sessions(office.urls.owner, lambda one: older(one, by, seen=seen), handle)
