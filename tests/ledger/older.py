"""Verdicts as they were given under the first reading of the law: its data in place of today's."""

from collections.abc import Generator
from contextlib import contextmanager

import pytest

from ledger.law import bases
from ledger.policies import duty
from tests.ledger.given import data


@contextmanager
def first_reading(patched: pytest.MonkeyPatch) -> Generator[None]:
    """What exempts the recipient freed the provider, too; and verdicts named no reading."""
    with patched.context() as older:
        older.setattr(duty, "READING", 1)
        older.setattr(bases, "RECIPIENT_ONLY", frozenset[str]())
        yield


def only_seen(*people: str, **changes: object) -> dict[str, object]:
    """A provision that the recipient only saw, without consent: lawful under the first reading."""
    given = {"basis": "on_behalf_of_principal", "exemption": "view_only", "consent": None}
    return data(*people, **(given | changes))
