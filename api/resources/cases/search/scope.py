"""The records that a step of a case is about, and what was tried and is not the person's.

All is told by what is left after exclusion.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from api.case_replies import NameCheck, Replies, ReplyRecords
from api.web.services import Services
from ledger.cases.case import State
from ledger.cases.name_differences import NameExplained, NamesCompared
from ledger.errors import Defect, MalformedError
from ledger.policies.identifiers import KINDS
from ledger.service import Ledger
from ledger.values import PrincipalRef
from projections.names import Names


@dataclass(frozen=True, slots=True)
class PersonSearch:
    """Where a person is looked for.

    Attributes:
        as_of: the position of the search.
        bearers: who bears a name.
        kinds: schemes of identifiers that the ledger knows.
    """

    ledger: Ledger
    state: State
    as_of: int
    replies: Replies
    bearers: Names
    kinds: frozenset[str] = frozenset(KINDS)

    @classmethod
    def now(cls, ledger: Ledger, state: State, services: Services) -> "PersonSearch":
        """A search of all that is recorded by now."""
        known = frozenset(services.settings.kinds)
        head = ledger.streams.reads.head()
        return cls(ledger, state, head, services.replies, services.names, known)

    def records(self, identifiers: Sequence[PrincipalRef]) -> ReplyRecords:
        """What is recorded of that person and belongs to the case; raises as `Replies.search`."""
        return self.replies.search(identifiers, self.as_of, self.state.application)

    def names(self, found: ReplyRecords) -> NameCheck:
        """The comparison of the names in these records with the form."""
        return NameCheck(self.state.application, found, self.ledger.streams)

    def compared(
        self,
        found: ReplyRecords,
        identifiers: Sequence[PrincipalRef],
        reasons: Sequence[NameExplained],
    ) -> NamesCompared:
        """What comparing the names came to, for each of `identifiers`, and why some differ.

        A reason may spell its identifier otherwise, as a telephone number without hyphens; the case
        keeps the spelling of `identifiers`. Which spellings are one, the ledger's own schemes say.
        """
        normal = self.ledger.streams.normal
        named = {normal(one): one for one in reversed(identifiers)}

        def spelled(one: PrincipalRef) -> PrincipalRef:
            return one if one in identifiers else named.get(normal(one), one)

        explanations = tuple(replace(one, identifier=spelled(one.identifier)) for one in reasons)
        return NamesCompared(self.names(found).outcomes(identifiers), explanations)


def check_tried(
    search: PersonSearch,
    identifiers: Sequence[PrincipalRef],
    tried: Sequence[PrincipalRef],
    not_the_person: str | None,
) -> None:
    """Pass when what was tried and has records is not the person's, and somebody says why.

    What is linked to the person's identifiers is theirs whatever is said: the link is to be taken
    back first, or the reply shows the records all the same, and a stop reaches them.

    Raises:
        MalformedError: `TRIED_HAS_RECORDS`, `TRIED_IS_LINKED`.
    """
    if defects := tuple(_defects(search, identifiers, tried, not_the_person)):
        raise MalformedError(defects)


def _defects(
    search: PersonSearch,
    identifiers: Sequence[PrincipalRef],
    tried: Sequence[PrincipalRef],
    not_the_person: str | None,
) -> Iterator[Defect]:
    streams = search.ledger.streams
    own = streams.cluster(identifiers, search.as_of).refs if identifiers else ()
    linked = {(one.scheme, one.id) for one in own}
    for n, one in enumerate(tried):
        normal = streams.normal(one)
        if (normal.scheme, normal.id) in linked:
            detail = "it is linked to the person: name it as theirs, or take the link back"
            yield Defect(f"/tried/{n}", "TRIED_IS_LINKED", detail)
        elif not_the_person is None and search.records([one]).entries:
            detail = "records are found under it: name it as the person's, or say why it is not"
            yield Defect(f"/tried/{n}", "TRIED_HAS_RECORDS", detail)
