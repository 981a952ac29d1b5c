"""Reads the name of the signed log."""

from pathlib import Path
from typing import Final

from api.environment.values import Values, is_safe_url
from ledger.crypto.policy import Policy, PolicyError
from ledger.crypto.signing import SeedSigner
from ledger.crypto.time_stamps import Authority
from ledger.errors import CorruptRecordError
from ledger.merkle.checkpoint import is_origin

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

    def check_log(self, origin: str | None, key: bytes | None) -> None:
        """Note what is missing, when the log is to be signed."""
        if (origin is None) != (key is None):
            missing = "LEDGER_LOG_ORIGIN" if origin is None else "LEDGER_LOG_KEY"
            self.refuse(missing, "the log has a name and a key, or neither")

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

    def check_policy(self, policy: Policy | None, origin: str | None, key: bytes | None) -> None:
        """Note when the policy is about other logs, or when there is no log to cosign."""
        name = "LEDGER_LOG_WITNESS_POLICY"
        if policy is None:
            return
        if origin is None or key is None:
            self.refuse(name, "there is no signed log: see LEDGER_LOG_ORIGIN")
        elif policy.logs and SeedSigner(origin, key).verifier not in policy.logs:
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
        self, url: str | None, authority: Authority | None, key: bytes | None
    ) -> None:
        """Note when an authority is asked and not known, or when there is no log to stamp."""
        if (url is None) != (authority is None):
            missing = "LEDGER_LOG_TSA_URL" if url is None else "LEDGER_LOG_TSA_CA"
            self.refuse(missing, "time stamps need an address and the certificates behind it")
        elif url is not None and key is None:
            self.refuse("LEDGER_LOG_TSA_URL", "there is no signed log: see LEDGER_LOG_ORIGIN")
