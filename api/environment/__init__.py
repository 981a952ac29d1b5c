"""Reads the environment: single values, secrets and keys, issuers."""

from api.environment.issuers import ALGORITHMS, Issuers, JwtIssuer
from api.environment.keys import Keys
from api.environment.values import is_safe_url

__all__ = ["ALGORITHMS", "Environment", "JwtIssuer", "is_safe_url"]


class Environment(Issuers, Keys):
    """The environment, being read; see `api.environment.values.Values`."""
