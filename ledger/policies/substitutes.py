"""Which text may stand on paper for a character that cannot be printed (代替文字).

What is known of a character decides: its base without the selector, its letter with as many of its
marks as can be printed. Of what nothing is known, people say which letter they agreed on. What the
font has, the caller says: nothing here knows a font.

Source: Unicode Standard, sections 3.11 (canonical equivalence), 3.12, 23.4 (variation selectors);
UTS #37.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Final
from unicodedata import category

from ledger.errors import Defect
from ledger.unicode_forms import normalize

WRITTEN_MAX = 8
PRINTED_MAX = 8
"""Code points of either text."""
MARKS_MAX = 6
"""Of one character, so many marks are tried in all their combinations; no script stacks more."""

OTHERS: Final = ""
"""`written` of the choice for every other character that cannot be printed."""
AS_CODE_POINTS: Final = "U+"
"""`printed` of that choice: what nobody chose a form for is printed by its code points."""

_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp", "Zs"))
_LETTERS = frozenset(("Ll", "Lo", "Lt", "Lu"))
# Invisible by their property (Default_Ignorable_Code_Point), not by their category.
_IGNORABLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_IGNORABLE_PLANE = range(0xE0000, 0xE1000)
LOOK_ALIKES: Final = {
    "□": "口囗ロㇿ吅\u1106\u11b7",
    "○": "OoΟοОоՕօ\u110b\u11bc",
    "×": "XxΧχХх乂メㄨ",
    "―": "一\u1173ꟷㄧ",
    "|": "IlΙІӀǀ丨\u1175",
    "〓": "二ニ",
    "／": "丿",
    "・": "丶\u119e",
}
"""A sign for a gap → letters of its shape, by their NFKC (\u1106 … are Hangul). A reader sees the
sign, and takes what is printed for a name that nobody could print."""
_LOOK_ALIKES = frozenset("".join(LOOK_ALIKES.values()))


def clusters(text: str) -> Iterator[str]:
    """Each character, together with the variation selector and the marks behind it.

    A mark behind what is invisible, or behind nothing, stands alone.
    """
    at = 0
    while at < len(text):
        end = at + 1
        if not is_selector(text[at]) and end < len(text):
            end += is_selector(text[end])
        if _is_visible(text[at]):
            while end < len(text) and is_mark(text[end]):
                end += 1
        yield text[at:end]
        at = end


def is_selector(character: str) -> bool:
    """Whether the character only chooses among the forms of the one before it."""
    code = ord(character)
    return code >= _SELECTORS[0].start and any(code in block for block in _SELECTORS)


def is_mark(character: str) -> bool:
    """Whether it is a visible part of the character before it."""
    return category(character)[0] == "M" and _is_visible(character)


def code_points(text: str) -> str:
    """The text by its code points, as a reader without the glyph is told it: U+9089 U+E0110."""
    return " ".join(f"U+{ord(one):04X}" for one in text)


def in_brackets(text: str) -> str:
    """The text by its code points, as a letter prints it: no name reads so."""
    return f"〔{code_points(text)}〕"


def same_texts(cluster: str) -> Iterator[str]:
    """The character as it is written, then the other spellings of the very same text.

    A compatibility ideograph is left alone: it is canonically equivalent to its kanji, but exists
    for the sake of its form.
    """
    yield cluster
    if not _is_compatible(cluster[0]):
        yield normalize("NFC", cluster)
        yield normalize("NFD", cluster)


def composed(text: str) -> str:
    """The text by its NFC where that changes no compatibility form."""
    return "".join(
        one if _is_compatible(one[0]) else normalize("NFC", one) for one in clusters(text)
    )


def marks_left_out(written: str, printed: str) -> str:
    """The marks of what is written that its printed form has not, in their order."""
    kept = Counter(normalize("NFD", printed))
    left = Counter(normalize("NFD", written)) - kept
    return "".join(one for one in left.elements() if is_mark(one))


def characters_of(written: str, printed: str) -> frozenset[str]:
    """Everything that `substitute_defects` must know of the font: each with what belongs to it."""
    found = {*clusters(written), *clusters(printed)}
    if (subject := _subject(written)) is not None:
        found |= {one for forms in _known_forms(*subject) for form in forms for one in form}
    return frozenset(found)


def substitute_defects(
    pointer: str, written: str, printed: str, lacking: frozenset[str]
) -> Iterator[Defect]:
    """What speaks against printing `printed` where `written` stands.

    Args:
        pointer: of the choice.
        lacking: those of `characters_of` that the font cannot print.
    """
    subject = _subject(written)
    if subject is None or len(written) > WRITTEN_MAX:
        detail = "give one character, with its selector and marks, or what is invisible beside it"
        yield Defect(f"{pointer}/written", "NOT_ONE_CHARACTER", detail)
    elif lacking.isdisjoint(clusters(written)):
        detail = "it is printed as it is written"
        yield Defect(f"{pointer}/written", "PRINTABLE_ALREADY", detail)
    else:
        yield from _printed_defects(f"{pointer}/printed", subject, printed, lacking)


def _printed_defects(
    pointer: str, subject: tuple[str, str], printed: str, lacking: frozenset[str]
) -> Iterator[Defect]:
    known = _printable(subject, lacking)
    if not lacking.isdisjoint(clusters(printed)):
        yield Defect(pointer, "UNPRINTABLE_BASE", "the font cannot print it either")
    elif composed(printed) in known:
        return
    elif not _is_letter(printed):
        detail = "give one letter; no mark for a gap or what looks like one, no word"
        yield Defect(pointer, "PLACEHOLDER", detail)
    elif known:
        detail = "give the character itself, with as many of its marks as can be printed"
        yield Defect(pointer, "OTHER_FAMILY", detail)


def _printable(subject: tuple[str, str], lacking: frozenset[str]) -> set[str]:
    """The forms that show most of the character; none is known of what cannot be printed at all."""
    for forms in _known_forms(*subject):
        if found := {"".join(form) for form in forms if lacking.isdisjoint(form)}:
            return {*map(composed, found)}
    return set()


def _known_forms(base: str, marks: str) -> Iterator[list[tuple[str, ...]]]:
    """The forms of a character by their clusters, those that show more of it first."""
    whole = normalize("NFD", base) if len(base) == 1 else base
    if len(whole) > 1 and all(map(is_mark, whole[1:])):
        base, marks = whole[0], whole[1:] + marks
    marks = normalize("NFD", marks)[:MARKS_MAX]
    for head in (base, *_roots(base)):
        for size in range(len(marks), -1, -1):
            texts = (head + "".join(kept) for kept in combinations(marks, size))
            yield [tuple(clusters(one)) for one in dict.fromkeys(texts)]


def _roots(base: str) -> Iterator[str]:
    """The character without its selector; what a compatibility form is a form of."""
    if len(base) > 1:
        yield base[0]
    elif (plain := normalize("NFKC", base)) != base:
        yield plain


def _subject(written: str) -> tuple[str, str] | None:
    """(the character with its selector, its marks); None when there is none, or another one too."""
    base, marks = "", ""
    for one in clusters(written):
        if base and is_mark(one[0]):
            marks += one
        elif _is_visible(one[0]):
            if base:
                return None
            size = 2 if len(one) > 1 and is_selector(one[1]) else 1
            base, marks = one[:size], one[size:]
    return (base, marks) if base else None


def _is_compatible(character: str) -> bool:
    """Whether it is canonically one other character, as a compatibility ideograph is."""
    plain = normalize("NFD", character)
    return len(plain) == 1 and plain != character


def _is_letter(printed: str) -> bool:
    """One kanji, kana or other letter; an iteration or length mark says nothing by itself.

    Neither does a letter that a reader takes for a sign, unless it is known of the character.
    """
    one = [*clusters(composed(printed))]
    if len(one) != 1 or category(one[0][0]) not in _LETTERS or not _is_visible(one[0][0]):
        return False
    is_sign = normalize("NFKC", one[0][0]) in _LOOK_ALIKES
    return not is_sign and all(map(is_selector, one[0][1:]))


def _is_visible(character: str) -> bool:
    if category(character) in _UNSEEN or is_selector(character) or character in _IGNORABLE:
        return False
    return ord(character) not in _IGNORABLE_PLANE
