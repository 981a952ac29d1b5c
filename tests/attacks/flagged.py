"""One record with findings, on its page and on each of its forms."""

from collections.abc import Mapping
from typing import Final

from tests.pages.office import Office
from tests.pages.watching import recorded

FORMS: Final[Mapping[str, Mapping[str, object]]] = {
    "": {"look_reason": "inspection"},
    "/correction": {"consent_obtained": "true", "reason": "同意書が見つかった"},
    "/person": {"doing": "add", "scheme": "member", "id": "CNRY-M-ADDED", "reason": "申込書の確認"},
    "/basis": {"basis": "none", "reason": "同意書がなかった"},
    "/retraction": {"retraction": "duplicate", "confirmed": "on", "reason": "二度送られた"},
    "/settlement": {"action": "stopped", "reason": "提供を止めた"},
}
"""End of the address of a page → what makes its form complete."""


def flagged(office: Office, end: str) -> str:
    """The address of the page of a record that nobody agreed to."""
    transfer = recorded(office, consent={"obtained": False})["transfer"]
    return f"/desk/exceptions/{transfer}{end}"
