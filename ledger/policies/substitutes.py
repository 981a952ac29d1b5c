"""Which text may stand on paper for a character that cannot be printed (代替文字).

A variation of a kanji is printed as that kanji or another form of it; for what has no known form,
people say which text they agreed on. What the font has, the caller says: nothing here knows a font.

Source: Unicode Standard, section 23.4 (variation selectors); UTS #37.
"""

from collections.abc import Iterator
from unicodedata import category, normalize

from ledger.crypto.names import folded_name
from ledger.errors import Defect

WRITTEN_MAX = 8
PRINTED_MAX = 8
"""Code points of either text."""

_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"))
# What stands for "a character that is not here", and letters that are blank all the same.
_PLACEHOLDERS = frozenset(
    "〓□■▢▣▤▥▦▧▨▩▪▫▭▮▯◻◼◽◾⬚⬛⬜☐○●◯_＿?？*＊\ufffd\u115f\u1160\u2800\u3164\uffa0"
)


def clusters(text: str) -> Iterator[str]:
    """Each character, together with the variation selector behind it."""
    at = 0
    while at < len(text):
        has_selector = at + 1 < len(text) and is_selector(text[at + 1])
        size = 2 if has_selector and not is_selector(text[at]) else 1
        yield text[at : at + size]
        at += size


def is_selector(character: str) -> bool:
    """Whether the character only chooses among the forms of the one before it."""
    return any(ord(character) in block for block in _SELECTORS)


def code_points(text: str) -> str:
    """The text by its code points, as a reader without the glyph is told it: U+9089 U+E0110."""
    return " ".join(f"U+{ord(one):04X}" for one in text)


def characters_of(written: str, printed: str) -> frozenset[str]:
    """Everything that `substitute_defects` must know of the font: each with its selector."""
    named = {*clusters(written), *clusters(printed)}
    return frozenset(named | {one for one in map(_root, named) if one is not None})


def substitute_defects(
    pointer: str, written: str, printed: str, lacking: frozenset[str]
) -> Iterator[Defect]:
    """What speaks against printing `printed` where `written` stands.

    Args:
        pointer: of the choice.
        lacking: those of `characters_of` that the font cannot print.
    """
    seen = [one for one in clusters(written) if _is_seen(one)]
    if len(seen) != 1 or len(written) > WRITTEN_MAX:
        detail = "give one character, with the selector or the invisible characters beside it"
        yield Defect(f"{pointer}/written", "NOT_ONE_CHARACTER", detail)
        return
    if lacking.isdisjoint(clusters(written)):
        detail = "it is printed as it is written"
        yield Defect(f"{pointer}/written", "PRINTABLE_ALREADY", detail)
        return
    yield from _printed_defects(f"{pointer}/printed", seen[0], written, printed, lacking)


def _printed_defects(
    pointer: str, subject: str, written: str, printed: str, lacking: frozenset[str]
) -> Iterator[Defect]:
    if not lacking.isdisjoint(clusters(printed)):
        yield Defect(pointer, "UNPRINTABLE_BASE", "the font cannot print it either")
    elif _is_placeholder(subject, printed):
        detail = f"give a letter, at most {PRINTED_MAX} characters, no space and no mark for a gap"
        yield Defect(pointer, "PLACEHOLDER", detail)
    elif not _is_of_the_family(subject, written, printed, lacking):
        detail = "give the character itself or another form of it"
        yield Defect(pointer, "OTHER_FAMILY", detail)


def _is_placeholder(subject: str, printed: str) -> bool:
    if len(printed) > PRINTED_MAX or not _PLACEHOLDERS.isdisjoint(printed):
        return True
    if not printed or not all(map(_is_seen, clusters(printed))):
        return True
    has_letter = any(category(one)[0] in "LN" for one in printed)
    return not has_letter and printed not in (subject, _root(subject))


def _is_of_the_family(subject: str, written: str, printed: str, lacking: frozenset[str]) -> bool:
    if subject not in lacking:
        # Only what is invisible beside it cannot be printed: that is left out.
        return printed in (subject, normalize("NFC", written))
    root = _root(subject)
    if root is None or root in lacking:
        return True  # no form of it is known that could be printed: people say what is
    base = _root(printed) or printed
    if len([*clusters(printed)]) != 1:
        return False
    return base == root or folded_name(base) == folded_name(root) != ""


def _root(cluster: str) -> str | None:
    """The plain character of a variation or of a compatibility form; None for a plain one."""
    if len(cluster) > 1:
        return cluster[0]
    plain = normalize("NFKC", cluster)
    return plain if len(plain) == 1 and plain != cluster else None


def _is_seen(cluster: str) -> bool:
    return category(cluster[0]) not in _UNSEEN and not is_selector(cluster[0])
