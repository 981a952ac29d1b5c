"""Refusals of a case's steps. All but the first leave the case as it is, to be worked on."""

from collections.abc import Sequence

from ledger.errors import LedgerError
from ledger.values import Json


class StaleVersionError(LedgerError):
    """What is acted on changed since the caller looked at it; look again and decide again."""

    code = "PRECONDITION_FAILED"


class CaseStatusError(LedgerError):
    """The step is not open to a case in this status.

    Attributes:
        case_status: code of `ledger.cases.case.CaseStatus`.
        step: code of the step; where a caller is told, the endpoint that it asked at.
        open: the endpoints that are open to the caller; none outside the API.
    """

    code = "CASE_STATUS"

    def __init__(self, case_status: str, step: str, endpoints: Sequence[Json] = ()) -> None:
        super().__init__(f"{step} is not open to a case that is {case_status}")
        self.case_status = case_status
        self.step = step
        self.open: list[Json] = [*endpoints]


class IdentityNotProvenError(LedgerError):
    """The check of the papers did not end as the step needs it.

    Attributes:
        outcome: of the check; `open` while a fact has not been looked at.
        reasons: codes of what is short.
        open: names of the facts that nobody has looked at, and of the reasons that nobody gave.
    """

    code = "IDENTITY_NOT_PROVEN"

    def __init__(self, outcome: str, reasons: Sequence[str], open_facts: Sequence[str]) -> None:
        super().__init__(f"the check of the papers says {outcome}")
        self.outcome = outcome
        self.reasons: list[Json] = list(reasons)
        self.open: list[Json] = list(open_facts)


class MistakeReportedError(LedgerError):
    """Somebody reported a mistake of this case: nothing else is done before it is settled."""

    code = "MISTAKE_REPORTED"


class CaseExpiringError(LedgerError):
    """The case is kept no longer: its key dies today, so it cannot go on."""

    code = "CASE_EXPIRING"


class ReplacementError(LedgerError):
    """The request cannot go on in the case that was named, which may have changed since.

    Attributes:
        reasons: codes of what is wrong with it: `unknown`, `in_error`, `ended`, `kind`, `person`,
            `identifiers`, `birth_date`, `sides`, `period`.
    """

    code = "REPLACEMENT_UNFIT"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("the request cannot go on in the case that was named")
        self.reasons: list[Json] = list(reasons)


class OwnStopActiveError(LedgerError):
    """A stop that this case put in place stands: who ends the case as a mistake lifts it first."""

    code = "OWN_STOP_STANDS"


class StaleApprovalError(LedgerError):
    """What is to go out is not what was submitted or approved."""

    code = "STALE_APPROVAL"


class NotOpenedError(LedgerError):
    """Somebody approves what they have not opened, as it was submitted.

    Attributes:
        fetch: the endpoints of what they have not opened; none outside the API.
    """

    code = "NOT_OPENED"

    def __init__(self, fetch: Sequence[Json]) -> None:
        super().__init__("what is approved was not opened")
        self.fetch: list[Json] = [*fetch]


class NothingToSupplementError(LedgerError):
    """The answer as decided tells nothing that the person's reply in hand does not tell."""

    code = "NOTHING_TO_SUPPLEMENT"


class StopActiveError(LedgerError):
    """A stop that this case put in place stands, and the letter does not tell it.

    It is looked for where the letter is submitted, and where it is approved.

    An approval that is taken back leaves the stop; somebody lifts it, or the letter tells it.
    """

    code = "STOP_STANDS"


class StopLiftedError(LedgerError):
    """The letter that is to go out tells a stop that somebody has lifted since the approval."""

    code = "STOP_LIFTED"


class PersonChangedError(LedgerError):
    """The person is not as named any more: a stop might reach others.

    Identifiers were linked or unlinked since, or a record came that names somebody else.
    """

    code = "PERSON_CHANGED"


class CameOfAgeError(LedgerError):
    """The principal is an adult by the day of dispatch: a minor's representative gets no reply."""

    code = "PRINCIPAL_CAME_OF_AGE"
