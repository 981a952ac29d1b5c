"""The settings of the signed log; `api.settings.settings` reads them with all others."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from api.settings.environment import (
    Environment,
    SettingReader,
    authority_file,
    flag,
    hex_secret,
    key_name,
    log_name,
    number,
    policy_file,
    safe_url,
    verifier_key,
)
from ledger.crypto.notes import Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.crypto.time_stamps import Authority

_Place = Annotated[Path | None, SettingReader(Path)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Who signs the log, and where it lies. Without a key the log is not signed."""

    log_origin: Annotated[str | None, SettingReader(log_name)] = None
    """Name of the signed log (`ledger.example.jp/main`: no scheme, no blank, no plus).

    Verifiers know it; it changes only when the log begins a new epoch. Source: C2SP
    tlog-checkpoint."""

    log_key: Annotated[bytes | None, SettingReader(hex_secret, in_file=True)] = field(
        default=None, repr=False
    )
    """Ed25519 key that signs the log, 64 hex digits; `ledger log key` makes one. None: no log."""

    log_kms_url: Annotated[str | None, SettingReader(safe_url)] = None
    """Address of the transit engine of a key management service that signs the log in place of
    `LEDGER_LOG_KEY`: another engine than that of the epoch masters, whose keys are destroyed in
    turn. https only, or http on this machine itself."""

    log_kms_key: Annotated[str | None, SettingReader(key_name)] = None
    """What that service calls the key; `ledger log kms-key` finds or makes it."""

    log_kms_token_file: _Place = None
    """File of the token for `LEDGER_LOG_KMS_URL`; it is read at each use."""

    log_public_key: Annotated[Verifier | None, SettingReader(verifier_key)] = None
    """The public key as verifiers are given it; what the service signs is held against it."""

    log_dir: _Place = None
    """Folder of the log's tiles and newest checkpoint; None: `log-tiles` in the home of the
    embedded PostgreSQL. It holds hashes only and may be public. Source: C2SP tlog-tiles."""

    log_anchor: _Place = None
    """File of the last checkpoint, on another disk than the database at best; None: `log-anchor` in
    that home. Behind it nothing is signed: keep it out of what a restore brings back."""

    log_s: Annotated[float, number(0.1, 3_600.0)] = 10.0
    """Seconds between two checkpoints while events arrive (0.1–3,600)."""

    log_witness_policy: Annotated[Policy | None, SettingReader(policy_file)] = None
    """File of the witnesses that are asked to cosign the log, and of how many must; None: nobody is
    asked. Source: C2SP tlog-policy."""

    log_witness_s: Annotated[float, number(0.1, 86_400.0)] = 60.0
    """Seconds between two looks whether a newer checkpoint is to be cosigned (0.1–86,400)."""

    log_tsa_url: Annotated[str | None, SettingReader(safe_url)] = None
    """Address of an authority that puts time stamps on the log's checkpoints; None: nobody is
    asked. https only, or http on this machine itself. Source: RFC 3161."""

    log_tsa_ca: Annotated[Authority | None, SettingReader(authority_file)] = None
    """File of the certificates, in PEM, to one of which its own must lead."""

    log_tsa_s: Annotated[float, number(0.1, 86_400.0)] = 3_600.0
    """Seconds between two time stamps at least (0.1–86,400)."""

    reply_proofs: Annotated[bool, SettingReader(flag)] = False
    """`true` puts a proof into the files of a reply on a medium. Its headers tell in clear how many
    persons a transfer names and how large its sealed record is, and show the pseudonym of whoever
    recorded it: first read what counsel should say. Source: log format."""

    @property
    def log_verifier(self) -> Verifier | None:
        """The key by which anybody verifies the log; None: it is not signed."""
        if self.log_origin is None:
            return None
        if self.log_key is not None:
            return SeedSigner(self.log_origin, self.log_key).verifier
        return self.log_public_key


def check_engine(url: str | None, read: Environment) -> None:
    """Note in `read` where the engine that signs the log is that of the epoch masters.

    Those are listed and destroyed in turn; a key among them would die with them.
    """
    other = read.get("LEDGER_KMS_URL")
    if url is not None and other is not None and _engine(url) == _engine(other):
        read.refuse("LEDGER_LOG_KMS_URL", "name another engine than that of the epoch masters")


def _engine(url: str) -> tuple[str | None, str]:
    """What two addresses of one engine have in common, however they are written."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, url
    return parts.hostname, parts.path.strip("/")


def check_log(log: LogSettings, read: Environment) -> None:
    """Note in `read` what is missing, and what does not go together."""
    _check_key(log, read)
    verifier, policy = log.log_verifier, log.log_witness_policy
    if policy is not None and verifier is None:
        read.refuse("LEDGER_LOG_WITNESS_POLICY", "there is no signed log: see LEDGER_LOG_ORIGIN")
    elif policy is not None and policy.logs and verifier not in policy.logs:
        read.refuse("LEDGER_LOG_WITNESS_POLICY", "its log lines name other logs than this one")
    if (log.log_tsa_url is None) != (log.log_tsa_ca is None):
        missing = "LEDGER_LOG_TSA_URL" if log.log_tsa_url is None else "LEDGER_LOG_TSA_CA"
        read.refuse(missing, "time stamps need an address and the certificates behind it")
    elif log.log_tsa_url is not None and verifier is None:
        read.refuse("LEDGER_LOG_TSA_URL", "there is no signed log: see LEDGER_LOG_ORIGIN")


def _check_key(log: LogSettings, read: Environment) -> None:
    check_engine(log.log_kms_url, read)
    kept = {
        "LEDGER_LOG_KMS_URL": log.log_kms_url,
        "LEDGER_LOG_KMS_KEY": log.log_kms_key,
        "LEDGER_LOG_KMS_TOKEN_FILE": log.log_kms_token_file,
        "LEDGER_LOG_PUBLIC_KEY": log.log_public_key,
    }
    if any(value is not None for value in kept.values()):
        if log.log_key is not None:
            read.refuse("LEDGER_LOG_KEY", f"set either it or {', '.join(kept)}")
        for name in kept:
            if read.get(name) is None:
                read.refuse(name, f"a service that signs the log needs {', '.join(kept)}")
    key = log.log_public_key if log.log_key is None else log.log_key
    if (log.log_origin is None) != (key is None):
        missing = "LEDGER_LOG_ORIGIN" if log.log_origin is None else "LEDGER_LOG_KEY"
        read.refuse(missing, "the log has a name and a key, or neither")
    elif isinstance(key, Verifier) and key.name != log.log_origin:
        read.refuse("LEDGER_LOG_PUBLIC_KEY", "its name is another than LEDGER_LOG_ORIGIN")
