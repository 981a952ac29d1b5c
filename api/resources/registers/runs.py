"""The dry run and the import of a register that was uploaded, in the background of a web process.

How far it is stands in the register's row; that somebody is at it, in the lock that the process
holds meanwhile. So any process can tell, and when this one is killed nothing has to be tidied up:
the row says how far it came, and the same again goes on, for what stands is a duplicate.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal, cast
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from api.resources.registers.cells import Sheet
from api.resources.registers.errors import RegisterError
from api.resources.registers.formats import opened_file
from api.resources.registers.import_run import CheckedTransfer, Total, checked, imported
from api.resources.registers.mapping import Mapping, mapping_of
from api.resources.registers.register_version import CHANGED_BY, RegisterGuard
from api.resources.registers.reports import ProblemWriter
from api.resources.registers.sealed_file import read
from api.resources.registers.transfers import Transfers
from api.web.items import Sender
from api.web.services import Services
from ledger.errors import LedgerError
from ledger.store.advisory_lock import LeaseLostError
from ledger.store.registers import RegisterChange, RegisterRow, Registers

_log: Final = logging.getLogger(__name__)

PROGRESS_S: Final = 0.5
Work = Literal["check", "record"]

# What of a register may be begun in which state; the second of each was interrupted.
_STATES: Final = {"check": ("uploaded", "checked", "checking"), "record": ("checked", "recording")}
# The loop holds a task weakly.
_running: Final[set[asyncio.Task[None]]] = set()


class NotNowError(Exception):
    """The register is in no state in which that may be begun."""


class ProcessBusyError(Exception):
    """This process works on another register: one after the other, for each takes a core."""


class _StoppedError(Exception):
    """The process ends."""


@dataclass(frozen=True, slots=True)
class _Run:
    """One piece of work.

    Attributes:
        registers: those that `Registers.working` gives.
        actor: on whose word transfers are recorded.
        stop: set when the process ends.
    """

    inside: Services
    registers: Registers
    one: RegisterRow
    actor: str
    held: ExitStack
    stop: threading.Event

    def change(self, change: RegisterChange) -> None:
        """Put down how far it is."""
        self.registers.change(self.one, change, self.inside.now())

    @contextmanager
    def opened(self) -> Generator[tuple[Sheet, Mapping, Iterator[CheckedTransfer]]]:
        """The register with its mapping, and what is looked at of it, one transfer at a time."""
        mapping = mapping_of(self.one.members["mapping"])
        sender = Sender(self.actor, mapping.source, may_mark=False)
        file, name = read(self.registers, self.one), str(self.one.members["name"])
        with opened_file(file, name, mapping.sheet, mapping.encoding) as sheet:
            transfers = Transfers(sheet, mapping, self.registers.content_id)
            yield sheet, mapping, checked(transfers.units(), mapping, sender, self.inside.now)


async def start(
    services: Services,
    register: UUID,
    work: Work,
    actor: str,
    guard: RegisterGuard,
    **members: object,
) -> None:
    """Begin, and answer at once. What was begun before and interrupted begins anew.

    Args:
        guard: at the register, once nobody else can change it.
        members: members to be added to what is told of the register, before it begins.

    Raises:
        Exception: what `guard` raises; nothing was changed.
        NotNowError: see there.
        NotFoundError: there is no such register any more.
        RegisterBusyError: somebody is at it.
        ProcessBusyError: see there.
    """
    if _running:
        raise ProcessBusyError
    run = await run_in_threadpool(
        _acquire_run, services, register, work, actor, guard, {**members, CHANGED_BY: actor}
    )
    task = asyncio.create_task(_carried_out(run, work), name=f"register-{work}")
    _running.add(task)


def _acquire_run(
    services: Services,
    register: UUID,
    work: Work,
    actor: str,
    guard: RegisterGuard,
    members: dict[str, object],
) -> _Run:
    """The work, once nobody else can do it; its state is changed already."""
    with ExitStack() as stack:
        registers = stack.enter_context(services.registers.working(register))
        one = registers.find(register, services.now())
        guard(one)
        if one.state not in _STATES[work]:
            raise NotNowError
        whole = {**one.members, **members}
        one = replace(one, members=whole)  # pyright: ignore[reportArgumentType] -- JSON, as it is kept
        registers.clear(one, "problems")
        state = "checking" if work == "check" else "recording"
        run = _Run(services, registers, one, actor, stack.pop_all(), threading.Event())
    try:
        run.change(RegisterChange(state, members=one.members, rows_done=0, counts={}))
    except BaseException:
        run.held.close()
        raise
    return run


async def _carried_out(run: _Run, work: Work) -> None:
    before = "uploaded" if work == "check" else "checked"
    try:
        await (asyncio.to_thread(_check, run) if work == "check" else _record(run))
    except RegisterError as error:
        change = RegisterChange(before, error=(error.code, error.place))
        await run_in_threadpool(run.change, change)
    except (LedgerError, LeaseLostError, OSError, _StoppedError) as error:
        # Its row says how far it came, and that nobody is at it.
        _log.warning("a register was left half-way", extra={"code": type(error).__name__})
    except asyncio.CancelledError:
        run.stop.set()
        raise
    finally:
        # In this order: once a page says that it has ended, the next thing can be begun.
        _running.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        run.held.close()


def _check(run: _Run) -> None:
    """Look at every row; keeps the problems and the counts."""
    problems = ProblemWriter(run.registers, run.one)
    with run.opened() as (sheet, _, transfers):
        run.change(RegisterChange(rows_all=sheet.rows_about))
        count, last = 0, 0
        reported_at = time.monotonic()
        for one in transfers:
            if run.stop.is_set():
                raise _StoppedError
            count, last = count + 1, one.last
            problems.add(one.problems)
            if time.monotonic() - reported_at >= PROGRESS_S:
                reported_at = time.monotonic()
                counts = _counts(problems, Total(count))
                run.change(RegisterChange(rows_done=last, counts=counts))
        problems.end()
        hidden = sheet.hidden_rows
    counts = _counts(problems, Total(count), hidden=hidden)
    run.change(RegisterChange("checked", rows_done=last, rows_all=last, counts=counts))


async def _record(run: _Run) -> None:
    """Record batch by batch; what has a problem goes into quarantine, where that was asked for."""
    problems = ProblemWriter(run.registers, run.one)
    total, last = Total(), 0
    with ExitStack() as stack:
        _, mapping, transfers = await run_in_threadpool(stack.enter_context, run.opened())
        async for batch in imported(transfers, mapping, run.inside):
            total.add(batch)
            last = batch.last
            await run_in_threadpool(problems.add, batch.problems)
            counts = _counts(problems, total)
            await run_in_threadpool(run.change, RegisterChange(rows_done=last, counts=counts))
    await run_in_threadpool(_recorded, run, problems, total, last)


def _recorded(run: _Run, problems: ProblemWriter, total: Total, last: int) -> None:
    problems.end()
    run.change(
        RegisterChange("recorded", rows_done=last, rows_all=last, counts=_counts(problems, total))
    )
    # Nothing of it is needed any more.
    run.registers.clear(run.one, "file")


def _counts(
    problems: ProblemWriter, total: Total, **numbers: int
) -> dict[str, Counter[str] | dict[str, int]]:
    return {
        "numbers": {"transfers": total.transfers, **numbers},
        "problems": problems.codes,
        "results": total.results,
        "findings": total.findings,
    }
