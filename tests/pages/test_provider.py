"""What the pages take from a provider of identities, and how long what they send it may be."""

import pytest
from starlette.responses import Response

from api.auth.people.errors import SignInFailedError
from api.auth.people.identity import ProviderClient
from api.auth.people.provider import Provider
from api.auth.people.sessions import Token
from api.auth.people.tickets import Ticket, Tickets, own_page
from api.demo.provider import CLIENT_ID, PERSON_CLAIM, DemoProvider
from api.web.pages.cookies import keep_session, keep_ticket

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
