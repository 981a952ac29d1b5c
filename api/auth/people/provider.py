# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# (authlib brings no types)
"""The provider of identities, as OpenID Connect lets us ask it. Blocks, so it runs in a thread.

Codes are exchanged by authlib's client, with PKCE. Of an ID token the signature, the issuer, the
audience and the times are checked as of every token (`api.auth`), and what only an ID token has
(nonce, authorized party, hash of the access token) by authlib.

Source: OpenID Connect Core 1.0, sections 3.1.2, 3.1.3; Back-Channel Logout 1.0, section 2.6;
RFC 7636; RFC 9207; RFC 9700.
"""

import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpx2
import jwt
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from api.auth import FetchedValue, Jwk, KeysAwaitedError, KeySet, UnusableError, fetch, fits
from api.auth.people.errors import SignInFailedError
from api.auth.people.identity import (
    LEEWAY_S,
    Claims,
    Identity,
    Notice,
    ProviderClient,
    identity_of,
    notice_of,
)
from api.auth.people.tickets import Ticket
from api.problems.refusals import IssuerUnavailableError
from api.settings.environment import JwtIssuer, is_safe_url
from ledger.values import Json

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures that a provider may use; no HS…, for our client secret would be its key."""

TIMEOUT_S: Final = 5.0
METADATA_S: Final = 3_600.0
WAITING_MAX: Final = 8
"""How many may wait for the provider at a time, each in a thread that others need as well; not who
exchanges a code."""
TOKEN_CHARACTERS_MAX: Final = 16_384
_SCOPE: Final = "openid profile"


class Provider:
    """One provider. Thread-safe.

    Args:
        monotonic: for how long its metadata is believed.
    """

    def __init__(
        self, client: ProviderClient, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.client = client
        self._keys = KeySet(JwtIssuer(client.issuer, client.client_id, ALGORITHMS))
        self._metadata: FetchedValue[Claims] = FetchedValue(self._read, monotonic, client.issuer)
        self._free = threading.BoundedSemaphore(WAITING_MAX)

    def address(self, ticket: Ticket, proof_s_max: int) -> str:
        """Where the browser goes to sign in.

        Args:
            proof_s_max: how old the proof of identity may be, if the ticket asks for a new one.

        Raises:
            SignInFailedError: `PROVIDER_UNAVAILABLE`.
        """
        more = {"max_age": str(proof_s_max)} if ticket.proof else {}
        with self._turn(), self._oauth_client() as oauth_client:
            url, _ = cast(
                "tuple[str, str]",
                oauth_client.create_authorization_url(
                    self._endpoint("authorization_endpoint"),
                    state=ticket.state,
                    code_verifier=ticket.verifier,
                    nonce=ticket.nonce,
                    **more,
                ),
            )
        return url

    def identity(self, code: str, ticket: Ticket, proof_s_max: int) -> Identity:
        """Exchange the code for an ID token, and check it.

        Takes no turn of those that others wait for: who calls this bounds how many do.

        Raises:
            SignInFailedError: `PROVIDER_UNAVAILABLE`, `REFUSED_BY_PROVIDER`, `ANSWER_NOT_VALID`.
        """
        token_response = self._exchanged(code, ticket)
        claims = self._claims(token_response.get("id_token"), None)
        self._check_id_token(claims, token_response, ticket, proof_s_max)
        return identity_of(claims, self.client)

    def _exchanged(self, code: str, ticket: Ticket) -> dict[str, Json]:
        endpoint = self._endpoint("token_endpoint")
        try:
            with self._oauth_client() as oauth_client:
                return cast(
                    "dict[str, Json]",
                    oauth_client.fetch_token(endpoint, code=code, code_verifier=ticket.verifier),
                )
        except httpx2.HTTPError:
            raise SignInFailedError("PROVIDER_UNAVAILABLE") from None
        except AuthlibBaseError:
            raise SignInFailedError("REFUSED_BY_PROVIDER") from None
        except ValueError:
            raise SignInFailedError("ANSWER_NOT_VALID") from None

    def notice(self, token: str) -> Notice:
        """What a log-out token says (back-channel).

        Raises:
            SignInFailedError: it is not valid here, or its keys cannot be had.
        """
        with self._turn():
            claims = self._claims(token, ("logout+jwt", "jwt"))
        return notice_of(claims)

    @property
    def log_out_address(self) -> str | None:
        """Where the person may log out of the provider too; None: it has no such place."""
        try:
            with self._turn():
                url = self._provider_metadata().get("end_session_endpoint")
        except SignInFailedError:
            return None
        return url if isinstance(url, str) and is_safe_url(url) else None

    def _oauth_client(self) -> Any:  # noqa: ANN401 -- the library tells no types
        client = self.client
        on_this_machine = urlsplit(client.issuer).scheme == "http"
        return OAuth2Client(
            client.client_id,
            client.client_secret,
            token_endpoint_auth_method="client_secret_basic" if client.client_secret else "none",
            redirect_uri=client.redirect_uri,
            scope=_SCOPE,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            # A proxy of the environment is asked for other machines alone.
            trust_env=not on_this_machine,
        )

    def _endpoint(self, name: str) -> str:
        url = self._provider_metadata().get(name)
        if not isinstance(url, str) or not is_safe_url(url):
            raise SignInFailedError("PROVIDER_UNAVAILABLE")
        return url

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Be one of the few who may wait for the provider.

        Raises:
            SignInFailedError: `PROVIDER_UNAVAILABLE`: too many wait already.
        """
        if not self._free.acquire(blocking=False):
            raise SignInFailedError("PROVIDER_UNAVAILABLE")
        try:
            yield
        finally:
            self._free.release()

    def _provider_metadata(self) -> Claims:
        if self._metadata.known(METADATA_S) is None and (fetch := self._metadata.begin()):
            fetch.wait()
        metadata = self._metadata.known(METADATA_S)
        if metadata is None:
            raise SignInFailedError("PROVIDER_UNAVAILABLE")
        return metadata

    def _read(self) -> Claims:
        """What the provider says of itself.

        Raises:
            OSError, UnusableError: nothing that can be used.
        """
        place = f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            metadata = cast("Json", json.loads(fetch(place)))
        except (ValueError, RecursionError):
            raise UnusableError from None
        # It must speak of the issuer that was asked for (OIDC Discovery, section 4.3).
        if not isinstance(metadata, dict) or metadata.get("issuer") != self.client.issuer:
            raise UnusableError
        return metadata

    def _claims(self, token: Json, types: Sequence[str] | None) -> Claims:
        """The claims of a token that the provider signed for us.

        Args:
            types: what its header may call it; None: anything but an access token.
        """
        try:
            if not isinstance(token, str) or len(token) > TOKEN_CHARACTERS_MAX:
                raise SignInFailedError("ANSWER_NOT_VALID")
            return self._verified(token, types)
        except IssuerUnavailableError:
            raise SignInFailedError("PROVIDER_UNAVAILABLE") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise SignInFailedError("ANSWER_NOT_VALID") from None

    def _verified(self, token: str, types: Sequence[str] | None) -> Claims:
        header = cast("Claims", jwt.get_unverified_header(token))
        algorithm, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
        declared_type = str(typ).lower().removeprefix("application/")
        is_ours = declared_type in types if types is not None else declared_type == "jwt"
        if not isinstance(kid, str) or algorithm not in ALGORITHMS or "crit" in header:
            raise ValueError("no header of ours")
        key = self._key(kid)
        if key is None or not is_ours or not fits(key, cast("str", algorithm)):
            raise ValueError("no key for it")
        required = ["iss", "aud", "iat", "exp"] if types is None else ["iss", "aud", "iat"]
        return cast(
            "Claims",
            jwt.decode(
                token,
                jwt.PyJWK.from_dict(dict(key), algorithm=cast("str", algorithm)),
                algorithms=[cast("str", algorithm)],
                audience=self.client.client_id,
                issuer=self.client.issuer,
                leeway=LEEWAY_S,
                options={"require": required, "enforce_minimum_key_length": True},
            ),
        )

    def _key(self, kid: str) -> Jwk | None:
        while True:
            try:
                return self._keys.key(kid)
            except KeysAwaitedError as awaited:
                awaited.fetch.wait()

    def _check_id_token(
        self, claims: Claims, token_response: Claims, ticket: Ticket, proof_s_max: int
    ) -> None:
        params = {
            "nonce": ticket.nonce,
            "client_id": self.client.client_id,
            "access_token": token_response.get("access_token"),
        }
        header = jwt.get_unverified_header(cast("str", token_response["id_token"]))
        try:
            CodeIDToken(dict(claims), header, {}, params).validate(leeway=LEEWAY_S)
        except (JoseError, AuthlibBaseError, ValueError, TypeError):
            raise SignInFailedError("ANSWER_NOT_VALID") from None
        if ticket.proof:
            proved = claims.get("auth_time")
            oldest = time.time() - proof_s_max - LEEWAY_S
            if not isinstance(proved, int) or proved < oldest:
                raise SignInFailedError("ANSWER_NOT_VALID")
