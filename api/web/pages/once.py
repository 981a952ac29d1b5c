"""A form is carried out once: it brings a key of its own, and sent twice it is one command.

The macro `hidden` of `parts/fields.html` writes the key, anew for each form. Whoever sends a form
again learns what became of it; the same key with something else in it is refused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from api.problems.kinds import kind_of
from api.problems.refusals import FormSentOtherwiseError, FormUnsettledError
from api.web.items import random_command
from api.web.pages.forms import TOKEN, FormError, form_of
from api.web.pages.guard import Visit
from api.web.services import Services
from ledger.errors import LedgerError
from ledger.store.answers import Busy, Claim, KeyedRequest, StoredAnswer

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)

COMMAND: Final = "command"
"""The hidden field that holds the key."""
_KEY_MAX: Final = 64
# A second click waits for what became of the first one.
_POLL_S: Final = 0.05
_POLLS_MAX: Final = 200
_OK: Final = 200
_FAULTS: Final = 500


async def _claimed(visit: Visit, part: str) -> Claim | UUID:
    """The right to carry the form out; or the command that it has become."""
    request, services, actor = visit.request, visit.services, visit.actor
    form = await form_of(request)
    fields = {name: texts for name, texts in form.fields.items() if name != TOKEN}
    key = form.text(COMMAND)[:_KEY_MAX] or str(random_command())
    content = urlencode(fields, doseq=True).encode()
    keyed_request = KeyedRequest(actor, f"POST {request.url.path}{part}", key, content)
    for _ in range(_POLLS_MAX):
        at = services.now()
        found = await run_in_threadpool(services.answers.claim, keyed_request, at)
        if isinstance(found, Claim):
            return found
        if isinstance(found, StoredAnswer):
            return UUID(bytes=found.body)
        if found is Busy.REUSED:
            raise FormSentOtherwiseError
        if found is Busy.OTHER_LOST:
            break
        await asyncio.sleep(_POLL_S)
    raise FormUnsettledError


async def _keep(services: Services, claim: Claim) -> None:
    """The form has become its command."""
    answer = StoredAnswer(_OK, (), claim.command.bytes)
    try:
        await run_in_threadpool(services.answers.keep, claim, answer)
    except LedgerError as error:
        # It stands; a repeat finds it by its command.
        _log.warning("an answer was not kept", extra={"code": error.code})


async def _let_go(services: Services, claim: Claim, error: Exception) -> None:
    """The form has become nothing: whoever sends it again is judged anew."""
    is_ledgers = isinstance(error, LedgerError) and kind_of(error)[0].status < _FAULTS
    is_refused = is_ledgers or isinstance(error, FormError)
    # If this fails the claim grows old, and is taken over then.
    with suppress(LedgerError):
        await run_in_threadpool(lambda: services.answers.let_go(claim, refused=is_refused))


async def once(visit: Visit, act: Callable[[UUID], Awaitable[object]]) -> None:
    """Carry the form out, unless it was before.

    Args:
        act: gets the id of the command that the form becomes.

    Raises:
        LedgerError: as `act`, and as `once_or_before`.
    """

    async def before(_: UUID) -> object:
        return None

    await once_or_before(visit, act, before)


async def once_or_before(
    visit: Visit,
    act: Callable[[UUID], Awaitable[T]],
    before: Callable[[UUID], Awaitable[T]],
    part: str = "",
) -> T:
    """Carry the form out; or tell of the command that it has become before.

    Args:
        act, before: get the id of the command.
        part: names what it becomes, when one form may become several commands.

    Raises:
        FormSentOtherwiseError: the form was carried out before, with something else in it.
        FormUnsettledError: it was sent before, and what became of it is not known.
        LedgerError: as `act` and `before`.
    """
    services, claim = visit.services, await _claimed(visit, part)
    if isinstance(claim, UUID):
        return await before(claim)
    try:
        done = await act(claim.command)
    except Exception as error:
        await _let_go(services, claim, error)
        raise
    await _keep(services, claim)
    return done
