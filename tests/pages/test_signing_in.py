"""Signing in and out: who gets a session, who does not, and what ends it.

Attack: a session is planted in a browser, or a sign-in is answered by somebody else.
Held off by: a new cookie at each sign-in; state and nonce that belong to one browser.
"""

import re
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import Response

from api.auth.people.errors import SignInFailedError
from api.auth.people.identity import LOGGED_OUT, ProviderClient
from api.auth.people.provider import Provider
from api.auth.people.sessions import Token
from api.auth.people.tickets import Ticket, Tickets, own_page
from api.demo.provider import CLIENT_ID, PERSON_CLAIM, DemoProvider
from api.web.pages.cookies import keep_session, keep_ticket
from tests.doors.cases.desk import request
from tests.pages.office import Office, Person
from tests.rows import move_sessions, older

SESSIONS = "SELECT handle, actor, roles, name_sealed FROM ledger.sessions ORDER BY begun_at"
COOKIE = "ledger-sid"


def test_a_stranger_is_sent_to_the_sign_in_and_comes_back_to_the_page(office: Office) -> None:
    stranger = office.stranger()
    page = "/desk/cases/0b0e2c5e-7a57-8000-8000-000000000001"
    answer = stranger.get(page)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?page={page}")
    shown = stranger.get(answer.headers["location"])
    assert f'href="/sign-in/start?page={page}"' in shown.text
    back = office.sign_in(stranger, "officer", page)
    assert (back.status_code, back.headers["location"]) == (303, page)


def test_a_sign_in_asks_for_a_code_with_pkce_state_and_nonce(office: Office) -> None:
    asked = parse_qs(urlsplit(office.at_provider(office.stranger())).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 43
    assert len(asked["nonce"][0]) >= 43
    assert asked["redirect_uri"] == [f"{office.url}/sign-in/callback"]
    assert asked["scope"] == ["openid profile"]


def test_the_session_is_a_row_that_holds_neither_the_cookie_nor_the_name(office: Office) -> None:
    person = office.signed_in("approver")
    cookie = person.client.cookies[COOKIE]
    handle, actor, roles, sealed = office.rows(SESSIONS)[-1]
    assert roles == ["approver"]
    assert re.fullmatch("[0-9a-f]{32}", actor)
    for held in (bytes(handle), bytes(sealed)):
        assert cookie.encode() not in held
        assert "高橋".encode() not in held
    assert "高橋　誠" in person.get("/desk").text


def test_the_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts(office: Office) -> None:
    answer = office.sign_in(office.stranger(), "officer")
    [cookie] = [
        one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{COOKIE}=")
    ]
    told = {part.strip().lower() for part in cookie.split(";")[1:]}
    # Over plain http on this machine; over https it is `__Host-sid` and Secure (test_cookies).
    assert told == {"httponly", "path=/", "samesite=lax"}


def test_a_session_from_before_the_sign_in_is_worth_nothing_after_it(office: Office) -> None:
    victim = office.signed_in("officer")
    planted = victim.client.cookies[COOKIE]
    assert office.sign_in(victim, "officer").status_code == 303
    assert victim.client.cookies[COOKIE] != planted
    attacker = office.stranger()
    attacker.client.cookies[COOKIE] = planted
    assert attacker.get("/desk").status_code == 303


def test_a_made_up_cookie_never_becomes_a_session(office: Office) -> None:
    victim = office.stranger()
    victim.client.cookies[COOKIE] = "A" * 43
    office.sign_in(victim, "officer")
    attacker = office.stranger()
    attacker.client.cookies[COOKIE] = "A" * 43
    assert attacker.get("/desk").status_code == 303


def test_an_answer_for_another_browser_is_refused(office: Office) -> None:
    attacker, victim = office.stranger(), office.stranger()
    back = office.chosen(office.at_provider(attacker), "officer")
    office.at_provider(victim)  # the victim has a ticket too, with another state
    for person in (victim, office.stranger()):
        answer = person.get(back)
        assert answer.status_code == 400
        # Refused by the ticket: the code was not even sent to the provider.
        assert "サインインの途中で時間が過ぎた" in answer.text
        assert COOKIE not in person.client.cookies
    assert attacker.get(back).status_code == 303


def test_a_code_is_good_once(office: Office) -> None:
    person = office.stranger()
    address = office.at_provider(person)
    ticket = person.client.cookies["ledger-sign-in"]
    back = office.chosen(address, "officer")
    assert person.get(back).status_code == 303
    again = office.stranger()
    again.client.cookies["ledger-sign-in"] = ticket
    assert again.get(back).status_code == 400


def test_an_id_token_for_another_sign_in_is_refused(office: Office) -> None:
    person = office.stranger()
    back = office.chosen(office.at_provider(person), "officer")
    [code] = parse_qs(urlsplit(back).query)["code"]
    office.provider.grants.codes[code].nonce = "of another sign-in"
    answer = person.get(back)
    assert answer.status_code == 400
    assert "応答を確認できませんでした" in answer.text
    assert COOKIE not in person.client.cookies


def test_an_id_token_that_another_key_signed_is_refused(office: Office) -> None:
    # The ledger reads the provider's keys now, not while another one stands there.
    known = office.stranger()
    assert known.get(office.chosen(office.at_provider(known), "officer")).status_code == 303
    person = office.stranger()
    back = office.chosen(office.at_provider(person), "officer")
    own = office.provider.grants.key
    office.provider.grants.key = RSAKey.generate_key(
        2048, {"kid": "demo-1", "use": "sig"}, auto_kid=False
    )
    try:
        assert person.get(back).status_code == 400
    finally:
        office.provider.grants.key = own
    assert COOKIE not in person.client.cookies


@pytest.mark.parametrize(
    ("stated", "otherwise"), [("issuer", "https://other.example"), ("audience", "other-client")]
)
def test_an_id_token_of_another_issuer_or_for_another_client_is_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch, stated: str, otherwise: str
) -> None:
    person = office.stranger()
    back = office.chosen(office.at_provider(person), "officer")
    monkeypatch.setattr(office.provider.grants, stated, otherwise)
    answer = person.get(back)
    assert answer.status_code == 400
    assert "応答を確認できませんでした" in answer.text
    assert COOKIE not in person.client.cookies


def test_a_proof_that_is_too_old_is_no_proof(office: Office) -> None:
    person = office.stranger()
    back = office.chosen(office.at_provider(person, more="&proof=1"), "officer")
    [code] = parse_qs(urlsplit(back).query)["code"]
    kept = office.provider.grants.codes[code]
    kept.user = replace(kept.user, proved_at=kept.user.proved_at - 86_400)
    assert person.get(back).status_code == 400


def test_an_answer_of_another_issuer_is_refused(office: Office) -> None:
    person = office.stranger()
    back = office.chosen(office.at_provider(person), "officer")
    assert person.get(f"{back}&iss=https%3A%2F%2Fother.example").status_code == 400


def test_who_has_no_role_is_told_so_and_gets_no_session(office: Office) -> None:
    person = office.stranger()
    answer = office.sign_in(person, "visitor")
    assert answer.status_code == 403
    assert "役割が割り当てられていません" in answer.text
    assert COOKIE not in person.client.cookies


def test_a_refusal_of_the_provider_is_told(office: Office) -> None:
    person = office.stranger()
    state = parse_qs(urlsplit(office.at_provider(person)).query)["state"][0]
    answer = person.get(f"/sign-in/callback?error=access_denied&state={state}")
    assert answer.status_code == 400
    assert "受け付けませんでした" in answer.text
    assert "access_denied" not in answer.text


def test_a_session_of_an_owner_of_keys_is_the_same_actor(office: Office) -> None:
    key = office.key("cases:read", "cases:write", owner="colleague")
    made = office.api("POST", "/v1/cases", key, request())
    assert made.status_code == 201
    case = made.json()["case"]
    told = office.api("GET", f"/v1/cases/{case}", key).json()
    office.signed_in("colleague")
    _, actor, _, _ = office.rows(SESSIONS)[-1]
    assert told["events"][0]["actor"] == actor


OUT_SESSIONS = "SELECT handle FROM ledger.sessions ORDER BY begun_at"


def test_signing_out_ends_the_session_at_once(office: Office) -> None:
    person = office.signed_in("officer")
    held = person.client.cookies[COOKIE]
    answer = person.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    thief = office.stranger()
    thief.client.cookies[COOKIE] = held
    assert thief.get("/desk").status_code == 303
    assert "認証サービスからもサインアウト" in person.get("/signed-out").text


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
    return bytes(office.rows(OUT_SESSIONS)[-1][0])


def _move(office: Office, handle: bytes, by: timedelta, *, seen: bool = True) -> None:
    """Let a session be older; no process that serves may do so."""
    move_sessions(office.urls.owner, lambda one: older(one, by, seen=seen), handle)


PAGES = "https://ledger.example.jp"
LONGEST_PAGE = "/desk/" + "a" * 194
COOKIE_BYTES_MAX = 4_096
ADDRESS_BYTES_MAX = 2_048


def client(issuer: str) -> ProviderClient:
    return ProviderClient(issuer, CLIENT_ID, None, PAGES, "groups", PERSON_CLAIM)


def test_metadata_that_names_another_issuer_is_not_used() -> None:
    with DemoProvider.running(PAGES) as running:
        known = Provider(client(running.issuer))
        assert known.address(Ticket.new("/desk", proof=False), 60).startswith(running.issuer)
        another = running.issuer.replace("127.0.0.1", "localhost")
        for issuer in (f"{running.issuer}/", another):
            with pytest.raises(SignInFailedError) as refused:
                Provider(client(issuer)).address(Ticket.new("/desk", proof=False), 60)
            assert refused.value.code == "PROVIDER_UNAVAILABLE"


def test_the_longest_sign_in_fits_a_cookie_and_an_address() -> None:
    assert own_page(LONGEST_PAGE) == LONGEST_PAGE
    assert own_page(f"{LONGEST_PAGE}a") != f"{LONGEST_PAGE}a"
    ticket, told = Ticket.new(LONGEST_PAGE, proof=True), Response()
    keep_ticket(told, Tickets(bytes(32)).written(ticket), PAGES)
    keep_session(told, Token.new().cookie, PAGES)
    cookies = told.headers.getlist("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        # Of the attributes browsers keep no count (RFC 6265bis, section 5.6).
        assert len(cookie.partition(";")[0].encode()) <= COOKIE_BYTES_MAX
    with DemoProvider.running(PAGES) as running:
        address = Provider(client(running.issuer)).address(ticket, 43_200)
    assert len(address.encode()) <= ADDRESS_BYTES_MAX
