"""Keys that are bound to a key pair (RFC 9449), in the hands of somebody who lacks the private key.

Attack: somebody who has a bound API key, and maybe requests with proofs that were read on the way,
calls with it: by itself, with a proof of another key pair, with a proof for another request, host,
time or key, or with one that was used before, on this or another process.

Held off by: a proof in each request by the private key, checked by RFC 9449, section 4.3, against
the address that the operator set; each is accepted once, by all processes together (0105).
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx2
import pytest

from api.auth import ProofTarget, Scope, bound, make
from ledger.clock import now
from tests.api.proving import Holder, claims
from tests.chaos.ledger import SECRET, Ledger, running_ledger
from tests.pages.office import Office
from tests.rows import key_table

TARGET: Final = ProofTarget("GET", "/v1/notices")
CROWD: Final = 8

Headers = Sequence[tuple[str, str]]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with running_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture(scope="module")
def holder() -> Holder:
    return Holder()


@pytest.fixture(scope="module")
def stolen(ledger: Ledger, holder: Holder) -> str:
    """The key that somebody else has, too."""
    return bound_key(ledger, holder)


def bound_key(ledger: Ledger | Office, holder: Holder) -> str:
    scopes = frozenset[Scope]({"audit:read", "notices:write"})
    key, credential = make("legal", scopes, None, at=now(), days=1)
    secret = ledger.secret if isinstance(ledger, Office) else SECRET
    key_table(ledger.urls.owner, secret).add(bound(key, holder.jkt))
    return credential


def origin(ledger: Ledger) -> str:
    return f"http://127.0.0.1:{ledger.port}"


def called(ledger: Ledger, headers: Headers, target: ProofTarget = TARGET) -> httpx2.Response:
    """The answer to a request over a connection of its own."""
    url = f"{origin(ledger)}{target.path}"
    with httpx2.Client(trust_env=False, timeout=180) as client:
        return client.request(target.method, url, headers=list(headers))


def shown(credential: str, *proofs: str, scheme: str = "DPoP") -> Headers:
    return [("Authorization", f"{scheme} {credential}"), *(("DPoP", one) for one in proofs)]


def check_of(answer: httpx2.Response) -> str | None:
    """The check that refused the request; None: it was let in."""
    if answer.status_code == 200:
        return None
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("DPoP "), answer.headers
    told = answer.json()
    assert told["code"] == "PROOF_REFUSED"
    return told["check"]


def test_a_stolen_key_opens_nothing_without_the_private_key(
    ledger: Ledger, holder: Holder, stolen: str
) -> None:
    thief, there = Holder(), origin(ledger)
    as_holder = thief.signed(
        {**thief.header(), "jwk": holder.public}, claims(stolen, TARGET, there)
    )
    met = {
        "as a bearer": check_of(called(ledger, shown(stolen, scheme="Bearer"))),
        "without a proof": check_of(called(ledger, shown(stolen))),
        "with an own key pair": check_of(
            called(ledger, shown(stolen, thief.proof(stolen, TARGET, there)))
        ),
        "with the holder's public key": check_of(called(ledger, shown(stolen, as_holder))),
    }
    assert met == {
        "as a bearer": "scheme",
        "without a proof": "header",
        "with an own key pair": "jkt",
        "with the holder's public key": "proof",
    }
    assert check_of(called(ledger, shown(stolen, holder.proof(stolen, TARGET, there)))) is None


def test_the_host_that_a_request_names_is_not_believed(
    ledger: Ledger, holder: Holder, stolen: str
) -> None:
    """Whoever was sent a request by mistake cannot pass it on to us."""
    proof = holder.proof(stolen, TARGET, "https://thief.example")
    for more in (
        [("Host", "thief.example")],
        [("X-Forwarded-Host", "thief.example"), ("X-Forwarded-Proto", "https")],
        [("Forwarded", "host=thief.example;proto=https")],
    ):
        assert check_of(called(ledger, [*shown(stolen, proof), *more])) == "htu"


def test_two_proofs_in_one_request_are_none(ledger: Ledger, holder: Holder, stolen: str) -> None:
    right = holder.proof(stolen, TARGET, origin(ledger))
    thieves = Holder().proof(stolen, TARGET, origin(ledger))
    for proofs in ((right, right), (right, thieves), (thieves, right), (f"{right},{right}",)):
        check = check_of(called(ledger, shown(stolen, *proofs)))
        assert check == ("header" if len(proofs) > 1 else "proof")
    for scheme in ("Bearer", "DPoP"):
        twice = [*shown(stolen, right), ("Authorization", f"{scheme} {stolen}")]
        assert called(ledger, twice).json()["code"] == "UNAUTHENTICATED"
    assert check_of(called(ledger, shown(stolen, right))) is None


def test_of_a_crowd_with_one_proof_one_is_let_in(
    ledger: Ledger, holder: Holder, stolen: str
) -> None:
    headers = shown(stolen, holder.proof(stolen, TARGET, origin(ledger)))
    together = threading.Barrier(CROWD)

    def call(_: int) -> str | None:
        together.wait()
        return check_of(called(ledger, headers))

    with ThreadPoolExecutor(CROWD) as crowd:
        met = list(crowd.map(call, range(CROWD)))
    assert sorted(met, key=str) == [None, *["replay"] * (CROWD - 1)]


def test_a_proof_that_was_used_is_refused_by_the_same_process_and_by_another_one(
    ledger: Ledger, holder: Holder, stolen: str
) -> None:
    headers = shown(stolen, holder.proof(stolen, TARGET, origin(ledger)))
    assert check_of(called(ledger, headers)) is None
    assert check_of(called(ledger, headers)) == "replay"
    # With the first process gone, whoever answers is another one, which never saw the proof.
    ledger.kill("web")
    ledger.start("web:2")
    ledger.await_answers()
    assert check_of(called(ledger, headers)) == "replay"
    fresh = shown(stolen, holder.proof(stolen, TARGET, origin(ledger)))
    assert check_of(called(ledger, fresh)) is None
