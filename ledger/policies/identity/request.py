"""The papers of a request as an officer described them, and the verdict over them.

A fact is `None` until somebody has looked. What is not looked at is never taken for good: the
verdict names it as open and has no outcome yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class EnvelopePaper:
    """One paper of the envelope.

    Attributes:
        kind: code of a document of the procedure.
        person: whose it is: `principal`, `agent`, `legal_representative`.
        is_original: False for a copy.
        issued_on, valid_until: as printed; None while not looked at, or when there is none.
        undated: somebody looked, and it shows neither day.
        arrived_on: when it came later than the request; None when it came with it.
        address_mark: how the current address is written: `printed`, `ink`, `pencil`.
        my_number_shown: the individual number, or the side of the card that bears it, is there.
        international: an international driving permit.
        permanent_resident: the residence status of a residence card.
        by_principal: a mandate completed by the principal in person.
        seal_as_certified: a mandate with the seal of the principal's seal certificate; looked at
            only when that certificate was sent.
        covers_this_request: a mandate for this request.
        in_name: a supplement in the principal's name.
        day_mark: of a supplement: `stamped`, `dated` or `none`.
        as_supplement: of an original residence certificate: it shows the address of the form, where
            another paper shows an old one.
    """

    kind: str
    person: str
    is_original: bool
    issued_on: date | None = None
    valid_until: date | None = None
    undated: bool = False
    arrived_on: date | None = None
    shows_name: bool | None = None
    shows_birth_date: bool | None = None
    shows_current_address: bool | None = None
    address_mark: str | None = None
    my_number_shown: bool | None = None
    international: bool | None = None
    permanent_resident: bool | None = None
    by_principal: bool | None = None
    seal_as_certified: bool | None = None
    covers_this_request: bool | None = None
    in_name: bool | None = None
    day_mark: str | None = None
    as_supplement: bool | None = None


@dataclass(frozen=True, slots=True)
class AddressJudgement:
    """What a person decided about the three addresses (`policies.addresses` only proposes).

    Attributes:
        has_registered: whether the operator holds an address of the principal at all.
        form_is_registered: the address on the form is the registered one.
        identity_is_form: the address on the identity papers is the one on the form; False also when
            they show none.
        billing_is_registered: the billing address on the form is a registered one of the principal;
            asked for when the reply goes there.
        representative_is_on_papers: the legal representative's address on the form is that on the
            representative's identity papers; asked for when the reply goes there.
        form_is_registered_because, identity_is_form_because: why the officer judges so; owed where
            two addresses are one although they are written as two.
    """

    has_registered: bool
    form_is_registered: bool | None = None
    identity_is_form: bool | None = None
    billing_is_registered: bool | None = None
    representative_is_on_papers: bool | None = None
    form_is_registered_because: str | None = None
    identity_is_form_because: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityRequest:
    """Everything a verdict reads.

    Attributes:
        arrived_on: the day, in Japan; it chooses the version of the procedure and its rows.
        postmarked_on: the day of the postmark, when it can be read.
        about_other_person: who asks in the own name asks about somebody else.
        representation: of a legal representative: `parent_of_minor`, `guardian_of_adult`, ….
        seal_registered: person → whether that person has a registered seal; looked at only when a
            substitute was sent.
        form_missing: what the form lacks.
        form_checked: somebody looked at the form.
        correction_round_over: a correction was asked for, and its time has passed.
        reply_address: the address that was chosen; None for the first of the procedure's.
        unexplained: the reasons of `AddressJudgement` that are owed and not given.
    """

    arrived_on: date
    requester: str
    papers: tuple[EnvelopePaper, ...]
    addresses: AddressJudgement
    postmarked_on: date | None = None
    about_other_person: bool = False
    representation: str | None = None
    birth_date: date | None = None
    seal_registered: Mapping[str, bool] = field(default_factory=dict[str, bool])
    form_missing: tuple[str, ...] = ()
    form_checked: bool = False
    correction_round_over: bool = False
    reply_address: str | None = None
    unexplained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """One thing that keeps a request from being verified.

    Attributes:
        code: of `ledger.law.procedure.reasons`.
        person: whose paper it is about; None when it is about none.
        need: the document that was wanted or looked at; None when it is about none.
        paper: index into `papers`; None when nothing was sent.
    """

    code: str
    person: str | None = None
    need: str | None = None
    paper: int | None = None


@dataclass(frozen=True, slots=True)
class OpenFact:
    """A fact somebody must still look at.

    Attributes:
        fact: name of a field of `EnvelopePaper`, `AddressJudgement` or `IdentityRequest`.
        paper: index into `papers`; None for a fact of the request.
    """

    fact: str
    paper: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """To whom the reply goes, and to which of that person's addresses."""

    person: str
    address: str


@dataclass(frozen=True, slots=True)
class IdentityVerdict:
    """The outcome of the check.

    Attributes:
        outcome: `verified`, `correction_requested`, `procedural_refusal`, `alternative_path`; None
            while a fact is open.
        ground: `IDENTITY` or `FORM` of a procedural refusal.
        procedure: the version that was applied.
    """

    outcome: str | None
    shortcomings: tuple[Shortcoming, ...]
    open: tuple[OpenFact, ...]
    ground: str | None
    reply_to: ReplyTo | None
    procedure: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of the shortcomings, sorted, each once."""
        return tuple(sorted({one.code for one in self.shortcomings}))

    @property
    def open_facts(self) -> tuple[str, ...]:
        """The names of the open facts, sorted, each once."""
        return tuple(sorted({one.fact for one in self.open}))
