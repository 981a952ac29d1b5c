"""Reads the name of the signed log."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from api.environment.values import Values, is_safe_url
from ledger.crypto.notes import KeyType, Verifier
from ledger.crypto.policy import Policy, PolicyError
from ledger.crypto.time_stamps import Authority
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import is_origin

_KEY_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
ORIGIN_MAX: Final = 200
"""Characters."""


class SigningLog(Values):
    """Reads what the signed log needs besides its key."""

    def log_origin(self, name: str) -> str | None:
        """The name of a log, as a checkpoint may bear it."""
        value = self.get(name)
        if value is not None and not (
            is_origin(value) and len(value) <= ORIGIN_MAX and value.isascii()
        ):
            self.refuse(name, "expected a name as ledger.example.jp/main, without blank or plus")
            return None
        return value

    def signing_engine(self, name: str, masters: str) -> str | None:
        """The address of an engine that is not that of the epoch masters, `masters`.

        Those are listed and destroyed in turn; a key among them would die with them.
        """
        value, other = self.url(name), self.get(masters)
        if value is not None and other is not None and _place(value) == _place(other):
            self.refuse(name, "name another engine than that of the epoch masters")
            return None
        return value

    def key_name(self, name: str) -> str | None:
        """What a key management service may call a key."""
        value = self.get(name)
        if value is not None and not _KEY_NAME.fullmatch(value):
            self.refuse(name, "expected 1 to 100 letters, digits, dots, hyphens and underscores")
            return None
        return value

    def public_key(self, name: str) -> Verifier | None:
        """A key as verifiers are given it."""
        value = self.get(name)
        try:
            found = None if value is None else Verifier.read(value)
        except CorruptRecordError:
            found = None
        if value is not None and (found is None or found.type is not KeyType.ED25519):
            self.refuse(name, "expected the line that `ledger log kms-key` prints")
            return None
        return found

    def check_kept(self, key: bytes | None, kept: Mapping[str, object]) -> None:
        """Note what is missing where a service keeps the key, by the names of its settings."""
        missing = [name for name, value in kept.items() if value is None]
        if len(missing) == len(kept):
            return
        if key is not None:
            self.refuse("LEDGER_LOG_KEY", f"set either it or {', '.join(kept)}")
        for name in missing:
            if self.get(name) is None:  # else its own line says what is wrong
                self.refuse(name, f"a service that signs the log needs {', '.join(kept)}")

    def check_log(self, origin: str | None, key: bytes | Verifier | None) -> None:
        """Note what is missing, when the log is to be signed; `key` or who verifies it."""
        if (origin is None) != (key is None):
            missing = "LEDGER_LOG_ORIGIN" if origin is None else "LEDGER_LOG_KEY"
            self.refuse(missing, "the log has a name and a key, or neither")
        elif isinstance(key, Verifier) and key.name != origin:
            self.refuse("LEDGER_LOG_PUBLIC_KEY", "its name is another than LEDGER_LOG_ORIGIN")

    def log_policy(self, name: str) -> Policy | None:
        """The policy in the file that `name` names; witnesses with an address suffice for it."""
        file = self.get(name)
        if file is None:
            return None
        try:
            found = Policy.read(Path(file).read_bytes())
        except OSError:
            self.refuse(name, "the file cannot be read")
            return None
        except PolicyError as error:
            self.refuse(name, str(error))
            return None
        asked = {one.name: one.url for one in found.witnesses.values() if one.url is not None}
        if not all(map(is_safe_url, asked.values())):
            self.refuse(name, "witnesses are asked by https, or by http on this machine itself")
        if not found.is_met(asked):
            self.refuse(name, "the witnesses that have an address do not suffice for the quorum")
        return found

    def check_policy(self, policy: Policy | None, log: Verifier | None) -> None:
        """Note when the policy is about other logs, or when there is no log to cosign."""
        name = "LEDGER_LOG_WITNESS_POLICY"
        if policy is None:
            return
        if log is None:
            self.refuse(name, "there is no signed log: see LEDGER_LOG_ORIGIN")
        elif policy.logs and log not in policy.logs:
            self.refuse(name, "its log lines name other logs than this one")

    def log_authority(self, name: str) -> Authority | None:
        """The certificates in the file that `name` names."""
        file = self.get(name)
        if file is None:
            return None
        try:
            return Authority.read(Path(file).read_bytes())
        except OSError:
            self.refuse(name, "the file cannot be read")
        except CorruptRecordError:
            self.refuse(name, "expected a file of certificates in PEM")
        return None

    def check_authority(
        self, url: str | None, authority: Authority | None, *, has_log: bool
    ) -> None:
        """Note when an authority is asked and not known, or when there is no log to stamp."""
        if (url is None) != (authority is None):
            missing = "LEDGER_LOG_TSA_URL" if url is None else "LEDGER_LOG_TSA_CA"
            self.refuse(missing, "time stamps need an address and the certificates behind it")
        elif url is not None and not has_log:
            self.refuse("LEDGER_LOG_TSA_URL", "there is no signed log: see LEDGER_LOG_ORIGIN")


def _place(url: str) -> tuple[str | None, str]:
    """What two addresses of one engine have in common, however they are written."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, url
    return parts.hostname, parts.path.strip("/")
