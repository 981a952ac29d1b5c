"""Reads the environment: single values, secrets, keys, issuers, who signs in and who signs."""

from api.environment.issuers import ALGORITHMS, Issuers, JwtIssuer
from api.environment.keys import KeyValues
from api.environment.kinds import Kinds
from api.environment.log_signer import SigningLog
from api.environment.logins import DatabaseLogins
from api.environment.sign_in import ROLES, Role, SigningIn
from api.environment.values import is_safe_url

__all__ = ["ALGORITHMS", "ROLES", "Environment", "JwtIssuer", "Role", "is_safe_url"]


class Environment(Issuers, KeyValues, Kinds, DatabaseLogins, SigningIn, SigningLog):
    """The environment, being read; see `api.environment.values.Values`."""
