"""Who may be meant, person by person, as the page of 記録の特定 shows them and its form holds them.

One group is one person, with every identifier that led to them. So a choice is a number, and
nothing of it stands in an address.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import orjson

from api.resources.cases.search.search import BY_IDENTIFIER, BY_NAME, BY_SPELLING, Candidate
from ledger.policies.identifiers import counts_as_kind
from ledger.policies.name_comparison import MATCHES
from ledger.values import PrincipalRef


@dataclass(frozen=True, slots=True)
class CandidatePerson:
    """One person who may be meant.

    Attributes:
        search_refs: identifiers that led to them, as they were asked for.
        matched: `BY_IDENTIFIER` when one of them was asked for, else `BY_NAME` or
            `BY_SPELLING`.
        differs: a record bears another name than the form, so a reason is owed.
        has_records: whether anything of theirs is recorded that the request is about.
        shown: what is told of them; None of a group that is read back from a form.
    """

    search_refs: tuple[PrincipalRef, ...]
    matched: str
    differs: bool
    has_records: bool = False
    shown: Candidate | None = None

    @property
    def is_namesake(self) -> bool:
        """Whether the name or another spelling alone led to them: somebody decides who they are."""
        return self.matched != BY_IDENTIFIER and self.has_records

    @property
    def content(self) -> str:
        """The group as a hidden field holds it."""
        refs = [[one.scheme, one.id] for one in self.search_refs]
        return orjson.dumps([self.matched, refs, self.differs, self.has_records]).decode()


def grouped(candidates: Sequence[Candidate]) -> tuple[CandidatePerson, ...]:
    """One group for each person, in the order in which they were found."""
    groups: dict[frozenset[PrincipalRef], list[Candidate]] = {}
    for one in candidates:
        groups.setdefault(frozenset(one.identifiers), []).append(one)
    return tuple(
        CandidatePerson(
            tuple(PrincipalRef(one.search_ref.scheme, one.search_ref.id) for one in found),
            found[0].matched,  # those by identifiers come first
            found[0].name_check not in (None, MATCHES),
            found[0].entries > 0,
            found[0],
        )
        for found in groups.values()
    )


def group_of(content: str) -> CandidatePerson | None:
    """The group that a hidden field holds; None of one that nobody could have got from us."""
    try:
        matched, refs, differs, has_records = cast(
            "tuple[object, list[list[object]], object, object]", orjson.loads(content)
        )
        pairs = [(scheme, name) for scheme, name in refs]
    except (ValueError, TypeError):
        return None
    if matched not in (BY_IDENTIFIER, BY_NAME, BY_SPELLING) or not pairs:
        return None
    if not all(isinstance(text, str) for pair in pairs for text in pair):
        return None
    search_refs = (PrincipalRef(cast("str", scheme), cast("str", name)) for scheme, name in pairs)
    return CandidatePerson(
        tuple(search_refs), cast("str", matched), differs is True, has_records is True
    )


def suggested(
    groups: Sequence[CandidatePerson], chosen: frozenset[int], called: Mapping[str, str]
) -> str:
    """What the search itself gives as evidence, for somebody to confirm; empty when it gives none.

    It names kinds of identifiers, never the identifiers: those stand beside it.

    Args:
        called: scheme → what such an identifier is called.
    """
    found = [one for one in groups if one.has_records and one.matched == BY_IDENTIFIER]
    if not any(one.has_records for one in groups):
        searched = (one for group in groups for one in group.search_refs)
        kinds = schemes(one for one in searched if counts_as_kind(one))
        names = "・".join(called.get(one, one) for one in kinds)
        return f"{names}で探し、該当する記録がないことを確認した。" if kinds else ""
    if len(chosen) != 1 or len(found) > 1:
        return ""
    [number] = chosen
    group = groups[number - 1]
    if not group.has_records or group.differs or group.shown is None:
        return ""
    if group.matched == BY_SPELLING:
        return ""
    names = "・".join(called.get(one, one) for one in schemes(group.search_refs))
    if group.shown.name_check is None:
        return f"{names}が一致した（記録に氏名はない）。"
    return f"{names}と氏名が一致した。"


def schemes(refs: Iterable[PrincipalRef]) -> tuple[str, ...]:
    """The kinds of identifiers, each once."""
    return tuple(dict.fromkeys(one.scheme for one in refs))
