"""An issuer that accepts a connection and says nothing stalls nobody.

Attack: tokens with made-up keys arrive while the issuer accepts connections and says nothing.
Held off by: one fetch by a thread of its own; nobody waits long, and a failure is remembered.
"""

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.error import URLError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.auth import (
    ApiKey,
    Authenticator,
    FetchedValue,
    KeysAwaitedError,
    KeySet,
    Tokens,
    UnusableError,
    fetch,
    issuer_fetch,
    make,
)
from api.observability.logs import JsonLogFormatter
from api.problems.refusals import IssuerUnavailableError
from api.settings.settings import JwtIssuer
from ledger.clock import now
from tests.api.clock import Clock
from tests.api.door import actor_of
from tests.api.issuer import AUDIENCE
from tests.api.silent import Silent, silent_server
from tests.api.test_tokens import encoded

MANY = 100
"""More than there are threads to look callers up in."""
LONG_S = 600


@pytest.fixture
def silent() -> Iterator[Silent]:
    with silent_server() as running:
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gives up before the test lets them."""
    for name in ("WAIT_S", "TIMEOUT_S", "SECONDS_MAX"):
        monkeypatch.setattr(issuer_fetch, name, LONG_S)


class OneKey:
    """The one key that there is."""

    def __init__(self, key: ApiKey) -> None:
        self.key = key

    def find(self, key_id: str) -> ApiKey | None:
        return self.key if key_id == self.key.id else None

    def note_use(self, key_id: str, day: date) -> None:
        pass


def bearer(credential: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {credential}".encode())]


def made_up(issuer: str, number: int) -> str:
    """A token with a key id that nobody knows: whoever makes it needs no key of the issuer."""
    header = {"typ": "at+jwt", "alg": "RS256", "kid": f"made-up-{number}"}
    return f"{encoded(header)}.{encoded({'iss': issuer})}.{encoded('signature')}"


@pytest.mark.usefixtures("waits")
def test_keys_open_the_door_while_tokens_wait_and_the_issuer_is_asked_once(
    silent: Silent,
) -> None:
    key, credential = make("test", frozenset({"audit:read"}), None, at=now(), days=1)
    tokens = Tokens((JwtIssuer(issuer=silent.url, audience=AUDIENCE),), leeway_s=0)
    door = Authenticator(OneKey(key), tokens, actor_of, remember_s=0)
    outcomes: list[object] = []

    async def crowd() -> None:
        asking = [
            asyncio.ensure_future(door.caller(bearer(made_up(silent.url, number))))
            for number in range(MANY)
        ]
        await asyncio.to_thread(silent.asked.wait, LONG_S)
        caller = await asyncio.wait_for(door.caller(bearer(credential)), 60)
        assert caller.scopes == {"audit:read"}
        assert not any(one.done() for one in asking)
        silent.end()
        outcomes.extend(await asyncio.gather(*asking, return_exceptions=True))
        connected = silent.accepted
        # It failed a moment ago: nobody asks it again, and nobody waits.
        with pytest.raises(IssuerUnavailableError):
            await door.caller(bearer(made_up(silent.url, MANY)))
        assert silent.accepted == connected

    asyncio.run(crowd())
    assert {type(one) for one in outcomes} == {IssuerUnavailableError}
    assert len(outcomes) == MANY


def test_nobody_waits_for_ever(silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIMEOUT_S", "SECONDS_MAX"):
        monkeypatch.setattr(issuer_fetch, name, LONG_S)
    monkeypatch.setattr(issuer_fetch, "WAIT_S", 0.2)
    tokens = Tokens((JwtIssuer(issuer=silent.url, audience=AUDIENCE),), leeway_s=0)
    key, _ = make("test", frozenset({"audit:read"}), None, at=now(), days=1)
    door = Authenticator(OneKey(key), tokens, actor_of, remember_s=0)
    for number in range(3):
        with pytest.raises(IssuerUnavailableError):
            asyncio.run(door.caller(bearer(made_up(silent.url, number))))
    assert not silent.hung_up.is_set()  # the one fetch goes on, and nobody waits for it


@contextmanager
def answering(
    head: bytes,
    *,
    context: ssl.SSLContext | None = None,
    times: int = 1,
    heard: list[bytes] | None = None,
) -> Generator[str]:
    """A server that answers so many connections with `head`, whatever is asked."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            for _ in range(times):
                one, _ = listening.accept()
                with closing(one), suppress(OSError):
                    talking = one if context is None else context.wrap_socket(one, server_side=True)
                    with closing(talking):
                        asked = talking.recv(65_536)
                        if heard is not None:
                            heard.append(asked)
                        talking.sendall(head + b"\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        scheme = "http" if context is None else "https"
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def self_signed(folder: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with a certificate of its own making for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stranger.example")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(1).add_extension(here, critical=False)
    made = made.not_valid_before(now() - timedelta(1)).not_valid_after(now() + timedelta(1))
    chain = folder / "server.pem"
    chain.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def test_what_comes_byte_by_byte_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_fetch, "SECONDS_MAX", 0.5)
    with silent_server(drips=True) as dripping:
        with pytest.raises(OSError, match="in time"):
            fetch(f"{dripping.url}/jwks")
        assert dripping.hung_up.wait(LONG_S)


def test_what_is_no_http_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            one, _ = listening.accept()
            with closing(one):
                one.recv(65_536)
                one.sendall(b"what?\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(OSError, match="no HTTP"):
            fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/jwks")
        thread.join()


def test_an_issuer_that_leads_elsewhere_is_not_followed(silent: Silent) -> None:
    head = b"HTTP/1.1 302 Found\r\nlocation: " + silent.url.encode()
    with answering(head) as url, pytest.raises(OSError, match="302"):
        fetch(f"{url}/jwks")
    assert silent.accepted == 0


def test_a_server_without_a_certificate_that_is_trusted_is_told_nothing(tmp_path: Path) -> None:
    heard: list[bytes] = []
    server = answering(b"HTTP/1.1 200 OK", context=self_signed(tmp_path), heard=heard)
    with server as url, pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(f"{url}/jwks")
    assert heard == []


def test_that_an_issuer_cannot_be_asked_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(b"HTTP/1.1 200 OK", context=self_signed(tmp_path), times=2) as url:
        keys = KeySet(JwtIssuer(issuer=url, audience=AUDIENCE))
        with pytest.raises(KeysAwaitedError) as awaited:
            keys.key("any")
        awaited.value.fetch.ended.result(LONG_S)
    # A thread that another test left may write in the meantime.
    lines = [json.loads(JsonLogFormatter().format(one)) for one in caplog.records]
    [line] = [one for one in lines if one.get("issuer") == url]
    assert (line["level"], line["error"]) == ("WARNING", "SSLCertVerificationError")


def test_what_is_known_is_used_while_it_is_fetched_anew_and_after_that_failed() -> None:
    clock, may_end = Clock(), threading.Event()
    reads: list[Callable[[], int]] = []

    def read() -> int:
        return reads.pop()()

    def slow() -> int:
        may_end.wait(LONG_S)
        raise UnusableError

    fetched = FetchedValue(read, clock)
    reads.append(lambda: 7)
    first = fetched.begin()
    assert first is not None
    first.ended.result(LONG_S)
    assert fetched.known(300) == 7
    clock.advance(301)
    assert fetched.known(300) is None
    reads.append(slow)
    second = fetched.begin()
    assert second is not None
    assert fetched.begin() is second  # one at a time
    assert (fetched.known(3_600), fetched.is_failing) == (7, False)
    may_end.set()
    second.ended.result(LONG_S)
    assert (fetched.known(3_600), fetched.is_failing) == (7, True)
    assert fetched.begin() is None  # it is left alone for a while
    clock.advance(2)
    reads.append(lambda: 8)
    third = fetched.begin()
    assert third is not None
    third.ended.result(LONG_S)
    assert (fetched.known(300), fetched.is_failing) == (8, False)
