"""The words of the domain as frozen values.

`Transfer` is the typed view of one transfer as a platform states it (`transfer.schema.json`). It is
made by `transfer_of` from data that the contract has accepted; the data itself, as received, stays
the truth that is sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NewType, cast

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

CheckedTransfer = NewType("CheckedTransfer", Mapping[str, Json])
"""One transfer as received, accepted by the contract. Only `api.contract` should produce these."""


@dataclass(frozen=True, slots=True)
class PrincipalRef:
    """One principal (本人) as the sending platform identifies the person."""

    scheme: str
    id: str
    name: str | None = None


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
    stated_null = frozenset(
        key for key in ("address", "representative") if key in data and data[key] is None
    )
    return Counterparty(
        kind=cast("str", data["kind"]),
        party_id=_text(data.get("party_id")),
        name=_text(data.get("name")),
        address=_text(data.get("address")),
        representative=_text(data.get("representative")),
        country=cast("str", data.get("country", "JP")),
        corporate_number=_text(data.get("corporate_number")),
        equivalent_measures=bool(data.get("equivalent_measures")),
        unknown=stated_null,
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


def transfer_of(data: Mapping[str, Json]) -> Transfer:
    """The typed view of a checked transfer."""
    get = data.get
    consent = get("consent")
    anonymous = get("anonymous")
    principals = cast("list[dict[str, Json]]", get("principals") or [])
    return Transfer(
        direction=cast("str", data["direction"]),
        basis=cast("str", data["basis"]),
        method=cast("str", data["method"]),
        counterparty=counterparty_of(cast("dict[str, Json]", data["counterparty"])),
        items=_texts(data["items"]),
        principals=tuple(principal_of(one) for one in principals),
        transferred_on=_day(get("transferred_on")),
        transferred_from=_day(get("transferred_from")),
        transferred_to=_day(get("transferred_to")),
        date_not_recorded=bool(get("date_not_recorded")),
        recorded_on=_day(get("recorded_on")),
        exemption=_text(get("exemption")),
        special_care=bool(get("special_care")),
        data_kind=cast("str", get("data_kind", "personal_data")),
        consent=consent_of(consent) if isinstance(consent, dict) else None,
        acquisition=_text(get("acquisition")),
        acquisition_stated="acquisition" in data,
        opt_out_published=cast("bool | None", get("opt_out_published")),
        contract_reference=_text(get("contract_reference")),
        contract_missing_items=frozenset(_texts(get("contract_missing_items"))),
        supply_to_principal=bool(get("supply_to_principal", True)),
        purpose=_text(get("purpose")),
        notice_id=_text(get("notice_id")),
        series_id=_text(get("series_id")),
        base_record=_text(get("base_record")),
        omitted_items=_texts(get("omitted_items")),
        acquired_by=_text(get("acquired_by")),
        acquired_unlawfully=bool(get("acquired_unlawfully")),
        derived_from=_texts(get("derived_from")),
        acquired_as_personal_data=bool(get("acquired_as_personal_data", True)),
        use_beyond_entrustment=bool(get("use_beyond_entrustment")),
        succession_stage=_text(get("succession_stage")),
        safeguard_contract=cast("bool | None", get("safeguard_contract")),
        anonymous=Anonymous(
            bool(anonymous["items_published"]), bool(anonymous["stated_to_recipient"])
        )
        if isinstance(anonymous, dict)
        else None,
        delivery=_text(get("delivery")),
    )
