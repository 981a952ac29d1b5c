"""Who is behind a credential: one identity for a person, whatever they come with.

A person is known by a code of the operator's own, a staff number: an API key has it as its owner,
access tokens and sessions of the pages have it in the claim that `LEDGER_OIDC_PERSON_CLAIM` names.
Codes that differ by case or width only are one. What has no code is a caller and no person: an
account at an issuer, or a key of nobody (decision 0104).
"""

import re
from dataclasses import dataclass
from typing import Final

from api.contract import is_visible
from ledger.unicode_forms import normalize

OWNER_BYTES_MAX: Final = 1_024
"""Longest owner, as it is stored."""

_PERSON: Final = "person\n"
_CODE: Final = re.compile(r"[!-~]+")


class KeyNotAllowedError(Exception):
    """A key with these properties may not exist; the message says why."""


@dataclass(frozen=True, slots=True)
class CredentialOwner:
    """Who is behind a credential.

    Attributes:
        text: what the actor is made of; the same for all credentials of one person.
        is_person: whether it is a person, told apart from every other one.
        earlier: what the actor of the same person was made of in older versions: the code as it is
            spelled, the account.
    """

    text: str
    is_person: bool = False
    earlier: frozenset[str] = frozenset()


def identity_of(code: object, caller: str) -> CredentialOwner:
    """Who is behind a credential.

    Args:
        code: of the person, as the credential has it; what is no code names nobody.
        caller: whom the credential names besides: an account, or the key itself.
    """
    try:
        spelled = person_owner(code if isinstance(code, str) else "")
    except KeyNotAllowedError:
        return CredentialOwner(caller)
    text = spelled.lower()
    return CredentialOwner(text, is_person=True, earlier=frozenset((caller, spelled)) - {text})


def is_same_code(one: str, other: str) -> bool:
    """Whether two names are one where codes are compared: they differ by case or width at most."""
    return _folded(one) == _folded(other)


def account(issuer: str, subject: str) -> str:
    """Whom a token of this issuer and subject names."""
    return f"token\n{issuer}\n{subject}"


def code_of(owner: str | None) -> str | None:
    """The code of an owner that is a person, as it is spelled; None: it is none."""
    return owner.removeprefix(_PERSON) if owner and owner.startswith(_PERSON) else None


def person_owner(code: str) -> str:
    """The owner that is the person with this code: the operator's own name, as a staff number.

    It is written in half width (NFKC), and in the case in which it is given.

    Raises:
        KeyNotAllowedError: it is empty or not printable ASCII without blanks.
    """
    return _owner(_PERSON, _in_half_width(code))


def token_owner(issuer: str, subject: str) -> str:
    """The owner that is who has the access tokens of this issuer and subject (RFC 9068).

    Raises:
        KeyNotAllowedError: one of them is empty, or holds what no token of ours may hold.
    """
    if not is_visible(subject) or "\n" in subject:
        raise KeyNotAllowedError("an owner's subject is the `sub` of the tokens, on one line")
    return _owner("token\n", issuer, f"\n{subject}")


def _in_half_width(code: str) -> str:
    return normalize("NFKC", code) if len(code) <= OWNER_BYTES_MAX else code


def _folded(code: str) -> str:
    return _in_half_width(code).lower()


def _owner(kind: str, name: str, suffix: str = "") -> str:
    if not _CODE.fullmatch(name):
        raise KeyNotAllowedError("an owner is named by letters, digits and signs without blanks")
    owner = f"{kind}{name}{suffix}"
    if len(owner.encode()) > OWNER_BYTES_MAX:
        raise KeyNotAllowedError(f"an owner has at most {OWNER_BYTES_MAX} bytes")
    return owner
