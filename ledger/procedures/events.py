"""The fact that a version of the procedure for requests was published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.values import Json


@dataclass(frozen=True, slots=True)
class ProcedurePublished:
    """A version of the procedure, for requests that arrive from its first day on.

    Attributes:
        effective_from: the first day, in clear.
        document: the version as `ledger.law.procedure.writer` states it, whole; sealed.
    """

    TYPE: ClassVar[str] = "procedure-published"
    effective_from: date
    document: Mapping[str, Json]
