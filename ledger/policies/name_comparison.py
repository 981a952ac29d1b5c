"""Whether recorded names are the names that a person wrote.

Folding is that of the index of names (`ledger.crypto.names`) and goes further where an index need
not: what cannot be seen is left out, and a repeated character is written out. The index keeps its
own, for its rows are keyed by it.

Source: Act Art. 26 (the form, the records); JIS X 0208 (々); Unicode, Default_Ignorable_Code_Point.
"""

from collections.abc import Iterable
from unicodedata import category

from ledger.crypto.names import folded_name
from ledger.policies.blanks import FILLERS

MATCHES, DIFFERS, MIXED = "matches", "differs", "mixed"
CHECKS = (MATCHES, DIFFERS, MIXED)
"""Every recorded name is a written one; none is; some are and some are not."""
UNNAMED, NO_RECORDS = "unnamed", "no_records"
"""Besides: there are records, and they or the form bear no name, so nobody compared anything; there
is no record to compare."""

_REPEATS = frozenset("々〻")
# Blank, and of no category of its own: besides what fills a place, some marks.
_BLANK = FILLERS | frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")


def compared_name(name: str) -> str:
    """The name as two spellings of it are compared; empty where it has no letter."""
    seen = "".join(one for one in name if category(one) != "Cf" and one not in _BLANK)
    return _written_out(folded_name(seen))


def _written_out(name: str) -> str:
    """佐々木 as 佐佐木; a mark that repeats nothing stays."""
    written: list[str] = []
    for one in name:
        written.append(written[-1] if one in _REPEATS and written else one)
    return "".join(written)


def compare_names(written: Iterable[str], recorded: Iterable[str]) -> str | None:
    """One of `CHECKS`: how the recorded names stand to the written ones.

    Nothing is taken for nearly the same: two strangers of one family differ in one character.
    A name without a letter (spaces, dots) is none.

    Returns:
        None: one of the sides has no name, so nothing can be said.
    """
    ours, theirs = ({compared_name(one) for one in side} - {""} for side in (written, recorded))
    if not ours or not theirs:
        return None
    if not theirs - ours:
        return MATCHES
    return MIXED if theirs & ours else DIFFERS
