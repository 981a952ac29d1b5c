"""Every setting, read once from the environment; nothing else reads the environment.

Names are `LEDGER_` and the field's name in capitals. A secret can also stand in a file:
`LEDGER_SECRET_FILE` in place of `LEDGER_SECRET`. All wrong values are named at once, by
their names only: a value may be a secret. `pydantic-settings` was weighed and left out: it
repeats wrong values in its errors, and a path to a secret file needs code either way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from api.environment import Environment, JwtIssuer, Role
from api.log_settings import LogSettings, read_log
from ledger.policies.identifiers import KINDS
from ledger.postgres.roles import PROJECTOR, PURGER, READER, WRITER

__all__ = ["JwtIssuer", "Settings", "SettingsError"]


class SettingsError(Exception):
    """The environment holds wrong values; the program does not start.

    Attributes:
        wrong: one sentence for each wrong setting, none of which repeats a value.
    """

    def __init__(self, wrong: tuple[str, ...]) -> None:
        super().__init__("wrong settings:\n" + "\n".join(f"  {line}" for line in wrong))
        self.wrong = wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(LogSettings):
    """The configuration of one process. Defaults suit one machine with the embedded PostgreSQL."""

    name: str = "provision-ledger"
    """Name of the ledger, 1–100 bytes; it enters every key and hash, so it never changes.

    Source: event format, notation."""

    home: Path | None = None
    """Folder of the embedded PostgreSQL; None: the usual place of this user's data."""

    database_url: str | None = field(default=None, repr=False)
    """`postgresql://…` of a PostgreSQL ≥ 15; without this and the four below the embedded one in
    `home` is started.

    It is the login that owns the database. Alone it serves, too, and gives up that whoever runs SQL
    of their own in one process has no more rights than that process. It may hold a password, so it
    can also stand in the file of `LEDGER_DATABASE_URL_FILE`."""

    database_url_writer: str | None = field(default=None, repr=False)
    """The same database through a login of the role `ledger_writer` alone. Where this and the next
    three are set, what serves uses them and no other login; `LEDGER_DATABASE_URL` is then for
    `ledger migrate`, API keys, backup and restore, which make the logins that are missing."""

    database_url_projector: str | None = field(default=None, repr=False)
    """The same of `ledger_projector`."""

    database_url_purger: str | None = field(default=None, repr=False)
    """The same of `ledger_purger`."""

    database_url_reader: str | None = field(default=None, repr=False)
    """The same of `ledger_reader`."""

    database_answer_s_max: float = 30.0
    """Seconds for which a request waits for one answer of a database that is there and says
    nothing (1–600); then it is 503, and so is every other until the database answers again."""

    journal_dir: Path | None = None
    """Folder of the erasure journal, on another disk than the database at best; None: `journal` in
    the home of the embedded PostgreSQL. With an outer database nothing is destroyed without it."""

    secret: bytes | None = field(default=None, repr=False)
    """The ledger secret, 32 bytes, written as 64 hex digits. Source: event format, section 4."""

    epoch_masters: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)
    """One epoch master by its name, which then never changes: for trying things out.

    Set this, `epoch_master_dir` or `kms_url`. Source: event format, section 5."""

    epoch_master_dir: Path | None = None
    """Folder of epoch masters: a file an epoch, named after it (`2026-W48`), 64 hex digits each.

    It is read at each use; the newest week wraps new keys, and `ledger keys rotate` makes it."""

    kms_url: str | None = None
    """Address of the transit engine of a key management service that keeps the epoch masters.

    It speaks the HTTP interface of Vault's transit engine (`https://kms.example.jp/v1/transit`).
    https only, or http on this machine itself."""

    kms_token_file: Path | None = None
    """File of the token for `kms_url`; it is read at each use."""

    kms_s_max: float = 5.0
    """Seconds that one answer of the key management service may take (0.1–60)."""

    escrow_recipient: str | None = None
    """Public key (`age1…`) of who can recover the ledger secret and the epoch masters."""

    escrow_dir: Path | None = None
    """Folder of their escrow copies: on another mount than they themselves."""

    backup_horizon_days: int = 35
    """Days for which backups and WAL files are kept (1–3,650); older epoch masters are destroyed.

    Source: event format, section 5."""

    retention_window_days: int = 14
    """Days between the plan that names a key and its destruction by the daily job (0–14).

    Source: event format, section 5."""

    retention_expires: bool = True
    """`true` lets the daily job destroy what is due; `false` leaves that to a person."""

    no_record_years: int = 3
    """Years for which a stop or a link outlives its newest event without any record (1–30)."""

    exclusions_kib: int = 8
    """Size in KiB of each event that tells what is excluded under Order 11 (8–4,096).

    It is only ever raised: a lower value than before has no effect. Source: event format,
    section 6."""

    even_answers_ms: int = 50
    """Milliseconds of the grid on which answers about records leave (0–1,000; 0: at once).

    How long one took must not tell what is excluded. Source: event format, section 6."""

    jwt_issuers: tuple[JwtIssuer, ...] = ()
    """Who may issue access tokens: JSON list of objects with the members of `JwtIssuer`."""

    jwt_leeway_s: int = 30
    """Seconds by which an issuer's clock may differ (0–300)."""

    api_key_cache_s: int = 30
    """Seconds for which a process remembers a key or token (1–30): so long a revoked one lives."""

    api_key_days: int = 365
    """Days for which a new API key is valid unless its maker says otherwise (1–3,650)."""

    items_per_request_max: int = 1_000
    """Items in one request (1–1,000). Source: end points of transfers and events."""

    body_bytes_max: int = 5 * 1024 * 1024
    """Bytes in one request's body (1 KiB–64 MiB); 5 MiB is the documented limit of a batch."""

    bulk_part_bytes_max: int = 256 * 1024 * 1024
    """Bytes of one part of a bulk transfer, as it is before compression (1 MiB–4 GiB)."""

    bulk_uploads_max: int = 20
    """Bulk transfers of one sender that take parts at the same time (1–1,000)."""

    emitter_late_hours: int = 24
    """Hours without a heartbeat or transfer after which an emitter is late (1–720)."""

    identifier_kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    """Kinds of identifiers of this operator's platforms, besides `member`, `contract`, `phone`,
    `email`, `email_hash` and `account`: a JSON object of scheme → what pages and letters call it.
    One of those six may be called otherwise, too.

    That nobody was found is said after a search by two kinds that the ledger knows."""

    projection_wait_s: float = 5.0
    """Seconds that a reader waits for the projection before 503 (0–60)."""

    projection_lag_s_max: float = 60.0
    """Seconds by which the projection may be behind before `/health/ready` fails (1–86,400)."""

    api_url: str | None = None
    """Origin of the API as callers see it (`https://ledger.example.jp`); None: that of the pages. A
    proof of possession (RFC 9449) names it: where neither is set, keys and tokens that are bound to
    a key pair open nothing. https only, or http on this machine itself."""

    pages_url: str | None = None
    """Origin of the officers' pages as browsers see it (`https://ledger.example.jp`); None: there
    are no pages. https only, or http on this machine itself."""

    oidc_issuer: str | None = None
    """The provider of identities (OpenID Connect) at which officers sign in to the pages."""

    oidc_client_id: str | None = None
    """What the pages are called at that provider."""

    oidc_client_secret: str | None = field(default=None, repr=False)
    """Their secret there; None: the provider knows them as a public client (PKCE alone)."""

    oidc_roles: Mapping[str, tuple[Role, ...]] = field(default_factory=dict[str, tuple[Role, ...]])
    """Which roles the values of the role claim stand for: a JSON object of value → list of roles.

    Whoever has none of them is not let in."""

    oidc_role_claim: str = "groups"
    """The claim of the ID token that says what a person is: a text, or a list of texts."""

    oidc_person_claim: str | None = None
    """The claim, of ID tokens and access tokens alike, that holds the person's code, the one that
    `ledger keys create` takes as `--person`: whatever they come with, one person is one actor. The
    pages need it; an access token without it neither writes nor approves a case. The person must
    not be able to change it."""

    session_idle_minutes: int = 30
    """Minutes without a request after which a session of the pages ends (5–480)."""

    session_hours_max: int = 12
    """Hours after which a session of the pages ends in any case (1–24)."""

    officer_name_days: int = 400
    """Days after their last sign-in for which colleagues are told somebody's name (1–3,650); what
    is kept already keeps the days of its sign-in."""

    proof_minutes_max: int = 30
    """Minutes for which a proof of identity is good for what asks for a fresh one (1–720)."""

    health_check_s_max: float = 2.0
    """Seconds that one readiness check may take (0.05–30)."""

    metrics_on_loopback: bool = False
    """`true` lets a direct caller on the loopback interface read `/metrics` without a key."""

    http_host: str = "127.0.0.1"
    """Address to listen at. (Not `LEDGER_PORT`: Kubernetes sets that name by itself.)"""

    http_port: int = 8000
    """TCP port to listen at (0–65535; 0 takes a free one)."""

    http_workers: int = 1
    """Web processes that share the address (1–64); about one a core."""

    http_pinned: bool = True
    """`true` keeps each web process on a core of its own: its threads share one interpreter and its
    objects, and moving between cores costs a sixth of the rate. `false` where several ledgers, or
    other programs that are pinned, share the cores."""

    stop_s_max: int = 10
    """Seconds that running requests get to finish when the server is told to end (0–300)."""

    log_level: str = "INFO"
    """`DEBUG`, `INFO`, `WARNING` or `ERROR`: the least level that is logged."""

    unknown_names: tuple[str, ...] = ()
    """Names in the environment that begin with `LEDGER_` and mean nothing: report them at start."""

    @property
    def database_logins(self) -> Mapping[str, str] | None:
        """Role that serves → its connection string; None: none was set."""
        urls = self.role_databases
        return {role: url for role, url in urls.items() if url is not None} or None

    @property
    def role_databases(self) -> Mapping[str, str | None]:
        """Role that serves → what is set for it."""
        return {
            WRITER: self.database_url_writer,
            PROJECTOR: self.database_url_projector,
            PURGER: self.database_url_purger,
            READER: self.database_url_reader,
        }

    @property
    def has_outer_database(self) -> bool:
        """Whether the database is somebody else's server, and not the embedded one."""
        return self.database_url is not None or self.database_logins is not None

    @property
    def kinds(self) -> Mapping[str, str]:
        """Scheme → what pages and letters call it: those of every ledger, and the operator's."""
        return {**KINDS, **self.identifier_kinds}

    @property
    def issuers(self) -> frozenset[str]:
        """Whose tokens say who somebody is: the issuers of access tokens, and the provider."""
        named = {one.issuer for one in self.jwt_issuers}
        provider = None if self.pages_url is None else self.oidc_issuer
        return frozenset(named if provider is None else named | {provider})

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read every setting.

        Raises:
            SettingsError: names every wrong value at once.
        """
        log = read_log(read := Environment(environment))
        return cls(
            name=read.text("LEDGER_NAME", "provision-ledger", bytes_max=100),
            home=read.path("LEDGER_HOME"),
            database_url=read.database_url("LEDGER_DATABASE_URL"),
            database_url_writer=read.database_url("LEDGER_DATABASE_URL_WRITER"),
            database_url_projector=read.database_url("LEDGER_DATABASE_URL_PROJECTOR"),
            database_url_purger=read.database_url("LEDGER_DATABASE_URL_PURGER"),
            database_url_reader=read.database_url("LEDGER_DATABASE_URL_READER"),
            database_answer_s_max=read.number("LEDGER_DATABASE_ANSWER_S_MAX", 30.0, 1.0, 600.0),
            journal_dir=read.path("LEDGER_JOURNAL_DIR"),
            secret=read.secret("LEDGER_SECRET"),
            epoch_masters=read.epoch_masters("LEDGER_EPOCH_MASTER"),
            epoch_master_dir=read.epoch_folder("LEDGER_EPOCH_MASTER_DIR"),
            kms_url=read.url("LEDGER_KMS_URL"),
            kms_token_file=read.path("LEDGER_KMS_TOKEN_FILE"),
            kms_s_max=read.number("LEDGER_KMS_S_MAX", 5.0, 0.1, 60.0),
            escrow_recipient=read.recipient("LEDGER_ESCROW_RECIPIENT"),
            escrow_dir=read.path("LEDGER_ESCROW_DIR"),
            backup_horizon_days=read.whole("LEDGER_BACKUP_HORIZON_DAYS", 35, 1, 3_650),
            retention_window_days=read.whole("LEDGER_RETENTION_WINDOW_DAYS", 14, 0, 14),
            retention_expires=read.flag("LEDGER_RETENTION_EXPIRES", default=True),
            no_record_years=read.whole("LEDGER_NO_RECORD_YEARS", 3, 1, 30),
            exclusions_kib=read.whole("LEDGER_EXCLUSIONS_KIB", 8, 8, 4_096),
            even_answers_ms=read.whole("LEDGER_EVEN_ANSWERS_MS", 50, 0, 1_000),
            jwt_issuers=read.jwt_issuers("LEDGER_JWT_ISSUERS"),
            jwt_leeway_s=read.whole("LEDGER_JWT_LEEWAY_S", 30, 0, 300),
            api_key_cache_s=read.whole("LEDGER_API_KEY_CACHE_S", 30, 1, 30),
            api_key_days=read.whole("LEDGER_API_KEY_DAYS", 365, 1, 3_650),
            items_per_request_max=read.whole("LEDGER_ITEMS_PER_REQUEST_MAX", 1_000, 1, 1_000),
            body_bytes_max=read.whole("LEDGER_BODY_BYTES_MAX", 5 << 20, 1 << 10, 64 << 20),
            bulk_part_bytes_max=read.whole(
                "LEDGER_BULK_PART_BYTES_MAX", 256 << 20, 1 << 20, 4 << 30
            ),
            bulk_uploads_max=read.whole("LEDGER_BULK_UPLOADS_MAX", 20, 1, 1_000),
            emitter_late_hours=read.whole("LEDGER_EMITTER_LATE_HOURS", 24, 1, 720),
            identifier_kinds=read.identifier_kinds("LEDGER_IDENTIFIER_KINDS"),
            projection_wait_s=read.number("LEDGER_PROJECTION_WAIT_S", 5.0, 0.0, 60.0),
            projection_lag_s_max=read.number("LEDGER_PROJECTION_LAG_S_MAX", 60.0, 1.0, 86_400.0),
            api_url=read.origin("LEDGER_API_URL"),
            pages_url=read.origin("LEDGER_PAGES_URL"),
            oidc_issuer=read.url("LEDGER_OIDC_ISSUER"),
            oidc_client_id=read.optional_text("LEDGER_OIDC_CLIENT_ID"),
            oidc_client_secret=read.secret_text("LEDGER_OIDC_CLIENT_SECRET"),
            oidc_roles=read.roles("LEDGER_OIDC_ROLES"),
            oidc_role_claim=read.text("LEDGER_OIDC_ROLE_CLAIM", "groups", bytes_max=100),
            oidc_person_claim=read.optional_text("LEDGER_OIDC_PERSON_CLAIM"),
            session_idle_minutes=read.whole("LEDGER_SESSION_IDLE_MINUTES", 30, 5, 480),
            session_hours_max=read.whole("LEDGER_SESSION_HOURS_MAX", 12, 1, 24),
            officer_name_days=read.whole("LEDGER_OFFICER_NAME_DAYS", 400, 1, 3_650),
            proof_minutes_max=read.whole("LEDGER_PROOF_MINUTES_MAX", 30, 1, 720),
            health_check_s_max=read.number("LEDGER_HEALTH_CHECK_S_MAX", 2.0, 0.05, 30.0),
            metrics_on_loopback=read.flag("LEDGER_METRICS_ON_LOOPBACK", default=False),
            http_host=read.text("LEDGER_HTTP_HOST", "127.0.0.1", bytes_max=255),
            http_port=read.whole("LEDGER_HTTP_PORT", 8000, 0, 65_535),
            http_workers=read.whole("LEDGER_HTTP_WORKERS", 1, 1, 64),
            http_pinned=read.flag("LEDGER_HTTP_PINNED", default=True),
            stop_s_max=read.whole("LEDGER_STOP_S_MAX", 10, 0, 300),
            log_level=read.choice(
                "LEDGER_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")
            ),
            unknown_names=read.unknown_names(),
            **log,
        ).checked(read)

    def checked(self, read: Environment) -> Self:
        """These settings, when nothing was wrong and they go together.

        Raises:
            SettingsError: names every wrong value at once.
        """
        read.check_people(self.pages_url, self.issuers)
        read.check_logins(self.database_url, self.role_databases)
        if read.wrong:
            raise SettingsError(tuple(read.wrong))
        return self
