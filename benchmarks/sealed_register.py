"""A register as the pages import it: from where it lies sealed, in the background."""

import asyncio
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from api.resources.registers.runs import ProcessBusyError, Work, start
from api.resources.registers.sealed_file import piece_writer
from api.web.services import Services
from ledger.store.registers import RegisterBusyError, RegisterChange, RegisterRow

_ACTOR: Final = "0" * 32
_STEP: Final = 65_536
_LOOK_S: Final = 0.1


async def worked(
    services: Services, file: Path, mapping: dict[str, Any]
) -> tuple[float, float, dict[str, int]]:
    """Seconds of the dry run and of the import, and status → transfers."""
    registers, now = services.registers, services.now
    one = registers.begin(_ACTOR, {"name": file.name}, now())
    writer = piece_writer(registers, one)
    with file.open("rb") as content:
        while piece := content.read(_STEP):
            writer.write(piece)
    writer.end()
    registers.change(one, RegisterChange("uploaded", writer.bytes), now())
    check_s = await _done(services, one.register, "check", mapping=mapping)
    record_s = await _done(services, one.register, "record")
    found = registers.find(one.register, now())
    assert found.state == "recorded", found.state
    return check_s, record_s, dict(found.counts["results"])


async def _done(services: Services, register: UUID, work: Work, **told: object) -> float:
    started = time.perf_counter()
    while True:
        try:
            await start(services, register, work, _ACTOR, _nobody_else, **told)
            break
        except (RegisterBusyError, ProcessBusyError):
            await asyncio.sleep(0)  # what came before is letting go
    await asyncio.to_thread(_wait, services, register)
    return time.perf_counter() - started


def _nobody_else(_: RegisterRow) -> None:
    """Nobody but the benchmark is at it."""


def _wait(services: Services, register: UUID) -> None:
    while services.registers.find(register, services.now()).is_worked_on:
        time.sleep(_LOOK_S)
