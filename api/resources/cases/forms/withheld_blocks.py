"""What is withheld, as the form of 回答内容の確認 holds it: blocks of records for one reason.

Rows are ticked in the table and become a block; a block has its ground, its reason, and the items
that it is about. The table may have pages: a block holds its records whatever page is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from api.web.pages.forms import Form
from ledger.cases.events.case import CaseDecided
from ledger.values import Json

BLOCKS_MAX: Final = 12
"""Blocks of one form; each has some forty fields, and a form has a bound."""
_PARTS: Final = ("ground", "reason", "item", "cause")
_WORDS: Final = {
    "record": "記録",
    "ground": "根拠",
    "reason": "理由",
    "items": "項目",
    "causes": "事由",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Records that are withheld on one ground and for one reason.

    Attributes:
        items: what of them is withheld; empty for the whole of each.
        causes: what the reason rests on.
    """

    records: tuple[UUID, ...]
    ground: str = ""
    reason: str = ""
    items: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


def blocks_of(form: Form) -> tuple[Block, ...]:
    """The blocks of a form, in their order; what is no record of ours is passed over."""
    return tuple(
        Block(
            tuple(uuids_of(records)),
            form.text(field_of(number, "ground")),
            form.text(field_of(number, "reason")),
            form.texts(field_of(number, "item")),
            form.texts(field_of(number, "cause")),
        )
        for number, records in enumerate(form.texts("block")[:BLOCKS_MAX], 1)
    )


def uuids_of(text: str) -> Iterator[UUID]:
    """The records that a hidden field holds."""
    for one in text.split():
        try:
            yield UUID(one)
        except ValueError:
            continue


def field_of(number: int, part: str) -> str:
    """What a field of a block is called; blocks are numbered from 1."""
    return f"block_{number}_{part}"


def label_of(number: int, part: str) -> str:
    """The same as a person reads it."""
    return f"不開示{number}の{_WORDS.get(part, part)}"


def labels(blocks: Sequence[Block]) -> dict[str, str]:
    """Field → what it is called, of every block."""
    return {
        field_of(number, part): label_of(number, part)
        for number in range(1, len(blocks) + 1)
        for part in _WORDS
    }


def fields_of(blocks: Sequence[Block]) -> dict[str, tuple[str, ...]]:
    """The blocks as the fields of a form."""
    fields: dict[str, tuple[str, ...]] = {
        "block": tuple(" ".join(record.hex for record in one.records) for one in blocks)
    }
    for number, one in enumerate(blocks, 1):
        fields[field_of(number, "ground")] = (one.ground,)
        fields[field_of(number, "reason")] = (one.reason,)
        fields[field_of(number, "item")] = one.items
        fields[field_of(number, "cause")] = one.causes
    return fields


def without_blocks(form: Form) -> dict[str, tuple[str, ...]]:
    """The other fields of a form."""
    return {name: one for name, one in form.fields.items() if not name.startswith("block")}


def blocks_decided(decision: CaseDecided) -> tuple[Block, ...]:
    """What a decision withholds, as blocks, in its order."""
    found: dict[Block, list[UUID]] = {}
    for one in decision.withheld:
        key = Block((), one.ground, one.reason, one.items, one.causes)
        found.setdefault(key, []).append(one.record)
    return tuple(replace(key, records=tuple(records)) for key, records in found.items())


def added(blocks: Sequence[Block], records: Sequence[UUID]) -> tuple[Block, ...]:
    """The blocks with another one of these records."""
    return (*blocks, Block(tuple(records)))


def body(blocks: Sequence[Block]) -> list[Json]:
    """What is withheld, as the API's endpoint takes it."""
    return [
        {
            "record": str(record),
            "ground": one.ground,
            "reason": one.reason,
            "items": list(one.items),
            "causes": list(one.causes),
        }
        for one in blocks
        for record in one.records
    ]


def missing(blocks: Sequence[Block]) -> dict[str, str]:
    """What must be there before a decision is made at all."""
    wrong: dict[str, str] = {}
    for number, one in enumerate(blocks, 1):
        if not one.ground:
            wrong[field_of(number, "ground")] = "根拠を選んでください。"
        if not one.reason:
            wrong[field_of(number, "reason")] = "書面に記載する理由を入力してください。"
    return wrong


def fields_by_pointer(blocks: Sequence[Block]) -> dict[str, str]:
    """Pointer → field, of the members of a decision."""
    found = {"medium_agreement": "agreed_on", "medium_agreement/how": "agreed_how"}
    owners = [number for number, one in enumerate(blocks, 1) for _ in one.records]
    for n, number in enumerate(owners):
        found[f"withheld/{n}"] = field_of(number, "record")
        found |= {f"withheld/{n}/{part}": field_of(number, part) for part in _WORDS}
    return found
