"""The settings of the signed log; `api.settings` reads them with all others."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from api.environment import Environment
from ledger.crypto.notes import Verifier
from ledger.crypto.policy import Policy
from ledger.crypto.seed_signer import SeedSigner
from ledger.crypto.time_stamps import Authority


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Who signs the log, and where it lies. Without a key the log is not signed."""

    log_origin: str | None = None
    """Name of the signed log (`ledger.example.jp/main`: no scheme, no blank, no plus).

    Verifiers know it; it changes only when the log begins a new epoch. Source: C2SP
    tlog-checkpoint."""

    log_key: bytes | None = field(default=None, repr=False)
    """Ed25519 key that signs the log, 64 hex digits; `ledger log key` makes one. None: no log."""

    log_kms_url: str | None = None
    """Address of the transit engine of a key management service that signs the log in place of
    `LEDGER_LOG_KEY`: another engine than that of the epoch masters, whose keys are destroyed in
    turn. https only, or http on this machine itself."""

    log_kms_key: str | None = None
    """What that service calls the key; `ledger log kms-key` finds or makes it."""

    log_kms_token_file: Path | None = None
    """File of the token for `LEDGER_LOG_KMS_URL`; it is read at each use."""

    log_public_key: Verifier | None = None
    """The public key as verifiers are given it; what the service signs is held against it."""

    log_dir: Path | None = None
    """Folder of the log's tiles and newest checkpoint; None: `log-tiles` in the home of the
    embedded PostgreSQL. It holds hashes only and may be public. Source: C2SP tlog-tiles."""

    log_anchor: Path | None = None
    """File of the last checkpoint, on another disk than the database at best; None: `log-anchor` in
    that home. Behind it nothing is signed: keep it out of what a restore brings back."""

    log_s: float = 10.0
    """Seconds between two checkpoints while events arrive (0.1–3,600)."""

    log_witness_policy: Policy | None = None
    """File of the witnesses that are asked to cosign the log, and of how many must; None: nobody is
    asked. Source: C2SP tlog-policy."""

    log_witness_s: float = 60.0
    """Seconds between two looks whether a newer checkpoint is to be cosigned (0.1–86,400)."""

    log_tsa_url: str | None = None
    """Address of an authority that puts time stamps on the log's checkpoints; None: nobody is
    asked. https only, or http on this machine itself. Source: RFC 3161."""

    log_tsa_ca: Authority | None = None
    """File of the certificates, in PEM, to one of which its own must lead."""

    log_tsa_s: float = 3_600.0
    """Seconds between two time stamps at least (0.1–86,400)."""

    reply_proofs: bool = False
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


def read_log(read: Environment) -> dict[str, Any]:
    """The settings of the log by name; what is wrong is noted in `read`."""
    log = LogSettings(
        log_origin=read.log_origin("LEDGER_LOG_ORIGIN"),
        log_key=read.secret("LEDGER_LOG_KEY"),
        log_kms_url=read.signing_engine("LEDGER_LOG_KMS_URL", "LEDGER_KMS_URL"),
        log_kms_key=read.key_name("LEDGER_LOG_KMS_KEY"),
        log_kms_token_file=read.path("LEDGER_LOG_KMS_TOKEN_FILE"),
        log_public_key=read.public_key("LEDGER_LOG_PUBLIC_KEY"),
        log_dir=read.path("LEDGER_LOG_DIR"),
        log_anchor=read.path("LEDGER_LOG_ANCHOR"),
        log_s=read.number("LEDGER_LOG_S", 10.0, 0.1, 3_600.0),
        log_witness_policy=read.log_policy("LEDGER_LOG_WITNESS_POLICY"),
        log_witness_s=read.number("LEDGER_LOG_WITNESS_S", 60.0, 0.1, 86_400.0),
        log_tsa_url=read.url("LEDGER_LOG_TSA_URL"),
        log_tsa_ca=read.log_authority("LEDGER_LOG_TSA_CA"),
        log_tsa_s=read.number("LEDGER_LOG_TSA_S", 3_600.0, 0.1, 86_400.0),
        reply_proofs=read.flag("LEDGER_REPLY_PROOFS", default=False),
    )
    kept = {
        "LEDGER_LOG_KMS_URL": log.log_kms_url,
        "LEDGER_LOG_KMS_KEY": log.log_kms_key,
        "LEDGER_LOG_KMS_TOKEN_FILE": log.log_kms_token_file,
        "LEDGER_LOG_PUBLIC_KEY": log.log_public_key,
    }
    read.check_kept(log.log_key, kept)
    key = log.log_public_key if log.log_key is None else log.log_key
    read.check_log(log.log_origin, key)
    read.check_policy(log.log_witness_policy, log.log_verifier)
    read.check_authority(log.log_tsa_url, log.log_tsa_ca, has_log=log.log_verifier is not None)
    return {one.name: getattr(log, one.name) for one in fields(log)}
