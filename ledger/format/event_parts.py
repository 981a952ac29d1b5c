"""Facts and sealed records of the events that are not a transfer's, and back.

The members of an event are its fields under their own names. A day is `2026-11-24`, an id its
text, bytes are lower-case hex, and a value with several members is an object; what is None is
absent. In clear stand the members that the event's type may say in clear (`ledger.format.types`),
and all others are sealed.

Source: `docs/reference/event-format.md`, section 8.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from typing import Any, cast, get_args, get_origin
from uuid import UUID

from cattrs import Converter, override
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from ledger.cases.events.intake import CaseReceived
from ledger.emitters.events import MissingTransfer
from ledger.errors import CorruptRecordError
from ledger.exclusions.stored_events import exclusion_event_of, exclusion_parts_of
from ledger.format.events import (
    EXPIRY_COUNTS,
    CoverageDeclared,
    DayClosed,
    DirectiveLifted,
    DirectiveReceived,
    EmitterRegistered,
    Event,
    ExclusionsSealed,
    ExpiryPlanned,
    ExportProduced,
    HoldPlaced,
    NoticePublished,
    ReplyStored,
    ReviewSealed,
)
from ledger.format.types import TYPES
from ledger.policies.notice_changes import ChangeStatement, statement_of
from ledger.values import Json

Parts = tuple[dict[str, Json], dict[str, Json]]

_UNLESS_DEFAULT = override(omit_if_default=True)
_COUNTERPARTY = {"counterparty_party_id": override(rename="counterparty")}
OVERRIDES: Mapping[type, Mapping[str, Any]] = {
    DirectiveReceived: _COUNTERPARTY,
    DirectiveLifted: _COUNTERPARTY,
    DayClosed: {
        "id_hash": override(rename="hash"),
        **dict.fromkeys(("missing", "quarantined", "other_day", "named"), _UNLESS_DEFAULT),
    },
    ExportProduced: {"identifiers": _UNLESS_DEFAULT},
    HoldPlaced: {"principals": _UNLESS_DEFAULT},
    NoticePublished: dict.fromkeys(("stated", "changes"), _UNLESS_DEFAULT),
    # The pieces themselves are attached to the event (`ledger.format.event_writer`).
    ReplyStored: {"pieces": override(omit=True)},
}
"""Names of stored members that are not the field's, and fields that are absent at their default."""

FLAT: Mapping[type, str] = {
    CaseReceived: "application",
    CoverageDeclared: "registration",
    DayClosed: "registration",
    EmitterRegistered: "registration",
}
"""Fields whose members stand among those of the event."""

_SEALED: Mapping[str, frozenset[str]] = {DirectiveLifted.TYPE: frozenset({"kind"})}
"""Members that are sealed though the type may say them in clear."""


def _writer(cls: type[Any]) -> Callable[[object], dict[str, Json]]:
    write: Callable[[object], object] = make_dict_unstructure_fn(
        cls, _CONVERTER, **OVERRIDES.get(cls, {})
    )
    flat = FLAT.get(cls)

    def members(value: object) -> dict[str, Json]:
        written = cast("dict[str, Json]", write(value))
        if flat is not None:
            written |= cast("dict[str, Json]", written.pop(flat))
        return {name: one for name, one in written.items() if one is not None}

    return members


def _reader(cls: type[Any]) -> Callable[[Mapping[str, Json], type], object]:
    read: Callable[[Mapping[str, Json], type], object] = make_dict_structure_fn(
        cls, _CONVERTER, **OVERRIDES.get(cls, {})
    )
    flat = FLAT.get(cls)
    absent = dict.fromkeys(stored_name(cls, one) for one in fields(cls) if _may_be_none(one))

    def value(members: Mapping[str, Json], _: type) -> object:
        given = {**absent, **members}
        return read({**given, flat: given} if flat else given, cls)

    return value


def stored_name(cls: type, field: Field[Any]) -> str:
    """What the member of the field is called where it is stored."""
    override = OVERRIDES.get(cls, {}).get(field.name)
    return (override and override.rename) or field.name


def _may_be_none(field: Field[object]) -> bool:
    """Whether the field has no default and may be None: then it is absent, and still read."""
    no_default = field.default is MISSING and field.default_factory is MISSING
    return no_default and type(None) in get_args(field.type)


def _is_mapping(hint: object) -> bool:
    return get_origin(hint) is Mapping


_CONVERTER = Converter(detailed_validation=False)
_CONVERTER.register_unstructure_hook(date, date.isoformat)
_CONVERTER.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
_CONVERTER.register_unstructure_hook(UUID, str)
_CONVERTER.register_structure_hook(UUID, lambda text, _: UUID(text))
_CONVERTER.register_unstructure_hook(bytes, bytes.hex)
_CONVERTER.register_structure_hook(bytes, lambda text, _: bytes.fromhex(text))
_CONVERTER.register_unstructure_hook_func(_is_mapping, dict)
_CONVERTER.register_structure_hook_func(_is_mapping, lambda members, _: members)
_CONVERTER.register_unstructure_hook_factory(is_dataclass, _writer)
_CONVERTER.register_structure_hook_factory(is_dataclass, _reader)
_CONVERTER.register_unstructure_hook(MissingTransfer, lambda one: [one.source, one.id, one.found])
_CONVERTER.register_structure_hook(MissingTransfer, lambda one, _: MissingTransfer(*one))
_CONVERTER.register_unstructure_hook(ChangeStatement, ChangeStatement.members)
_CONVERTER.register_structure_hook(ChangeStatement, lambda members, _: statement_of(members))

CLASSES: Mapping[str, type[Any]] = {cls.TYPE: cls for cls in get_args(Event)}
"""Type of an event → its class."""


def other_parts_of(event: Event) -> Parts:
    """(facts in clear, sealed record) of `event`."""
    if isinstance(event, (ReviewSealed, ExclusionsSealed)):
        return exclusion_parts_of(event)
    members = cast("dict[str, Json]", _CONVERTER.unstructure(event))
    if isinstance(event, ExpiryPlanned):
        members["counts"] = {name: event.counts.get(name, 0) for name in EXPIRY_COUNTS}
    in_clear = TYPES[event.TYPE].facts.keys() - _SEALED.get(event.TYPE, frozenset())
    return (
        {name: value for name, value in members.items() if name in in_clear},
        {name: value for name, value in members.items() if name not in in_clear},
    )


def other_event_of(event_type: str, facts: Mapping[str, Json], record: Mapping[str, Json]) -> Event:
    """The event with these facts and this sealed record.

    Raises:
        CorruptRecordError: no such type.
    """
    if event_type in (ReviewSealed.TYPE, ExclusionsSealed.TYPE):
        return exclusion_event_of(event_type, record)
    cls = CLASSES.get(event_type)
    if cls is None:
        raise CorruptRecordError(f"no event type is called {event_type}")
    return cast("Event", _CONVERTER.structure({**facts, **record}, cls))
