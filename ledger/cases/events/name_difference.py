"""Part of two facts of a case: an identifier is the person's though records name somebody else."""

from dataclasses import dataclass

from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class NameDiffers:
    """Why one identifier is the person's although its records bear another name than the form.

    Attributes:
        identifier: one of those of the event, as named there.
        because: the reason, as typed.
        name_check: `differs`, every name is another one; `mixed`, some are. Which, is kept nowhere.
    """

    identifier: PrincipalRef
    because: str
    name_check: str
