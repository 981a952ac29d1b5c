"""Reads the issuers of access tokens."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from api.environment.values import Values, is_safe_url
from ledger.values import Json

ALGORITHMS = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
)
"""Signatures an issuer may use. No `none`, and no HS…: who can check those can also make them."""


@dataclass(frozen=True, slots=True)
class JwtIssuer:
    """Whose access tokens are accepted (RFC 9068).

    Attributes:
        issuer: the `iss` claim, compared as it stands.
        audience: what `aud` must contain.
        algorithms: accepted `alg` values, a subset of `ALGORITHMS`.
        jwks_url: where the keys are; without it and without `jwks_file`, the issuer's
            metadata document says so (RFC 8414, OpenID Connect Discovery).
        jwks_file: a key set on disk, for issuers that cannot be reached.
        source_claim: the claim that holds the source prefix of an emitter.
        bound: whether only tokens are accepted that are bound to a key pair (`cnf.jkt`, RFC 9449).
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    jwks_url: str | None = None
    jwks_file: Path | None = None
    source_claim: str = "ledger_source"
    bound: bool = False


class Issuers(Values):
    """Reads issuers."""

    def jwt_issuers(self, name: str) -> tuple[JwtIssuer, ...]:
        """A JSON list of objects with the members of `JwtIssuer`."""
        value = self.get(name)
        if value is None:
            return ()
        try:
            rows = cast("Json", json.loads(value))
        except ValueError:
            rows = None
        if not isinstance(rows, list):
            self.refuse(name, "expected a JSON list of issuers")
            return ()
        issuers = tuple(
            issuer
            for number, row in enumerate(rows)
            if (issuer := self._jwt_issuer(f"{name}[{number}]", row)) is not None
        )
        if len({issuer.issuer for issuer in issuers}) != len(issuers):
            self.refuse(name, "an issuer stands in the list twice")
        return issuers

    def _jwt_issuer(self, name: str, row: Json) -> JwtIssuer | None:
        members = {
            "issuer",
            "audience",
            "algorithms",
            "jwks_url",
            "jwks_file",
            "source_claim",
            "bound",
        }
        if not isinstance(row, Mapping) or not {"issuer", "audience"} <= row.keys() <= members:
            self.refuse(name, f"expected an object of {', '.join(sorted(members))}")
            return None
        texts = {member: row[member] for member in row.keys() - {"algorithms", "bound"}}
        algorithms = row.get("algorithms", ["RS256", "ES256"])
        if not isinstance(algorithms, list) or not algorithms:
            algorithms = [None]
        if any(not isinstance(text, str) or not text for text in texts.values()):
            self.refuse(name, "every member but algorithms and bound is a text")
            return None
        if not isinstance(bound := row.get("bound", False), bool):
            self.refuse(name, "bound: expected true or false")
            return None
        if any(algorithm not in ALGORITHMS for algorithm in algorithms):
            self.refuse(name, f"algorithms: expected some of {', '.join(sorted(ALGORITHMS))}")
            return None
        if {"jwks_url", "jwks_file"} <= texts.keys():
            self.refuse(name, "set either jwks_url or jwks_file")
            return None
        read = cast("dict[str, str]", texts)
        fetched = [] if "jwks_file" in read else [read.get("jwks_url", read["issuer"])]
        if not all(is_safe_url(url) for url in fetched):
            self.refuse(name, "keys are fetched by https, or by http from this machine itself")
            return None
        return JwtIssuer(
            issuer=read["issuer"],
            audience=read["audience"],
            algorithms=tuple(cast("list[str]", algorithms)),
            jwks_url=read.get("jwks_url"),
            jwks_file=Path(read["jwks_file"]) if "jwks_file" in read else None,
            source_claim=read.get("source_claim", "ledger_source"),
            bound=bound,
        )
