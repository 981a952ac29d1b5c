"""Sign-ins that come back from the provider of identities with codes that it never gave.

Attack: somebody begins many sign-ins, as anybody may, and comes back with made-up codes; each makes
a request to the provider, which is slow, so that whoever really signs in waits or is refused. Or
they come back without having begun one, or again and again with one that they began.

Held off by: without the ticket of the very sign-in the provider is asked nothing; a ticket is good
for one exchange at a time; exchanges have places and threads of their own, so that nothing else
waits for them (`api/web/services.py`).
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import Response

from api.auth.people import provider as provider_module
from api.demo.provider.server import DemoProvider
from tests.attacks.scenes import until
from tests.database import Database
from tests.pages.office import Office, Person, open_office

MADE_UP: Final = "made-up"
MANY: Final = 50
SLOW_S: Final = 60.0


class SlowProvider:
    """Holds made-up codes back until it is opened; real ones it answers at once."""

    def __init__(self) -> None:
        self.close()

    def close(self) -> None:
        self.opened = threading.Event()
        self.asked = self.waiting = 0

    async def hold(self) -> None:
        self.asked += 1
        self.waiting += 1
        while not self.opened.is_set():  # noqa: ASYNC110 -- it is set in another thread
            await asyncio.sleep(0.05)
        self.waiting -= 1


@pytest.fixture(scope="module")
def slow() -> Iterator[SlowProvider]:
    made, answer = SlowProvider(), DemoProvider._token  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- slower

    async def token(self: DemoProvider, request: Request) -> Response:
        if MADE_UP in (await request.body()).decode():
            await made.hold()
        return await answer(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DemoProvider, "_token", token)
        patch.setattr(provider_module, "TIMEOUT_S", SLOW_S)
        yield made
    made.opened.set()


@pytest.fixture(scope="module")
def slow_office(slow: SlowProvider, shared_database: Database) -> Iterator[Office]:
    """Whose provider is slow."""
    with open_office(shared_database.urls) as opened:
        yield opened
        slow.opened.set()


@pytest.fixture(autouse=True)
def closed(slow: SlowProvider) -> Iterator[None]:
    slow.close()
    yield
    slow.opened.set()


def begun(office: Office) -> tuple[Person, str]:
    """Somebody who has begun to sign in, and the way back with a made-up code."""
    person = office.stranger()
    [state] = parse_qs(urlsplit(office.at_provider(person)).query)["state"]
    return person, f"/sign-in/callback?code={MADE_UP}&state={state}"


def test_made_up_codes_keep_nobody_from_signing_in(slow_office: Office, slow: SlowProvider) -> None:
    office = slow_office
    strangers = [begun(office) for _ in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        sent = [pool.submit(person.get, way) for person, way in strangers]
        try:
            until(lambda: slow.waiting == MANY)
            # Whoever really signs in does, and whoever signs out or only looks at it, too.
            officer = office.signed_in("officer")
            assert officer.get("/desk").status_code == 200
            assert office.stranger().get("/signed-out").status_code == 200
            assert slow.waiting == MANY
        finally:
            slow.opened.set()
        assert {one.result().status_code for one in sent} == {400}


def test_who_has_not_begun_to_sign_in_makes_no_request_to_the_provider(
    slow_office: Office, slow: SlowProvider
) -> None:
    person, way = begun(slow_office)
    answers = [slow_office.stranger().get(way) for _ in range(3)]
    answers.append(person.get(f"/sign-in/callback?code={MADE_UP}&state=another"))
    assert {one.status_code for one in answers} == {400}
    assert slow.asked == 0


def test_one_ticket_is_good_for_one_exchange_at_a_time(
    slow_office: Office, slow: SlowProvider
) -> None:
    person, way = begun(slow_office)
    with ThreadPoolExecutor(6) as pool:
        # Each by itself: a browser that was refused forgets the ticket.
        copies = [slow_office.stranger() for _ in range(6)]
        for one in copies:
            one.client.cookies.update(person.client.cookies)
        sent = [pool.submit(one.get, way) for one in copies]
        try:
            # One waits for the provider, one for its place; the others do not wait.
            until(lambda: slow.waiting == 1 and sum(one.done() for one in sent) == 4)
            assert slow.asked == 1
        finally:
            slow.opened.set()
    assert sorted(one.result().status_code for one in sent) == [400, 400, 503, 503, 503, 503]
