"""Reads how officers sign in to the pages."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, Literal, cast, get_args
from urllib.parse import urlsplit

from api.environment.values import Values
from ledger.values import Json

Role = Literal["reception", "officer", "approver", "chief", "auditor", "emitter_keeper", "operator"]
"""What a person is at the desk. Source: the officer's flow, section 3.7."""

ROLES: Final = cast("tuple[Role, ...]", get_args(Role))

TEXT_BYTES_MAX: Final = 1_024
_PERSON_CLAIM: Final = "LEDGER_OIDC_PERSON_CLAIM"
_TOGETHER: Final = ("LEDGER_OIDC_ISSUER", "LEDGER_OIDC_CLIENT_ID", "LEDGER_OIDC_ROLES")


class SigningIn(Values):
    """Reads the settings of sign-in."""

    def origin(self, name: str) -> str | None:
        """The origin of an address, without a path: https, or http on this machine itself."""
        value = self.url(name)
        if value is None:
            return None
        parts = urlsplit(value)
        if value.rstrip("/") != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
            self.refuse(name, "expected an origin, https://HOST, without a path")
            return None
        return value.rstrip("/")

    def optional_text(self, name: str) -> str | None:
        """A printable text of 1 to `TEXT_BYTES_MAX` bytes, or nothing."""
        return None if self.get(name) is None else self.text(name, "", bytes_max=TEXT_BYTES_MAX)

    def secret_text(self, name: str) -> str | None:
        """A text, from `name` or from the file that `name`_FILE names."""
        value, file = self.get(name), self.get(f"{name}_FILE")
        if value is not None and file is not None:
            self.refuse(name, f"set either {name} or {name}_FILE")
            return None
        if file is not None:
            try:
                value = Path(file).read_text("utf-8").strip()
            except (OSError, ValueError):
                self.refuse(f"{name}_FILE", "the file cannot be read")
                return None
        if value is not None and (not value.isprintable() or not value):
            self.refuse(name, "expected printable text")
            return None
        return value

    def roles(self, name: str) -> Mapping[str, tuple[Role, ...]]:
        """A JSON object: value of the role claim → list of roles."""
        value = self.get(name)
        if value is None:
            return {}
        try:
            rows = cast("Json", json.loads(value))
        except ValueError:
            rows = None
        if not isinstance(rows, dict) or not rows or not all(map(_is_roles, rows.values())):
            self.refuse(name, f"expected a JSON object of value → list of {', '.join(ROLES)}")
            return {}
        return {group: tuple(cast("list[Role]", named)) for group, named in rows.items()}

    def check_people(self, pages_url: str | None, issuers: Collection[str]) -> None:
        """Note what the pages lack, and where one person could be named twice.

        Args:
            issuers: of ID tokens and access tokens, each once.
        """
        if self.get(_PERSON_CLAIM) == "sub" and len(issuers) > 1:
            self.refuse(
                _PERSON_CLAIM,
                "`sub` is a name at one issuer only, and there are several: one person would be as"
                " many; name a claim that holds the same code at all of them",
            )
        if pages_url is None:
            return
        for name in _TOGETHER:
            if self.get(name) is None:
                self.refuse(name, "the pages (LEDGER_PAGES_URL) need it")
        if self.get(_PERSON_CLAIM) is None:
            self.refuse(
                _PERSON_CLAIM,
                "the pages (LEDGER_PAGES_URL) need it: without the code that keys and tokens name a"
                " person by, one person could prepare on the pages and approve by a key",
            )


def _is_roles(named: Json) -> bool:
    return isinstance(named, list) and bool(named) and all(one in ROLES for one in named)
