"""A look at the headings of a register: few at once, and none for a browser that hung up (0112)."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from api.limiter import hung_up, while_connected
from api.web.pages.guard import Visit
from api.workers.confined_reader import Stop

T = TypeVar("T")


async def looked(visit: Visit, actor: str, look: Callable[[Stop], T]) -> T:
    """What `look` gives, in its turn; the body of the request was read to the end.

    Args:
        actor: who waits for it.
        look: done in a thread; it ends once what it is given is set.

    Raises:
        TooBusyError: it was not begun.
        ClientDisconnect: nobody waits for it any more.
    """
    stop, places = Stop(), visit.services.look_places

    async def done() -> T:
        async with places.place(actor):
            return await places.run(partial(look, stop))

    return await while_connected(partial(hung_up, visit.request.receive), done, stop.set)
