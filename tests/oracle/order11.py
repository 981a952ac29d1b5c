"""Who is told nothing of which record (Order 11), one record and one identifier at a time.

Written from the specification (event format, section 6), it imports nothing of the product.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.oracle.transfers import Identifier, Transfer, person_of

Whom = Identifier | None
"""An identifier, or everybody who is named by the record."""


PersonWith = Callable[[Identifier], Collection[Identifier]]
"""All identifiers of the person who has this one."""


@dataclass
class Told:
    """What is said of one record.

    Attributes:
        everybody: whether it is excluded for all; own: for these alone.
        shown: for whom the mark of its emitter was lifted.
        asked: (for whom, by whom) a lift was asked.
    """

    everybody: bool = False
    own: set[Identifier] = field(default_factory=set[Identifier])
    shown: set[Whom] = field(default_factory=set[Whom])
    asked: set[tuple[Whom, str]] = field(default_factory=set[tuple[Whom, str]])


@dataclass
class Order11:
    """All that was excluded and lifted, by the positions of records."""

    told: dict[int, Told] = field(default_factory=dict[int, Told])

    def at(self, one: Transfer) -> Told:
        return self.told.setdefault(one.position, Told())

    def hides(self, one: Transfer, who: Identifier) -> bool:
        """Whether the record is hidden from an identifier."""
        told, is_marked = self.at(one), one.order_11 != "0"
        unlifted = is_marked and not told.shown & {None, who}
        return unlifted or told.everybody or who in told.own

    def hides_for(self, one: Transfer, whom: Whom) -> bool:
        told, is_marked = self.at(one), one.order_11 != "0"
        if whom is None:
            return bool(told.everybody or told.own or (is_marked and None not in told.shown))
        return self.hides(one, whom)

    def hides_from(self, one: Transfer, person: Iterable[Identifier]) -> bool:
        return any(self.hides(one, who) for who in person)

    def exclude(self, one: Transfer, whom: Iterable[Whom]) -> None:
        told = self.at(one)
        for who in whom:
            if who is None:
                told.everybody, told.asked = True, set()
            else:
                told.own.add(who)
                told.asked = {ask for ask in told.asked if ask[0] not in (None, who)}

    def lift(self, one: Transfer, whom: Iterable[Whom], actor: str) -> None:
        for who in whom:
            self._lift(one, who, actor)

    def _lift(self, one: Transfer, who: Whom, actor: str) -> None:
        told = self.at(one)
        if not self.hides_for(one, who):
            return
        others = {whom for whom, by in told.asked if by != actor}
        granted = others
        if who is not None:
            granted = {own for own in (who,) if others & {None, who}}
        if None in granted:
            self.told[one.position] = Told(shown={None})
            return
        for whom in granted:
            assert whom is not None
            if told.everybody:
                told.own |= {person_of(line) for line in one.lines.values()}
                told.everybody = False
            told.own.discard(whom)
            told.shown.add(whom)
            told.asked = {ask for ask in told.asked if ask[0] != whom}
        if self.hides_for(one, who) and not any(whom in (None, who) for whom, _ in told.asked):
            told.asked.add((who, actor))
        told.asked = {ask for ask in told.asked if self.hides_for(one, ask[0])}

    def hides_line(self, one: Transfer, who: Identifier, person: Collection[Identifier]) -> bool:
        """Whether a line is hidden: for the person, by whichever line of the record is theirs."""
        theirs = {own for own in map(person_of, one.lines.values()) if own in person} | {who}
        told, is_marked = self.at(one), one.order_11 != "0"
        unlifted = is_marked and not told.shown & {None, *theirs}
        return bool(unlifted or told.everybody or told.own & theirs)

    def seen(self, one: Transfer, person_with: PersonWith) -> Transfer | None:
        """The transfer without its hidden lines; None where each is, or it has none and is."""
        if not one.lines:
            return None if self.hides_for(one, None) else one
        left = {
            n: line
            for n, line in one.lines.items()
            if not self.hides_line(one, person_of(line), person_with(person_of(line)))
        }
        if not left:
            return None
        settled = {(n, code) for n, code in one.settled if n is None or n in left}
        return replace(one, lines=left, settled=settled)

    def unseen(self, transfers: Mapping[str, Transfer], person_with: PersonWith) -> set[str]:
        """The transfers of which nobody may know."""
        return {stream for stream, one in transfers.items() if self.seen(one, person_with) is None}
