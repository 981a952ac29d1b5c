"""A transfer as it stands, as its sender would state it: the record and the persons in it."""

from ledger.transfers.transfer import State
from ledger.values import Json, PrincipalRef


def transfer_data(state: State) -> dict[str, Json]:
    """The transfer as it stands, with the persons whose lines live. Requires a living record."""
    assert state.record is not None, "the record's key lives"
    data: dict[str, Json] = {**state.record.data}
    if state.lines:
        lines = [line for _, line in sorted(state.lines.items())]
        data["principals"] = [principal_data(line.principal) for line in lines]
    return data


def principal_data(principal: PrincipalRef) -> Json:
    """A person as a transfer states them."""
    data: dict[str, Json] = {"scheme": principal.scheme, "id": principal.id}
    if principal.name is not None:
        data["name"] = principal.name
    return data
