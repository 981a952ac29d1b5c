"""The typed view of a transfer: every field is made of the member of its name."""

from dataclasses import MISSING, fields
from typing import Any

import pytest

from api.contract import SCHEMA
from ledger.values import Anonymous, Counterparty, Json, Transfer, transfer_of
from tests.ledger.given import data

SEALED_ONLY = {"backfill"}
"""A member of the contract that no verdict asks for."""


def test_every_member_of_the_contract_has_its_field() -> None:
    named = {one.name for one in fields(Transfer)} - {"acquisition_stated"}
    assert set(SCHEMA["properties"]) - SEALED_ONLY == named


def test_a_member_that_is_absent_leaves_the_default() -> None:
    content = data("P1")
    typed = transfer_of(content)
    left_out = [one for one in fields(Transfer) if one.name not in content]
    assert len(left_out) > 20
    assert all(getattr(typed, one.name) == one.default for one in left_out)
    assert all(one.name in content for one in fields(Transfer) if one.default is MISSING)


@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("acquisition", None, None),
        ("transferred_to", None, None),
        ("notice_id", None, None),
        ("contract_missing_items", ["a", "a"], frozenset({"a"})),
        ("omitted_items", ["氏名"], ("氏名",)),
        ("supply_to_principal", False, False),
        ("safeguard_contract", False, False),
        ("backfill", {"source": "paper"}, None),
        (
            "anonymous",
            {"items_published": True, "stated_to_recipient": False},
            Anonymous(items_published=True, stated_to_recipient=False),
        ),
    ],
)
def test_a_member_gives_the_field_of_its_name(member: str, value: Any, field: Any) -> None:  # noqa: ANN401 -- as JSON says it
    typed = transfer_of({**data("P1"), member: value})
    assert getattr(typed, member, None) == field
    assert typed.acquisition_stated == (member == "acquisition")


def test_a_party_remembers_which_members_were_stated_as_unknown() -> None:
    party: dict[str, Json] = {"kind": "individual", "name": "見本 一郎", "address": None}
    assert transfer_of({**data("P1"), "counterparty": party}).counterparty == Counterparty(
        "individual", name="見本 一郎", unknown=frozenset({"address"})
    )
