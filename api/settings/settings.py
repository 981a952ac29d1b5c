"""Every setting, read once from the environment; nothing else reads the environment.

Names are `LEDGER_` and the field's name in capitals. A secret can also stand in a file:
`LEDGER_SECRET_FILE` in place of `LEDGER_SECRET`. All wrong values are named at once, by
their names only: a value may be a secret. `pydantic-settings` was weighed and left out: it
repeats wrong values in its errors, a path to a secret file needs code either way, and processes
that have no web server would load pydantic (13 MB each) for it alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from psycopg.conninfo import conninfo_to_dict

from api.settings.environment import (
    Environment,
    JwtIssuer,
    Role,
    SettingReader,
    age_recipient,
    choice,
    epoch_master,
    flag,
    hex_secret,
    hidden_text,
    integer,
    issuer_list,
    kind_names,
    master_folder,
    number,
    postgres_url,
    role_lists,
    safe_origin,
    safe_url,
    text,
)
from api.settings.log import LogSettings, check_log
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


_Login = Annotated[str | None, SettingReader(postgres_url, in_file=True)]
_Place = Annotated[Path | None, SettingReader(Path)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(LogSettings):
    """The configuration of one process. Defaults suit one machine with the embedded PostgreSQL."""

    name: Annotated[str, text(100)] = "provision-ledger"
    """Name of the ledger, 1–100 bytes; it enters every key and hash, so it never changes.

    Source: event format, notation."""

    home: _Place = None
    """Folder of the embedded PostgreSQL; None: the usual place of this user's data."""

    database_url: _Login = field(default=None, repr=False)
    """`postgresql://…` of a PostgreSQL ≥ 15; without this and the four below the embedded one in
    `home` is started.

    It is the login that owns the database. Alone it serves, too, and gives up that whoever runs SQL
    of their own in one process has no more rights than that process. It may hold a password, so it
    can also stand in the file of `LEDGER_DATABASE_URL_FILE`."""

    database_url_writer: _Login = field(default=None, repr=False)
    """The same database through a login of the role `ledger_writer` alone. Where this and the next
    three are set, what serves uses them and no other login; `LEDGER_DATABASE_URL` is then for
    `ledger migrate`, API keys, backup and restore, which make the logins that are missing."""

    database_url_projector: _Login = field(default=None, repr=False)
    """The same of `ledger_projector`."""

    database_url_purger: _Login = field(default=None, repr=False)
    """The same of `ledger_purger`."""

    database_url_reader: _Login = field(default=None, repr=False)
    """The same of `ledger_reader`."""

    database_answer_s_max: Annotated[float, number(1.0, 600.0)] = 30.0
    """Seconds for which a request waits for one answer of a database that is there and says
    nothing (1–600); then it is 503, and so is every other until the database answers again."""

    journal_dir: _Place = None
    """Folder of the erasure journal, on another disk than the database at best; None: `journal` in
    the home of the embedded PostgreSQL. With an outer database nothing is destroyed without it."""

    secret: Annotated[bytes | None, SettingReader(hex_secret, in_file=True)] = field(
        default=None, repr=False
    )
    """The ledger secret, 32 bytes, written as 64 hex digits. Source: event format, section 4."""

    epoch_masters: Annotated[
        Mapping[str, bytes], SettingReader(epoch_master, name="LEDGER_EPOCH_MASTER")
    ] = field(default_factory=dict[str, bytes], repr=False)
    """One epoch master by its name, which then never changes: for trying things out.

    Set this, `epoch_master_dir` or `kms_url`. Source: event format, section 5."""

    epoch_master_dir: Annotated[Path | None, SettingReader(master_folder)] = None
    """Folder of epoch masters: a file an epoch, named after it (`2026-W48`), 64 hex digits each.

    It is read at each use; the newest week wraps new keys, and `ledger keys rotate` makes it."""

    kms_url: Annotated[str | None, SettingReader(safe_url)] = None
    """Address of the transit engine of a key management service that keeps the epoch masters.

    It speaks the HTTP interface of Vault's transit engine (`https://kms.example.jp/v1/transit`).
    https only, or http on this machine itself."""

    kms_token_file: _Place = None
    """File of the token for `kms_url`; it is read at each use."""

    kms_s_max: Annotated[float, number(0.1, 60.0)] = 5.0
    """Seconds that one answer of the key management service may take (0.1–60)."""

    escrow_recipient: Annotated[str | None, SettingReader(age_recipient)] = None
    """Public key (`age1…`) of who can recover the ledger secret and the epoch masters."""

    escrow_dir: _Place = None
    """Folder of their escrow copies: on another mount than they themselves."""

    backup_horizon_days: Annotated[int, integer(1, 3_650)] = 35
    """Days for which backups and WAL files are kept (1–3,650); older epoch masters are destroyed.

    Source: event format, section 5."""

    retention_window_days: Annotated[int, integer(0, 14)] = 14
    """Days between the plan that names a key and its destruction by the daily job (0–14).

    Source: event format, section 5."""

    retention_expires: Annotated[bool, SettingReader(flag)] = True
    """`true` lets the daily job destroy what is due; `false` leaves that to a person."""

    no_record_years: Annotated[int, integer(1, 30)] = 3
    """Years for which a stop or a link outlives its newest event without any record (1–30)."""

    exclusions_kib: Annotated[int, integer(8, 4_096)] = 8
    """Size in KiB of each event that tells what is excluded under Order 11 (8–4,096).

    It is only ever raised: a lower value than before has no effect. Source: event format,
    section 6."""

    even_answers_ms: Annotated[int, integer(0, 1_000)] = 50
    """Milliseconds of the grid on which answers about records leave (0–1,000; 0: at once).

    How long one took must not tell what is excluded. Source: event format, section 6."""

    jwt_issuers: Annotated[tuple[JwtIssuer, ...], SettingReader(issuer_list)] = ()
    """Who may issue access tokens: JSON list of objects with the members of `JwtIssuer`."""

    jwt_leeway_s: Annotated[int, integer(0, 300)] = 30
    """Seconds by which an issuer's clock may differ (0–300)."""

    api_key_cache_s: Annotated[int, integer(1, 30)] = 30
    """Seconds for which a process remembers a key or token (1–30): so long a revoked one lives."""

    api_key_days: Annotated[int, integer(1, 3_650)] = 365
    """Days for which a new API key is valid unless its maker says otherwise (1–3,650)."""

    items_per_request_max: Annotated[int, integer(1, 1_000)] = 1_000
    """Items in one request (1–1,000). Source: end points of transfers and events."""

    body_bytes_max: Annotated[int, integer(1 << 10, 64 << 20)] = 5 << 20
    """Bytes in one request's body (1 KiB–64 MiB); 5 MiB is the documented limit of a batch."""

    bulk_part_bytes_max: Annotated[int, integer(1 << 20, 4 << 30)] = 256 << 20
    """Bytes of one part of a bulk transfer, as it is before compression (1 MiB–4 GiB)."""

    bulk_uploads_max: Annotated[int, integer(1, 1_000)] = 20
    """Bulk transfers of one sender that take parts at the same time (1–1,000)."""

    emitter_late_hours: Annotated[int, integer(1, 720)] = 24
    """Hours without a heartbeat or transfer after which an emitter is late (1–720)."""

    identifier_kinds: Annotated[Mapping[str, str], SettingReader(kind_names)] = field(
        default_factory=dict[str, str]
    )
    """Kinds of identifiers of this operator's platforms, besides `member`, `contract`, `phone`,
    `email`, `email_hash` and `account`: a JSON object of scheme → what pages and letters call it.
    One of those six may be called otherwise, too.

    That nobody was found is said after a search by two kinds that the ledger knows."""

    projection_wait_s: Annotated[float, number(0.0, 60.0)] = 5.0
    """Seconds that a reader waits for the projection before 503 (0–60)."""

    projection_lag_s_max: Annotated[float, number(1.0, 86_400.0)] = 60.0
    """Seconds by which the projection may be behind before `/health/ready` fails (1–86,400)."""

    api_url: Annotated[str | None, SettingReader(safe_origin)] = None
    """Origin of the API as callers see it (`https://ledger.example.jp`); None: that of the pages. A
    proof of possession (RFC 9449) names it: where neither is set, keys and tokens that are bound to
    a key pair open nothing. https only, or http on this machine itself."""

    pages_url: Annotated[str | None, SettingReader(safe_origin)] = None
    """Origin of the officers' pages as browsers see it (`https://ledger.example.jp`); None: there
    are no pages. https only, or http on this machine itself."""

    oidc_issuer: Annotated[str | None, SettingReader(safe_url)] = None
    """The provider of identities (OpenID Connect) at which officers sign in to the pages."""

    oidc_client_id: Annotated[str | None, text(1_024, "optional_text")] = None
    """What the pages are called at that provider."""

    oidc_client_secret: Annotated[str | None, SettingReader(hidden_text, in_file=True)] = field(
        default=None, repr=False
    )
    """Their secret there; None: the provider knows them as a public client (PKCE alone)."""

    oidc_roles: Annotated[Mapping[str, tuple[Role, ...]], SettingReader(role_lists)] = field(
        default_factory=dict[str, tuple[Role, ...]]
    )
    """Which roles the values of the role claim stand for: a JSON object of value → list of roles.

    Whoever has none of them is not let in."""

    oidc_role_claim: Annotated[str, text(100)] = "groups"
    """The claim of the ID token that says what a person is: a text, or a list of texts."""

    oidc_person_claim: Annotated[str | None, text(1_024, "optional_text")] = None
    """The claim, of ID tokens and access tokens alike, that holds the person's code, the one that
    `ledger keys create` takes as `--person`: whatever they come with, one person is one actor. The
    pages need it; an access token without it neither writes nor approves a case. The person must
    not be able to change it."""

    session_idle_minutes: Annotated[int, integer(5, 480)] = 30
    """Minutes without a request after which a session of the pages ends (5–480)."""

    session_hours_max: Annotated[int, integer(1, 24)] = 12
    """Hours after which a session of the pages ends in any case (1–24)."""

    officer_name_days: Annotated[int, integer(1, 3_650)] = 400
    """Days after their last sign-in for which colleagues are told somebody's name (1–3,650); what
    is kept already keeps the days of its sign-in."""

    proof_minutes_max: Annotated[int, integer(1, 720)] = 30
    """Minutes for which a proof of identity is good for what asks for a fresh one (1–720)."""

    health_check_s_max: Annotated[float, number(0.05, 30.0)] = 2.0
    """Seconds that one readiness check may take (0.05–30)."""

    metrics_on_loopback: Annotated[bool, SettingReader(flag)] = False
    """`true` lets a direct caller on the loopback interface read `/metrics` without a key."""

    http_host: Annotated[str, text(255)] = "127.0.0.1"
    """Address to listen at. (Not `LEDGER_PORT`: Kubernetes sets that name by itself.)"""

    http_port: Annotated[int, integer(0, 65_535)] = 8000
    """TCP port to listen at (0–65535; 0 takes a free one)."""

    http_workers: Annotated[int, integer(1, 64)] = 1
    """Web processes that share the address (1–64); about one a core."""

    http_pinned: Annotated[bool, SettingReader(flag)] = True
    """`true` keeps each web process on a core of its own: its threads share one interpreter and its
    objects, and moving between cores costs a sixth of the rate. `false` where several ledgers, or
    other programs that are pinned, share the cores."""

    stop_s_max: Annotated[int, integer(0, 300)] = 10
    """Seconds that running requests get to finish when the server is told to end (0–300)."""

    log_level: Annotated[str, choice("DEBUG", "INFO", "WARNING", "ERROR")] = "INFO"
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
        read = Environment(environment)
        values = read.read_all(cls)
        found = cls(**values, unknown_names=read.unknown_names())
        check_log(found, read)
        found._check_logins(read)
        found._check_people(read)
        if read.wrong:
            raise SettingsError(tuple(read.wrong))
        return found

    def _check_logins(self, read: Environment) -> None:
        """Each role has a login of its own, or none has; all of them lead to one database."""
        if self.database_logins is None:
            return
        owner = self.database_url
        users = {conninfo_to_dict(owner).get("user")} if owner else set[object]()
        places = {_server(url) for url in (owner, *self.role_databases.values()) if url}
        for role, url in self.role_databases.items():
            name = f"LEDGER_DATABASE_URL_{role.removeprefix('ledger_').upper()}"
            if url is None:
                # A value that was refused is named already.
                if not any(line.startswith(name) for line in read.wrong):
                    read.refuse(name, "each role needs a login where one of them has its own")
                continue
            user = conninfo_to_dict(url).get("user")
            if user is None or user in users:
                read.refuse(name, "expected a user of its own: each role, and the owner, another")
            users.add(user)
        if len(places) > 1:
            read.refuse("LEDGER_DATABASE_URL_WRITER", "all logins lead to one database")

    def _check_people(self, read: Environment) -> None:
        """The pages have what they need, and nobody can be two persons."""
        claim = "LEDGER_OIDC_PERSON_CLAIM"
        if read.get(claim) == "sub" and len(self.issuers) > 1:
            read.refuse(
                claim,
                "`sub` is a name at one issuer only, and there are several: one person would be as"
                " many; name a claim that holds the same code at all of them",
            )
        if self.pages_url is None:
            return
        for name in ("LEDGER_OIDC_ISSUER", "LEDGER_OIDC_CLIENT_ID", "LEDGER_OIDC_ROLES"):
            if read.get(name) is None:
                read.refuse(name, "the pages (LEDGER_PAGES_URL) need it")
        if read.get(claim) is None:
            read.refuse(
                claim,
                "the pages (LEDGER_PAGES_URL) need it: without the code that keys and tokens name a"
                " person by, one person could prepare on the pages and approve by a key",
            )


def _server(url: str) -> tuple[object, ...]:
    parts = conninfo_to_dict(url)
    return tuple(parts.get(name) for name in ("host", "hostaddr", "port", "dbname"))
