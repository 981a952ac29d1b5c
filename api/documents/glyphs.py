"""Is every character of a text printed as it was written?

The typesetter notices a missing character but no missing variation sequence: 邉 with a selector
that the font lacks is drawn as plain 邉, another person's name. So texts are checked before.

Source: Unicode Standard, section 23.4 (variation selectors); UTS #37.
"""

from collections.abc import Iterator, Mapping

from api.documents.errors import UnprintableTextError
from api.documents.forms import form_of, plain
from ledger.policies.substitutes import OTHERS, clusters, in_brackets
from ledger.values import Json

Substitutes = tuple[tuple[str, str], ...]
"""(as it is written, what is printed in its place), in the order in which a document tells them."""


class TextSplitter:
    """Cuts texts where something is printed otherwise. The choices are looked at once.

    A piece is a character with its selector and marks, or what has a substitute: the longest there
    is. A substitute never takes part of a character, so never one whose selector or mark it does
    not name. Where others are printed by their code points, whatever else cannot be printed is.
    """

    def __init__(self, substitutes: Substitutes) -> None:
        self._chosen: dict[str, list[tuple[list[str], str]]] = {}
        self._has_others = any(written == OTHERS for written, _ in substitutes)
        for written, printed in substitutes:
            if written == OTHERS:
                continue
            sequence = [*clusters(written)]
            shown = "".join(form_of(one) or one for one in clusters(printed))
            self._chosen.setdefault(sequence[0], []).append((sequence, shown))
        for same in self._chosen.values():
            same.sort(key=lambda one: len(one[0]), reverse=True)
        self._first_clusters = frozenset(one[0] for one in self._chosen)

    def is_plain(self, text: str) -> bool:
        """Whether it is printed as it is written, seen at a glance; most texts are."""
        return plain().issuperset(text) and self._first_clusters.isdisjoint(text)

    def of(self, text: str) -> Iterator[tuple[str, str | None]]:
        """(piece of `text`, what is printed in its place), in order; None: the piece as it is."""
        known, chosen, whole = plain(), self._chosen, [*clusters(text)]
        at = 0
        while at < len(whole):
            one, size = whole[at], 1
            printed = None
            for sequence, shown in chosen.get(one, ()):
                if whole[at : at + len(sequence)] == sequence:
                    size, printed = len(sequence), shown
                    break
            else:
                if one not in known and (form := form_of(one)) != one:
                    is_other = form is None and self._has_others
                    printed = in_brackets(one) if is_other else form
            yield one if size == 1 else "".join(whole[at : at + size]), printed
            at += size


def check_printable(data: Json | Mapping[str, Json], substitutes: Substitutes = ()) -> None:
    """Refuse `data` when one of its texts cannot be printed, save for what has a substitute.

    Raises:
        UnprintableError: names each such text and its characters.
    """
    cut = TextSplitter(substitutes)
    known = plain()
    bad = {
        text: found
        for text in texts_of(data)
        if not known.issuperset(text) and (found := _unprintable(text, cut))
    }
    if bad:
        raise UnprintableTextError(
            {where: bad[text] for where, text in _texts(data, "") if text in bad}
        )


def is_plain(data: Json | Mapping[str, Json]) -> bool:
    """Whether every text of `data` is printed as it is written, seen at a glance."""
    return all(map(plain().issuperset, texts_of(data)))


def _unprintable(text: str, cut: TextSplitter) -> tuple[str, ...]:
    known = plain()
    left = (one for one, printed in cut.of(text) if printed is None and one not in known)
    return tuple(dict.fromkeys(one for one in left if form_of(one) is None))


def texts_of(data: Json | Mapping[str, Json]) -> set[str]:
    """Every text of `data` once: a table repeats its texts thousands of times."""
    found: set[str] = set()
    waiting: list[Json | Mapping[str, Json]] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, Mapping):
            waiting += value.values()
    return found


def _texts(value: Json | Mapping[str, Json], pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{pointer}/{index}")
