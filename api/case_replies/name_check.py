"""Whether the records that were found name a person as the form does, identifier by identifier.

A search is made by exact identifiers, so one wrong digit finds a stranger. What is compared is left
after exclusion: the name in an excluded record is never read.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import cast

from api.case_replies.values import ReplyRecords
from ledger.cases.case import State
from ledger.cases.events.intake import Application
from ledger.cases.refusals import PersonChangedError
from ledger.format.events import DirectiveEvent, ExpiredEvent, Fact
from ledger.law.procedure.form import NAMES_OF_PRINCIPAL
from ledger.persons import directive
from ledger.policies.name_comparison import DIFFERS, MIXED, NO_RECORDS, UNNAMED, compare_names
from ledger.streams.streams import Streams
from ledger.values import PrincipalRef

_Names = Mapping[PrincipalRef, Collection[str]]
"""Identifier in its normal form → the names that are given with it."""


class NameCheck:
    """Compares the form of one request with the records found for it.

    A name counts that a found record gives the person, or that the person took later. Linked
    identifiers are one person; a person of whom no record is found has no names, whatever was said
    of them besides.
    """

    def __init__(self, application: Application, found: ReplyRecords, streams: Streams) -> None:
        form = application.form
        self._written = [form[one] for one in NAMES_OF_PRINCIPAL if one in form]
        self._found = found
        self._streams = streams
        self._known: dict[PrincipalRef, _Names] = {}

    def outcomes(self, identifiers: Sequence[PrincipalRef]) -> tuple[str, ...]:
        """What is kept of each identifier: a code of `ledger.policies.name_comparison`.

        Whose records are all excluded is as somebody without any.
        """
        return tuple(self.check(one) or self._without_names(one) for one in identifiers)

    def check(self, identifier: PrincipalRef) -> str | None:
        """How the person is named: `ledger.policies.name_comparison.CHECKS`; None: no name is left.

        Whatever is linked counts, for a link pulls its records into the reply, and a stop reaches
        it: a name of somebody else there is `mixed` at least.
        """
        names = self._names(identifier).values()
        return compare_names(self._written, {name for group in names for name in group})

    def linked(self, identifier: PrincipalRef) -> dict[PrincipalRef, str | None]:
        """The same for each identifier of the person by itself: a wrong link shows itself."""
        names = self._names(identifier)
        return {one: compare_names(self._written, own_names) for one, own_names in names.items()}

    def _without_names(self, identifier: PrincipalRef) -> str:
        is_recorded = any(one in self._recorded for one in self._names(identifier))
        return UNNAMED if is_recorded else NO_RECORDS

    def _names(self, identifier: PrincipalRef) -> _Names:
        if identifier not in self._known:
            self._known[identifier] = self._read(identifier)
        return self._known[identifier]

    def _read(self, identifier: PrincipalRef) -> _Names:
        person = self._streams.cluster([identifier], self._found.as_of).refs
        if not any(one in self._recorded for one in person):
            return dict.fromkeys(person, ())
        later = _later_names(person, self._found.as_of, self._streams)
        return {one: self._recorded.get(one, set()) | later.get(one, set()) for one in person}

    @cached_property
    def _recorded(self) -> dict[PrincipalRef, set[str]]:
        """The names in the records found; an identifier that no record gives a name has none."""
        by_identifier: dict[PrincipalRef, set[str]] = {}
        lines = {
            (one.scheme, one.id, one.name)
            for entry in self._found.entries
            for message in entry.messages
            for one in message.principals
        }
        for scheme, written, name in lines:
            names = by_identifier.setdefault(
                self._streams.normal(PrincipalRef(scheme, written)), set()
            )
            if name is not None:
                names.add(name)
        return by_identifier


def check_still_named(state: State, found: ReplyRecords, streams: Streams) -> None:
    """Pass when the records of by now bear no other name that nobody gave a reason for.

    A letter about measures tells of no record, but a stop reaches whoever it is: what was recorded
    since the person was named is compared before somebody submits or approves it.

    Raises:
        PersonChangedError: they do; the person is to be named anew.
    """
    person = state.person
    if person is None:
        return
    explained = {one.identifier for one in person.names_differ or ()}
    check = NameCheck(state.application, found, streams)
    for one in person.identifiers:
        if check.check(one) in (DIFFERS, MIXED) and one not in explained:
            raise PersonChangedError


def _later_names(
    person: Collection[PrincipalRef], as_of: int, streams: Streams
) -> dict[PrincipalRef, set[str]]:
    """The names that each identifier was given by a later naming (`principal-renamed`)."""
    keys = {streams.principal_key(one): one for one in person}
    rows = streams.reads.lookups(list(keys), ("directive",))
    later: dict[PrincipalRef, set[str]] = {}
    for row, facts in streams.facts_by_row(rows, as_of).items():
        state = directive.fold(None, cast("list[Fact[DirectiveEvent | ExpiredEvent]]", facts))
        if state is not None:
            later.setdefault(keys[row.key], set()).update(name for _, name in state.names)
    return later
