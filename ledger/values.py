"""The words of the domain as frozen values.

`Transfer` is the typed view of one transfer as a platform states it (`transfer.schema.json`). It is
made by `transfer_of` from data that the contract has accepted; the data itself, as received, stays
the truth that is sealed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NewType, cast

from ledger.fast_init import fast_init

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

CheckedTransfer = NewType("CheckedTransfer", Mapping[str, Json])
"""One transfer as received, accepted by the contract. Only `api.contract` should produce these."""


@fast_init
@dataclass(frozen=True, slots=True)
class PrincipalRef:
    """One principal (本人) as the sending platform identifies the person."""

    scheme: str
    id: str
    name: str | None = None


@fast_init
@dataclass(frozen=True, slots=True)
class Counterparty:
    """The other party as it was at the time of the transfer (Rules 20, 24, 28).

    `address` and `representative` are None both when stated as unknown (null) and when absent;
    `unknown` names the members that were stated as null.
    """

    kind: str
    party_id: str | None = None
    name: str | None = None
    address: str | None = None
    representative: str | None = None
    country: str = "JP"
    corporate_number: str | None = None
    equivalent_measures: bool = False
    unknown: frozenset[str] = frozenset()


@fast_init
@dataclass(frozen=True, slots=True)
class Consent:
    """Consent of the principal (Rules 20(1)(ii), 24(1)(ii)(iii), 28(1)(i))."""

    obtained: bool
    at: datetime | None = None
    evidence: str | None = None
    foreign_information: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Publication and statement for anonymously processed information (Art. 43(4), 44)."""

    items_published: bool
    stated_to_recipient: bool


@fast_init
@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer, typed; days are days in Japan. Members as in `transfer.schema.json`.

    `transferred_to` None with `transferred_from` set: the series is still open.
    `acquisition_stated` tells a stated null (asked, not obtained) from an absent member.
    """

    direction: str
    basis: str
    method: str
    counterparty: Counterparty
    items: tuple[str, ...]
    principals: tuple[PrincipalRef, ...] = ()
    transferred_on: date | None = None
    transferred_from: date | None = None
    transferred_to: date | None = None
    date_not_recorded: bool = False
    recorded_on: date | None = None
    exemption: str | None = None
    special_care: bool = False
    data_kind: str = "personal_data"
    consent: Consent | None = None
    acquisition: str | None = None
    acquisition_stated: bool = False
    opt_out_published: bool | None = None
    contract_reference: str | None = None
    contract_missing_items: frozenset[str] = frozenset()
    supply_to_principal: bool = True
    purpose: str | None = None
    notice_id: str | None = None
    series_id: str | None = None
    base_record: str | None = None
    omitted_items: tuple[str, ...] = ()
    acquired_by: str | None = None
    acquired_unlawfully: bool = False
    derived_from: tuple[str, ...] = ()
    acquired_as_personal_data: bool = True
    use_beyond_entrustment: bool = False
    succession_stage: str | None = None
    safeguard_contract: bool | None = None
    anonymous: Anonymous | None = None
    delivery: str | None = None

    @property
    def first_day(self) -> date | None:
        """The day, or the first day of the period; None when it was not recorded."""
        return self.transferred_on or self.transferred_from

    @property
    def last_day(self) -> date | None:
        """The day, or the last day of the period; None when open or not recorded."""
        return self.transferred_on or self.transferred_to

    def is_over_before(self, since: date, recorded_on: date) -> bool:
        """Whether the transfer, or its whole period, was over before `since`.

        Args:
            recorded_on: stands in for an unknown day.
        """
        is_open = self.first_day is not None and self.last_day is None
        return not is_open and (self.last_day or recorded_on) < since


def _day(value: Json) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(cast("list[str]", value)) if value else ()


def principal_of(data: Mapping[str, Json]) -> PrincipalRef:
    """The principal that `data` (an element of `principals`) states."""
    return PrincipalRef(
        cast("str", data["scheme"]), cast("str", data["id"]), _text(data.get("name"))
    )


def counterparty_of(data: Mapping[str, Json]) -> Counterparty:
    """The counterparty that `data` states."""
    stated_null = [key for key in ("address", "representative") if data.get(key, "") is None]
    return Counterparty(
        kind=cast("str", data["kind"]),
        party_id=_text(data.get("party_id")),
        name=_text(data.get("name")),
        address=_text(data.get("address")),
        representative=_text(data.get("representative")),
        country=cast("str", data.get("country", "JP")),
        corporate_number=_text(data.get("corporate_number")),
        equivalent_measures=bool(data.get("equivalent_measures")),
        unknown=frozenset(stated_null),
    )


def consent_of(data: Mapping[str, Json]) -> Consent:
    """The consent that `data` states; `at` is an RFC 3339 instant with an offset."""
    at = data.get("at")
    return Consent(
        obtained=bool(data["obtained"]),
        at=datetime.fromisoformat(at) if isinstance(at, str) else None,
        evidence=_text(data.get("evidence")),
        foreign_information=frozenset(_texts(data.get("foreign_information"))),
    )


def days_of(data: Mapping[str, Json]) -> tuple[date | None, date | None]:
    """`first_day` and `last_day` of the transfer that `data` states, without the rest of it."""
    on = _day(data.get("transferred_on"))
    if on is not None:
        return on, on
    return _day(data.get("transferred_from")), _day(data.get("transferred_to"))


def _unchanged(value: Any) -> Any:  # noqa: ANN401 -- what the contract has checked already
    return value


def _principals(value: Json) -> tuple[PrincipalRef, ...]:
    return tuple([principal_of(one) for one in cast("list[dict[str, Json]]", value or [])])


def _consent(value: Json) -> Consent | None:
    return consent_of(value) if isinstance(value, dict) else None


def _anonymous(value: Json) -> Anonymous | None:
    if not isinstance(value, dict):
        return None
    return Anonymous(bool(value["items_published"]), bool(value["stated_to_recipient"]))


def _codes(value: Json) -> frozenset[str]:
    return frozenset(_texts(value))


_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "direction": _unchanged,
    "basis": _unchanged,
    "method": _unchanged,
    "counterparty": counterparty_of,
    "items": _texts,
    "principals": _principals,
    "transferred_on": _day,
    "transferred_from": _day,
    "transferred_to": _day,
    "date_not_recorded": bool,
    "recorded_on": _day,
    "exemption": _text,
    "special_care": bool,
    "data_kind": _unchanged,
    "consent": _consent,
    "acquisition": _text,
    "opt_out_published": _unchanged,
    "contract_reference": _text,
    "contract_missing_items": _codes,
    "supply_to_principal": bool,
    "purpose": _text,
    "notice_id": _text,
    "series_id": _text,
    "base_record": _text,
    "omitted_items": _texts,
    "acquired_by": _text,
    "acquired_unlawfully": bool,
    "derived_from": _texts,
    "acquired_as_personal_data": bool,
    "use_beyond_entrustment": bool,
    "succession_stage": _text,
    "safeguard_contract": _unchanged,
    "anonymous": _anonymous,
    "delivery": _text,
}
"""Member → what makes the field of that name of it; without the member the default stands."""


def transfer_of(data: Mapping[str, Json]) -> Transfer:
    """The typed view of a checked transfer."""
    # Of the members that are there, which are few, and not of all that there might be.
    fields = {name: _FIELDS[name](value) for name, value in data.items() if name in _FIELDS}
    return Transfer(**fields, acquisition_stated="acquisition" in data)


def without_principals(data: Mapping[str, Json]) -> Mapping[str, Json]:
    """The members of a transfer that are not about persons."""
    return {key: value for key, value in data.items() if key != "principals"}
