"""The medium of a reply: what was asked for, and what may stand in for it."""

from collections.abc import Iterator

from ledger.case.intake import MEDIA, PAPER
from ledger.errors import Defect


def medium_defects(medium: str, reason: str | None, asked: str | None) -> Iterator[Defect]:
    """What is wrong with the medium of a reply, given the one that was asked for.

    The principal chooses; only paper may stand in for what is difficult, and with a reason. Whoever
    stated none has left the choice to the procedure and the officer.

    Source: Act Art. 33(2), 33(5).
    """
    if medium not in MEDIA:
        yield Defect("/medium", "SCHEMA", f"give one of {', '.join(MEDIA)}")
    elif asked == PAPER and medium != PAPER:
        detail = "who asked for paper gets paper"
        yield Defect("/medium", "MEDIUM_NOT_ASKED", detail)
    elif asked not in (None, medium) and not (reason or "").strip():
        detail = "say why the medium asked for is difficult"
        yield Defect("/medium_reason", "MEDIUM_REASON_MISSING", detail)
