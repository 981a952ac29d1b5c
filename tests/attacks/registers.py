"""Registers of the past in the states in which their forms are shown."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from ledger.clock import now
from ledger.store.registers import RegisterChange, RegisterRow
from tests.pages.office import Office
from tests.pages.registering import PATIENCE_S, Uploaded, csv_bytes, rows, uploaded


def register(
    office: Office, *, is_mapped: bool = False, is_interrupted: bool = False
) -> tuple[str, str]:
    """The address and the page of a register; its rows were checked, or a check broke off."""
    with TemporaryDirectory() as folder:
        one = uploaded(office, "r.csv", csv_bytes(Path(folder), rows(2)))
    if is_mapped:
        # One register is worked on at a time: that of the scene before may still be.
        until(lambda: one.mapped().status_code == 303)
        until(lambda: found(office, one).state == "checked")
        one.ended()
    if is_interrupted:
        registers = office.app.state.services.registers
        registers.change(found(office, one), RegisterChange("checking", rows_done=1), now())
    return one.path, one.page()


def found(office: Office, one: Uploaded) -> RegisterRow:
    return office.app.state.services.registers.find(UUID(one.path.rpartition("/")[2]), now())


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
