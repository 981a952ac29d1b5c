"""The settings of the signed log; `api.settings` reads them with all others."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Who signs the log, and where it lies. Without a key the log is not signed."""

    log_origin: str | None = None
    """Name of the signed log (`ledger.example.jp/main`: no scheme, no blank, no plus).

    Verifiers know it; it changes only when the log begins a new epoch. Source: C2SP
    tlog-checkpoint."""

    log_key: bytes | None = field(default=None, repr=False)
    """Ed25519 key that signs the log, 64 hex digits; `ledger log key` makes one. None: no log."""

    log_dir: Path | None = None
    """Folder of the log's tiles and newest checkpoint; None: `log-tiles` in the home of the
    embedded PostgreSQL. It holds hashes only and may be public. Source: C2SP tlog-tiles."""

    log_anchor: Path | None = None
    """File of the last checkpoint, on another disk than the database at best; None: `log-anchor` in
    that home. Behind it nothing is signed: keep it out of what a restore brings back."""

    log_s: float = 10.0
    """Seconds between two checkpoints while events arrive (0.1–3,600)."""
