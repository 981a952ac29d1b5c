"""Verdicts as they were given under the first reading of the law: its data in place of today's."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date

import pytest

from ledger.law import bases
from ledger.policies import duty, opt_out
from tests.ledger.given import data


@contextmanager
def first_reading(patched: pytest.MonkeyPatch) -> Generator[None]:
    """What exempts the recipient freed the provider, too; and verdicts named no reading."""
    with patched.context() as older:
        older.setattr(duty, "READING", 1)
        older.setattr(bases, "RECIPIENT_ONLY", frozenset[str]())
        yield


@contextmanager
def second_reading(patched: pytest.MonkeyPatch) -> Generator[None]:
    """What is new since 2022-04-01 was asked of what was over by then, too."""
    with patched.context() as older:
        older.setattr(duty, "READING", 2)
        older.setattr(duty, "PSEUDONYMOUS_SINCE", date.min)
        older.setattr(opt_out, "OPT_OUT_PROVISO_SINCE", date.min)
        yield


def only_seen(*people: str, **changes: object) -> dict[str, object]:
    """A provision that the recipient only saw, without consent: lawful under the first reading."""
    given = {"basis": "on_behalf_of_principal", "exemption": "view_only", "consent": None}
    return data(*people, **(given | changes))
