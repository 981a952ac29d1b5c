"""The MAC of a row that lets somebody in: what it is made of.

Whoever writes to the database without the ledger secret can make no row that is accepted, nor
change one, nor put the values of one row into another: the MAC covers the table, the primary key
and every value that counts. It does not tell how old a row is: an earlier state of the same row,
with the MAC that it had, is accepted again (`docs/explanation/trust.md`).

Source: `docs/reference/event-format.md`, section 4; decision 0110.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ledger.crypto.encoding import lp, u32

RowValue = bytes | str | datetime | Sequence[str] | None
"""A value of a row; several texts are taken in their order."""

RowMac = Callable[[str, Sequence[RowValue]], bytes]
"""`mac(table, values)` gives 32 bytes; the values come in the order that the table lays down."""


def row_bytes(table: str, values: Sequence[RowValue]) -> bytes:
    """What the MAC of a row is taken over: no two rows give the same bytes."""
    return lp(table.encode()) + b"".join(map(_value, values))


def _value(value: RowValue) -> bytes:
    match value:
        case None:
            return b"\x00"
        case bytes():
            return b"\x01" + lp(value)
        case str():
            return b"\x02" + lp(value.encode())
        case datetime():
            instant = value.astimezone(UTC).isoformat(timespec="microseconds")
            return b"\x03" + lp(instant.encode())
        case _:
            return b"\x04" + u32(len(value)) + b"".join(lp(one.encode()) for one in value)
