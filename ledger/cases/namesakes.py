"""Who bears a name of the application and is not among the person's identifiers.

An identifier with one wrong digit finds nobody, or somebody else; the name of the form still finds
the person. So does the identifier itself in another width or case, or with another hyphen: records
are kept under what was sent, and forms are typed. So whoever these find is decided on before
anybody is told that no record exists. All is told by what is left after exclusion (Order 11) alone.

Source: Act Art. 33(3)(5); the published procedure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from ledger.cases.events.case import CaseRecordsIdentified, LeftOut
from ledger.crypto.names import folded_name
from ledger.crypto.normal_forms import EXACT
from ledger.errors import Defect
from ledger.law.procedure.form import NAMES_OF_PRINCIPAL
from ledger.policies.blanks import visible
from ledger.policies.identifiers import identifies
from ledger.policies.my_number import my_number_defects
from ledger.unicode_forms import narrowed, normalize
from ledger.values import PrincipalRef

NAMESAKES_MAX = 50
"""Persons whom the names of one application find and who are listed; there may be more."""
FORMER_NAMES_MAX = 5

_UNDECIDED = (
    "a name of the application, or another spelling of an identifier, finds persons with records"
    " who are neither among the identifiers nor left out with a reason: look at the candidates"
    " (`of_form`), and decide on each"
)
_UNNARROWED = (
    f"more than {NAMESAKES_MAX} persons bear a name of the application: say how you know that"
    " none of the others is the person"
)

_ADDRESS: Final = "email"
_HASHED_ADDRESS: Final = "email_hash"
_WIDE: Final = {0x20: 0x3000} | {0x21 + i: 0xFF01 + i for i in range(0x5E)}


class NormalForms(Protocol):
    """How a ledger keeps identifiers, as its secret knows it."""

    def normaliser_of(self, scheme: str, /) -> str:
        """Name and version of the scheme's normaliser."""
        ...

    def normal_form(self, scheme: str, id: str, /) -> str:  # noqa: A002 -- the word of the contract
        """The identifier without what its scheme does not tell apart."""
        ...


@dataclass(frozen=True, slots=True)
class LeftOutReason:
    """Somebody says why a person of that name is not the one who asks."""

    identifier: PrincipalRef
    because: str


@dataclass(frozen=True, slots=True)
class NamesSearched:
    """What the search by names and other spellings came to, and what somebody says to that.

    Attributes:
        names: by which was searched.
        reasons: every reason that was given, as it was given.
        left_out: the persons found whom a reason names; a reason for anybody else is not kept.
        is_undecided: somebody whom no reason names has records that the request asks for.
        more: others bear the name, beyond `NAMESAKES_MAX`; others: why none of them is the person.
    """

    names: tuple[str, ...] = ()
    reasons: tuple[LeftOutReason, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    is_undecided: bool = False
    more: bool = False
    others: str | None = None


def names_of(form: Mapping[str, str], former: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names by which the person is searched for, each spelling once: of the form, and former.

    One that holds what no reader sees is searched for without it, too. One without a letter (a dot,
    a dash) finds nobody, and is none.

    Args:
        former: names that the person bore before, as the papers show them.
    """
    stated = (*(form[one] for one in NAMES_OF_PRINCIPAL if one in form), *former)
    stated = tuple(spelled for one in stated for spelled in (one, visible(one)))
    folded = {folded_name(one): one for one in reversed(stated)}
    return tuple(dict.fromkeys(folded[folded_name(one)] for one in stated if identifies(one)))


def spelled_otherwise(
    identifiers: Iterable[PrincipalRef], forms: NormalForms
) -> dict[PrincipalRef, PrincipalRef]:
    """Other spellings of identifiers → the identifier: at most six of each, in normal form.

    In one width or the other with the hyphen of ASCII, in its own, upper and lower case. None of a
    scheme whose normal form folds spellings already, but of a mail address its hash.
    """
    found: dict[PrincipalRef, PrincipalRef] = {}
    for one in identifiers:
        if one.scheme == _ADDRESS:
            found |= dict.fromkeys(_hashes(one, forms), one)
        if forms.normaliser_of(one.scheme) != EXACT:
            continue
        narrow = narrowed(one.id)
        for text in (narrow, narrow.upper(), narrow.lower()):
            for spelled in (text, text.translate(_WIDE)):
                other = PrincipalRef(one.scheme, forms.normal_form(one.scheme, spelled))
                if other.id != forms.normal_form(one.scheme, one.id):
                    found.setdefault(other, one)
    return found


def _hashes(address: PrincipalRef, forms: NormalForms) -> Iterator[PrincipalRef]:
    """What a platform that sends no mail addresses may have sent for it: SHA-256, hexadecimal.

    Of its normal form, or in the case in which it is typed; the digits in lower or upper case.
    """
    typed = normalize("NFKC", address.id).strip()
    for text in dict.fromkeys((forms.normal_form(_ADDRESS, address.id), typed)):
        digits = sha256(text.encode()).hexdigest()
        yield PrincipalRef(_HASHED_ADDRESS, digits)
        yield PrincipalRef(_HASHED_ADDRESS, digits.upper())


def is_by_name(search: CaseRecordsIdentified) -> bool:
    """Whether the program itself searched by a name; in a search of before, one may be a dot."""
    return any(map(identifies, search.names_searched or ()))


def namesake_defects(found: NamesSearched) -> Iterator[Defect]:
    """What may not be so on the persons whom names and other spellings find.

    Yields:
        `CANDIDATE_NOT_DECIDED`; `CANDIDATES_NOT_NARROWED`; of a reason `MY_NUMBER_SHOWN`, and
        `SCHEMA` for one that says nothing.
    """
    for n, one in enumerate(found.reasons):
        yield from my_number_defects(one.because, f"/left_out/{n}/because")
        if not one.because.strip():
            yield Defect(f"/left_out/{n}/because", "SCHEMA", "say it in words")
    yield from my_number_defects(found.others or "", "/others_left_out")
    if found.is_undecided:
        yield Defect("/left_out", "CANDIDATE_NOT_DECIDED", _UNDECIDED)
    if found.more and not (found.others or "").strip():
        yield Defect("/others_left_out", "CANDIDATES_NOT_NARROWED", _UNNARROWED)
