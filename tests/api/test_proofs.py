"""Proofs of who holds a key (RFC 9449), as the door reads them."""

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.auth import Proofs, ProofTarget, UsedProofs, bound, make
from api.auth.keys import KeyNotAllowedError
from api.auth.proofs import PROOF_CHARACTERS_MAX, ProvedRequest, check_proof
from api.problems.refusals import ProofRefusedError
from api.settings.settings import JwtIssuer
from ledger.clock import now
from ledger.errors import StoreUnavailableError
from tests.api.door import no_database, probe_app
from tests.api.issuer import AUDIENCE, Issuer, running_issuer
from tests.api.proving import ORIGIN, WRONG, Algorithm, Holder, base64url, claims, wrong_proof
from tests.api.test_keys import EMITTER, SOURCE, emitter, owner, writer
from tests.database import Database
from tests.matrix import every
from tests.rows import mac_of

TARGET = ProofTarget("GET", "/whoami")
CREDENTIAL = "plk_0123456789abcdef_" + "0" * 64


def asked(holder: Holder, target: ProofTarget = TARGET) -> ProvedRequest:
    return ProvedRequest(ORIGIN, target, CREDENTIAL.encode(), holder.jkt)


def refused(proof: bytes | str, request: ProvedRequest, at: datetime | None = None) -> str | None:
    """The check that refuses the proof; None: it is right."""
    given = proof.encode() if isinstance(proof, str) else proof
    try:
        check_proof(given, request, at or now())
    except ProofRefusedError as error:
        return error.check
    return None


def test_the_example_of_the_standard_is_right_and_only_for_its_request() -> None:
    """RFC 9449, figures 12 and 13; the thumbprint is that of its section 6.1."""
    proof = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0"
        "VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10"
        "NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjo"
        "iR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI"
        "6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2o"
        "W9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
    )
    given = ProvedRequest(
        "https://resource.example.org",
        ProofTarget("GET", "/protectedresource"),
        b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU",
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
    )
    at = datetime.fromtimestamp(1_562_262_618, UTC)
    assert check_proof(proof.encode(), given, at) == "e1j3V_bKic8-LAEB"
    assert (
        refused(proof, replace(given, target=ProofTarget("POST", "/protectedresource")), at)
        == "htm"
    )
    assert refused(proof, given, at + timedelta(seconds=61)) == "iat"


def test_every_wrong_proof_is_refused_by_the_check_that_is_meant() -> None:
    holder = Holder()
    assert refused(holder.proof(CREDENTIAL, TARGET), asked(holder)) is None
    met = {
        name: refused(wrong_proof(wrong, holder, CREDENTIAL, TARGET), asked(holder))
        for name, wrong in WRONG.items()
    }
    assert met == {name: wrong.check for name, wrong in WRONG.items()}


def test_what_is_no_proof_at_all_is_refused() -> None:
    holder = Holder()
    proof = holder.proof(CREDENTIAL, TARGET)
    deep = base64url(b"[" * sys.getrecursionlimit() * 4)
    for text in ("", ".", "..", "a.b.c", proof[:-8], f"{deep}..", "plk_1", '{"payload":""}'):
        assert refused(text, asked(holder)) == "proof", text
    assert refused(proof.encode() + "é".encode(), asked(holder)) == "proof"


@every("algorithm", ["ES256", "EdDSA"])
def test_a_proof_may_be_written_in_other_ways_that_mean_the_same(algorithm: Algorithm) -> None:
    holder = Holder(algorithm)
    target = ProofTarget("POST", "/v1/emitters/a b/heartbeat")
    changes: list[dict[str, object]] = [
        {"htu": f"{ORIGIN}/v1/emitters/a%20b/heartbeat"},
        {"htu": f"{ORIGIN}/v1/emitters/a b/heartbeat?after=7#there"},
        {"htu": "HTTPS://Ledger.Example.JP:443/v1/emitters/%61%20b/heartbeat"},
        {"iat": now().timestamp() - 50},
        {"iat": now().timestamp() + 50},
        {"nonce": "not asked for"},
        {"jti": "a" * 256},
    ]
    for changed in changes:
        said = {**claims(CREDENTIAL, target), **changed}
        assert refused(holder.signed(holder.header(), said), asked(holder, target)) is None, changed


def bound_key(database: Database, holder: Holder) -> str:
    """The credential of a new key that is bound to this holder's."""
    key, credential = emitter()
    owner(database).add(bound(key, holder.jkt))
    return credential


def door(database: Database, origin: str | None = ORIGIN) -> TestClient:
    used = UsedProofs(writer(database))
    proofs = None if origin is None else Proofs(origin, used)
    return TestClient(probe_app(writer(database), proofs=proofs))


def shown(credential: str, *proofs: str, scheme: str = "DPoP") -> list[tuple[str, str]]:
    return [("Authorization", f"{scheme} {credential}"), *(("DPoP", one) for one in proofs)]


def test_a_bound_key_opens_with_a_proof_alone_and_each_proof_once(
    shared_database: Database,
) -> None:
    holder = Holder()
    credential = bound_key(shared_database, holder)
    client = door(shared_database)
    proof = holder.proof(credential, TARGET)
    assert client.get("/whoami?limit=1", headers=shown(credential, proof)).status_code == 200
    other = holder.proof(credential, TARGET)
    refusals = {
        "scheme": shown(credential, other, scheme="Bearer"),
        "header": shown(credential),
        "replay": shown(credential, proof),
    }
    for check, headers in refusals.items():
        answer = client.get("/whoami", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "PROOF_REFUSED"), check
        assert answer.json()["check"] == check
        error = f'invalid_dpop_proof", error_description="{check}"'
        error = 'invalid_token"' if check == "scheme" else error
        assert answer.headers["www-authenticate"] == (
            f'DPoP realm="ledger", error="{error}, algs="ES256 EdDSA"'
        )
    # Two headers are refused even with two right proofs, and use none of them.
    twice = shown(credential, other, holder.proof(credential, TARGET))
    assert client.get("/whoami", headers=twice).json()["check"] == "header"
    long = shown(credential, "a" * (PROOF_CHARACTERS_MAX + 1))
    assert client.get("/whoami", headers=long).json()["check"] == "header"
    assert client.get("/whoami", headers=shown(credential, other)).status_code == 200


def test_a_key_that_is_bound_to_nothing_is_presented_as_before(shared_database: Database) -> None:
    key, credential = make("platform-a", EMITTER, SOURCE, at=now(), days=1)
    owner(shared_database).add(key)
    client, holder = door(shared_database), Holder()
    proof = holder.proof(credential, TARGET)
    assert client.get("/whoami", headers=shown(credential, scheme="Bearer")).status_code == 200
    answer = client.get("/whoami", headers=shown(credential, proof))
    assert (answer.status_code, answer.json()["check"]) == (401, "scheme")
    nobody = client.get("/whoami", headers=shown(credential[:-4] + "0000", proof))
    assert nobody.headers["www-authenticate"] == (
        'DPoP realm="ledger", error="invalid_token", algs="ES256 EdDSA"'
    )
    assert nobody.json()["code"] == "UNAUTHENTICATED"


def test_without_an_address_of_its_own_the_ledger_takes_no_proof(shared_database: Database) -> None:
    holder = Holder()
    credential = bound_key(shared_database, holder)
    headers = shown(credential, holder.proof(credential, TARGET))
    answer = door(shared_database, origin=None).get("/whoami", headers=headers)
    assert (answer.status_code, answer.json()["check"]) == (401, "address")


@every("jkt", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "\n"])
def test_what_is_no_thumbprint_binds_nothing(shared_database: Database, jkt: str) -> None:
    key, _ = emitter()
    with pytest.raises(KeyNotAllowedError):
        bound(key, jkt)
    with pytest.raises(psycopg.errors.CheckViolation):
        owner(shared_database).add(replace(key, jkt=jkt))


def test_a_key_that_is_bound_to_nothing_has_the_mac_of_before_there_was_a_binding(
    shared_database: Database,
) -> None:
    key, _ = emitter()
    owner(shared_database).add(key)
    with psycopg.connect(shared_database.urls.owner) as connection:
        row = connection.execute(
            "SELECT mac, created_at, expires_at FROM ledger.api_keys WHERE id = %s", (key.id,)
        )
        [(mac, created_at, expires_at)] = row.fetchall()
    before = (
        *(key.id, key.secret_sha256, key.label, ["events:write"], SOURCE),
        *(created_at, expires_at, None, None, None),
    )
    assert bytes(mac) == mac_of(shared_database.urls.owner)("api-keys", before)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


def token_door(database: Database, issuer: Issuer, *, only_bound: bool = False) -> TestClient:
    trusted = JwtIssuer(issuer=issuer.url, audience=AUDIENCE, bound=only_bound)
    proofs = Proofs(ORIGIN, UsedProofs(writer(database)))
    return TestClient(probe_app(no_database, issuers=(trusted,), proofs=proofs))


def test_a_token_that_is_bound_opens_with_the_proof_of_its_holder_alone(
    shared_database: Database, issuer: Issuer
) -> None:
    holder, client = Holder("EdDSA"), token_door(shared_database, issuer)
    token = issuer.forge({"cnf": {"jkt": holder.jkt}})
    met = [
        client.get("/whoami", headers=headers).status_code
        for headers in (
            shown(token, holder.proof(token, TARGET)),
            shown(token, holder.proof(token, TARGET), scheme="Bearer"),
            shown(token, scheme="Bearer"),
            shown(token, Holder("EdDSA").proof(token, TARGET)),
            shown(issuer.forge(), scheme="Bearer"),
        )
    ]
    assert met == [200, 401, 401, 401, 200]


def test_a_token_that_is_bound_in_a_way_that_is_not_checked_is_refused(
    shared_database: Database, issuer: Issuer
) -> None:
    holder, client = Holder(), token_door(shared_database, issuer)
    others: tuple[object, ...] = (
        *({}, [], "jkt", {"jkt": None}, {"jkt": holder.jkt[1:]}, {"x5t#S256": holder.jkt}),
        {"jkt": holder.jkt, "x5t#S256": holder.jkt},
    )
    for confirmed in others:
        token = issuer.forge({"cnf": confirmed})
        for headers in (
            shown(token, scheme="Bearer"),
            shown(token, holder.proof(token, TARGET)),
        ):
            assert client.get("/whoami", headers=headers).status_code == 401, confirmed


def test_an_issuer_of_bound_tokens_alone_has_no_other_accepted(
    shared_database: Database, issuer: Issuer
) -> None:
    holder, client = Holder(), token_door(shared_database, issuer, only_bound=True)
    loose, token = issuer.forge(), issuer.forge({"cnf": {"jkt": holder.jkt}})
    proof = holder.proof(token, TARGET)
    assert client.get("/whoami", headers=shown(loose, scheme="Bearer")).status_code == 401
    assert client.get("/whoami", headers=shown(token, proof)).status_code == 200


def used(database: Database) -> list[bytes]:
    with psycopg.connect(database.urls.owner) as connection:
        rows = connection.execute("SELECT digest FROM ledger.used_proofs ORDER BY until").fetchall()
    return [bytes(row[0]) for row in rows]


def test_proofs_that_were_used_are_forgotten_when_their_time_is_over(database: Database) -> None:
    proofs, at = UsedProofs(writer(database)), now()

    def digest(number: int) -> bytes:
        return hashlib.sha256(str(number).encode()).digest()

    for number in range(30):
        assert proofs.take(digest(number), at + timedelta(seconds=number), at)
    assert not proofs.take(digest(0), at + timedelta(days=1), at)
    assert len(used(database)) == 30
    later = at + timedelta(seconds=25)
    for number in range(30, 33):
        assert proofs.take(digest(number), at + timedelta(minutes=10), later)
    assert used(database) == [digest(number) for number in (*range(25, 30), *range(30, 33))]


def test_a_proof_that_is_refused_is_remembered_nowhere(database: Database) -> None:
    holder = Holder()
    credential = bound_key(database, holder)
    client = door(database)
    for wrong in WRONG.values():
        proof = wrong_proof(wrong, holder, credential, TARGET)
        assert client.get("/whoami", headers=shown(credential, proof)).status_code == 401
    assert used(database) == []


def test_without_a_database_a_proof_is_not_taken_on_trust() -> None:
    def dead() -> psycopg.Connection:
        raise psycopg.OperationalError

    holder = Holder()
    headers = [(b"dpop", holder.proof(CREDENTIAL, TARGET).encode())]
    with pytest.raises(StoreUnavailableError):
        Proofs(ORIGIN, UsedProofs(dead)).check(headers, TARGET, CREDENTIAL.encode(), holder.jkt)
