"""One person and all that they may come with: a key, an access token, a session of the pages."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from api.auth import Scope
from api.demo.provider import PERSON_CLAIM
from api.settings.environment import JwtIssuer
from tests.doors.samples import SOURCE
from tests.pages.office import Office

AUDIENCE: Final = "https://ledger.example.jp"
NAME: Final = "https://tokens.example.jp"
_WIDE: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def wide(code: str) -> str:
    """The same code in full width."""
    return code.translate(_WIDE)


@dataclass(slots=True)
class Tokens:
    """An issuer of access tokens that tells who a person is by the claim of the pages."""

    folder: Path
    name: str = NAME
    _key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def issuer(self) -> JwtIssuer:
        """As the settings name it; its keys lie in a file."""
        told = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        file = self.folder / "jwks.json"
        file.write_text(json.dumps({"keys": [{**told, "kid": "k", "alg": "ES256", "use": "sig"}]}))
        return JwtIssuer(self.name, AUDIENCE, jwks_file=file)

    def token(self, subject: str, *scopes: Scope, **claims: object) -> str:
        """A token that is valid in all else."""
        at = int(time.time())
        stated: dict[str, object] = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": subject,
            "client_id": "desk",
            "iat": at,
            "exp": at + 3_600,
            "jti": secrets.token_hex(8),
            "scope": " ".join(scopes),
            "ledger_source": SOURCE,
            **claims,
        }
        return jwt.encode(stated, self._key, "ES256", {"kid": "k", "typ": "at+jwt"})

    def of_person(self, code: str, *scopes: Scope) -> str:
        """A token of the person with that code; of their account nothing can be told from it."""
        return self.token(f"account-{secrets.token_hex(4)}", *scopes, **{PERSON_CLAIM: code})


@dataclass(frozen=True, slots=True)
class Bearer:
    """What one person shows at the doors of the API, in each way and spelling.

    Attributes:
        code: of the person.
    """

    office: Office
    tokens: Tokens
    code: str
    scopes: tuple[Scope, ...]

    def all(self) -> Mapping[str, str]:
        """Way → credential."""
        return {
            "key": self.office.key(*self.scopes, owner=self.code, source=SOURCE),
            "key in capitals": self.office.key(
                *self.scopes, owner=self.code.upper(), source=SOURCE
            ),
            "token": self.tokens.of_person(self.code, *self.scopes),
            "token in capitals": self.tokens.of_person(self.code.upper(), *self.scopes),
            "token in full width": self.tokens.of_person(wide(self.code), *self.scopes),
        }
