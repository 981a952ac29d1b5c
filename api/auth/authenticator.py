"""From the `Authorization` header to a `Caller`, remembered for some seconds."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Literal, TypeVar, get_args

from api.auth.caller import Caller
from api.auth.jwks import KeysAwaitedError
from api.auth.key_table import KeyLookup
from api.auth.keys import ApiKey, split
from api.auth.proofs import Proofs, ProofTarget
from api.auth.tokens import Tokens, VerifiedToken
from api.problems.refusals import ProofRefusedError, Scheme, UnauthenticatedError
from ledger.clock import day_in_japan, now
from ledger.errors import LedgerError

REMEMBERED_MAX = 4_096
"""Callers remembered by one process; the one remembered first is forgotten first."""

REFUSED_S = 5.0
"""Seconds for which a refusal is remembered: a key works that soon after it was made."""

ActorOf = Callable[[str], str]
"""Turns an identity into 32 hex digits by a keyed hash; handed in by the composition root."""

_Value = TypeVar("_Value")

_log: Final = logging.getLogger(__name__)


class Authenticator:
    """Knows callers by their key or token.

    A caller is remembered under the SHA-256 of what was presented, so that the memory holds no
    secret; for `remember_s` seconds at most and never beyond its expiry. So long a revoked key
    is still accepted by a process that has seen it. A proof is checked at each request.

    Args:
        proofs: None where the ledger was not told its own address; a bound credential opens
            nothing then.
    """

    def __init__(
        self,
        keys: KeyLookup,
        tokens: Tokens,
        actor_of: ActorOf,
        *,
        remember_s: float,
        proofs: Proofs | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._proofs = proofs
        self._keys = keys
        self._tokens = tokens
        self._actor_of = actor_of
        self._remember_s = remember_s
        self._monotonic = monotonic
        self._remembered: dict[bytes, tuple[Caller, float]] = {}
        # Apart, so that a flood of made-up keys cannot push out the real callers.
        self._refused: dict[bytes, float] = {}
        self._pending: dict[bytes, asyncio.Task[Caller | None]] = {}

    async def caller(
        self, headers: Sequence[tuple[bytes, bytes]], target: ProofTarget | None = None
    ) -> Caller:
        """Who sends these headers.

        Args:
            target: what they ask for; without it no proof is right.

        Raises:
            UnauthenticatedError: nobody we know.
            ProofRefusedError: somebody who does not prove to hold the key that theirs is bound to.
            StoreUnavailableError: the keys cannot be read.
            IssuerUnavailableError: the issuer's keys cannot be fetched.
        """
        credential, scheme = _credential(headers)
        caller = await self._holder(credential)
        if caller is None:
            raise UnauthenticatedError(presented=True, scheme=scheme)
        if (caller.jkt is None) != (scheme == "Bearer"):
            raise ProofRefusedError("scheme")
        if caller.jkt is not None:
            if self._proofs is None or target is None:
                raise ProofRefusedError("address")
            await asyncio.to_thread(self._proofs.check, headers, target, credential, caller.jkt)
        return caller

    async def _holder(self, credential: bytes) -> Caller | None:
        """Who has this credential, before any proof; None: nobody we know."""
        digest = hashlib.sha256(credential).digest()
        remembered = self._remembered.get(digest)
        if remembered is not None and self._monotonic() < remembered[1]:
            return remembered[0]
        if self._monotonic() < self._refused.get(digest, 0.0):
            return None
        return await self._look_up_once(credential, digest)

    async def _look_up_once(self, credential: bytes, digest: bytes) -> Caller | None:
        """Look up once for all who wait for the same key; the first to give up ends nothing."""
        task = self._pending.get(digest)
        if task is None:
            task = asyncio.ensure_future(self._look_up(credential, digest))
            self._pending[digest] = task

            def done(task: asyncio.Task[Caller | None]) -> None:
                self._pending.pop(digest, None)
                if not task.cancelled():
                    task.exception()  # seen, also when nobody waits any more

            task.add_done_callback(done)
        return await asyncio.shield(task)

    async def _look_up(self, credential: bytes, digest: bytes) -> Caller | None:
        while True:
            try:
                found = await asyncio.to_thread(self._find, credential)
                break
            except KeysAwaitedError as awaited:
                # Without a thread: there are few, and a silent issuer would take them all.
                await awaited.fetch.awaited()
        if found is None:
            _bounded(self._refused)[digest] = self._monotonic() + REFUSED_S
            return None
        caller, expires_at = found
        life_s = min(self._remember_s, (expires_at - now()).total_seconds())
        _bounded(self._remembered)[digest] = (caller, self._monotonic() + life_s)
        return caller

    def _find(self, credential: bytes) -> tuple[Caller, datetime] | None:
        try:
            text = credential.decode("ascii")
            return self._by_key(text) if text.startswith("plk_") else self._by_token(text)
        except (UnauthenticatedError, UnicodeDecodeError):
            return None

    def _by_key(self, credential: str) -> tuple[Caller, datetime] | None:
        parts = split(credential)
        if parts is None:
            return None
        key_id, secret = parts
        key = self._keys.find(key_id)
        at = now()
        if key is None or not key.matches(secret) or not key.lives(at):
            return None
        today = day_in_japan(at)
        if key.last_used_day != today:
            try:
                self._keys.note_use(key_id, today)
            except LedgerError as error:
                # The day is a convenience; a database that takes no writes must refuse nobody.
                _log.warning("key use not noted", extra={"error": type(error).__name__})
        return self._caller("key", key), key.expires_at

    def _by_token(self, credential: str) -> tuple[Caller, datetime]:
        token = self._tokens.verify(credential)
        return self._caller("token", token), token.expires_at

    def _caller(self, kind: Literal["key", "token"], shown: ApiKey | VerifiedToken) -> Caller:
        who = shown.identity
        return Caller(
            self._actor_of(who.text),
            kind,
            shown.scopes,
            shown.source_prefix,
            is_person=who.is_person,
            earlier=frozenset(map(self._actor_of, who.earlier)),
            jkt=shown.jkt,
        )


def _credential(headers: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, Scheme]:
    """What stands in the only `Authorization` header, and how it is presented.

    Source: RFC 6750, section 2.1; RFC 9449, section 7.1.
    """
    values = [value for name, value in headers if name == b"authorization"]
    if len(values) == 1:
        name, _, credential = values[0].partition(b" ")
        for scheme in get_args(Scheme):
            if name.lower() == scheme.lower().encode():
                return credential.strip(), scheme
    raise UnauthenticatedError(presented=bool(values))


def _bounded(memory: dict[bytes, _Value]) -> dict[bytes, _Value]:
    """`memory` with room for one more entry."""
    while len(memory) >= REMEMBERED_MAX:
        memory.pop(next(iter(memory)), None)
    return memory
