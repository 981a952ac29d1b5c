"""How a step of a case is taken, whoever asks: of the version that was seen, and once.

The endpoints of the API and the officers' pages both take steps by this and by nothing else.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api.auth import Caller
from api.resources.cases.step_endpoints import open_endpoints
from ledger.cases.case import State, Step, StepCase
from ledger.cases.refusals import CaseStatusError
from ledger.service import CommandReceipt, Ledger

Make = Callable[[Ledger, State, datetime], Step]
"""What a step is made of the case as it stands, and of now; runs in a worker thread."""


@contextmanager
def name_endpoints(ledger: Ledger, case: UUID, caller: Caller, endpoint: str) -> Generator[None]:
    """Name, in what says that a step is not open, the endpoint asked at and those that are open.

    Both are of the case as it stands now, in the words of `next`.
    """
    try:
        yield
    except CaseStatusError:
        state = ledger.case(case)
        if state is None:
            raise
        endpoints = open_endpoints(state, ledger.procedure_of(state), caller)
        raise CaseStatusError(state.status.value, endpoint, endpoints) from None


@dataclass(frozen=True, slots=True)
class StepRequest:
    """One request for a step of a case; its methods run in a worker thread.

    Attributes:
        version: of the case as the caller has seen it.
        command: the id of the command that the request becomes; the same one for a repeat.
        endpoint: where it was asked, to be named in a refusal.
    """

    case: UUID
    version: int
    command: UUID
    caller: Caller
    endpoint: str

    def take(self, ledger: Ledger, step: Step, at: datetime) -> CommandReceipt:
        """Take a step that is stated whole.

        Raises:
            LedgerError: see `ledger.cases.service.CaseCommands.step`.
        """
        with name_endpoints(ledger, self.case, self.caller, self.endpoint):
            return self._appended(ledger, step, at)

    def make(self, ledger: Ledger, kind: type[Step], make: Make, at: datetime) -> CommandReceipt:
        """Take a step that is made of the case itself: of its records, of the letter.

        A command that stands already is not made again: the case has moved on by it.

        Raises:
            LedgerError: see `ledger.cases.service.CaseCommands.step`, and what `make` raises.
        """
        receipt = ledger.case_first(self.command)
        if receipt is not None:
            # It may have ended between an approval and the stops that it is.
            ledger.resume_case(receipt.stream, at)
            return receipt
        with name_endpoints(ledger, self.case, self.caller, self.endpoint):
            state = ledger.case_ready(self.case, self.version, kind)
            return self._appended(ledger, make(ledger, state, at), at)

    def _appended(self, ledger: Ledger, step: Step, at: datetime) -> CommandReceipt:
        caller = self.caller
        command = StepCase(
            self.command, caller.actor, self.case, self.version, step, caller.earlier
        )
        return ledger.step_case(command, at)
