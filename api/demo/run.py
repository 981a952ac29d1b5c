"""The demo from start to end: a home, a ledger with demo keys, the year, the table, `ready`."""

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from random import Random
from typing import Final, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.container import Container
from api.demo import evidence, keys, tables, year_sender
from api.demo.log import await_cosigned, begin_log, witnessed_log
from api.demo.people import HERO, people
from api.demo.plan import Planned, Send, requests
from api.demo.provider import CLIENT_ID, IDENTITIES, PERSON_CLAIM, ROLES, DemoProvider
from api.demo.year import DAYS, mistakes, year
from api.observability import configure
from api.server.application import served
from api.server.daily_job import EXPORTS_POLL_S, keep_producing
from api.server.local_ledger import await_ready, is_ready, running, supervise
from api.server.secrets import secrets_of
from api.server.signals import StopSignal
from api.server.supervisor import POLL_S, ProcessEndedError, listening_socket, url_of
from api.server.web import web_server
from api.settings.settings import Settings
from api.web.pages.words import CLOCKS, MISTAKE_NEXT, MISTAKES, REQUESTERS, STATES
from ledger.cases.case import CaseStatus
from ledger.clock import JAPAN, day_in_japan, now
from ledger.crypto.epoch import demo_masters, demo_secret
from ledger.postgres.account import server_account
from ledger.postgres.embedded_server import EmbeddedSettings
from ledger.postgres.home import default_home, make_folders
from ledger.postgres.roles import RoleUrls
from ledger.postgres.temporary import temporary_folder
from ledger.values import Json

_HOUR: Final = 10
"""When the work of a day begins."""


class DemoCalendar:
    """A clock that is turned from day to day: never back, and never beyond the real one.

    Args:
        begin: the first day.
    """

    def __init__(self, begin: date) -> None:
        self._lock = threading.Lock()
        self._base = _morning(begin)
        self._turned = time.monotonic()

    def __call__(self) -> datetime:
        """The instant, cut to milliseconds as the event format stores it."""
        with self._lock:
            return self._reading()

    def turn(self, day: date) -> None:
        """Go on to the morning of `day`; what is past by then stays."""
        with self._lock:
            self._base = max(self._reading(), _morning(day))
            self._turned = time.monotonic()

    def _reading(self) -> datetime:
        passed = int((time.monotonic() - self._turned) * 1000)
        return min(self._base + timedelta(milliseconds=passed), now())


def _morning(day: date) -> datetime:
    return min(datetime(day.year, day.month, day.day, _HOUR, tzinfo=JAPAN).astimezone(UTC), now())


@contextmanager
def serve_api(settings: Settings, urls: RoleUrls, calendar: DemoCalendar) -> Generator[str]:
    """The address of the HTTP API under this clock, while the context is open.

    Raises:
        ProcessEndedError: it ended before it answered.
    """
    # Nobody listens whom the time of an answer could tell anything.
    api_settings = replace(settings, even_answers_ms=0)
    with (
        listening_socket("127.0.0.1", 0) as listening,
        served(api_settings, urls, clock=calendar) as app,
    ):
        url = url_of(listening)
        server = web_server(app, api_settings)
        serving = threading.Thread(target=server.run, args=([listening],), name="past")
        try:
            serving.start()
            while not is_ready(url):
                if not serving.is_alive():
                    raise ProcessEndedError("the server of the fictional year did not start")
                time.sleep(POLL_S)
            yield url
        finally:
            server.should_exit = True
            if serving.is_alive():
                serving.join()


Row = dict[str, Json]


def table(cases: list[Row]) -> Table:
    """The cases that `GET /v1/cases` answered, in its order; names are masked there."""
    shown = Table(title="開示請求の一覧")
    for heading in ("受付番号", "到達日", "請求者", "区分", "状態", "期限", "次の作業"):
        shown.add_column(heading)
    for case in cases:
        shown.add_row(*_cells(case))
    return shown


def _cells(case: Row) -> tuple[str, ...]:
    state, following = STATES[CaseStatus(cast("str", case["status"]))]
    if (mistake := cast("str | None", case["mistake"])) is not None:
        state, following = f"{state}({MISTAKES[mistake][0]})", MISTAKE_NEXT
    due = cast("dict[str, str] | None", case["due"])
    return (
        cast("str", case["number"]),
        cast("str", case["arrived_on"]),
        cast("str", case["name"]),
        REQUESTERS[cast("str", case["requester"])],
        state,
        "—" if due is None else f"{due['on']} {CLOCKS[due['clock']]}",
        following,
    )


PORT: Final = 8_000
NAME: Final = "demo"
SEED: Final = 20_221_001
"""The day on which the joint use began; any number would do."""

_LOUD: Final = """\
[bold white on red] DEMO [/] Demo keys are used: they are published in the source and protect \
nothing.
       Nothing real belongs in here; everybody in it is invented."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What was asked for.

    Attributes:
        port: None: 8000, or a free one when that is taken; 0: a free one.
        home: None: a new temporary folder.
        keep: leave the folder, and go on with what is in it.
    """

    port: int | None
    persons: int
    home: Path | None
    keep: bool


class HomeInUseError(Exception):
    """The home folder holds something already, and nobody said to keep it."""


def demonstrate(options: DemoOptions, stop: StopSignal) -> None:
    """Show everything, then serve until a signal ends it.

    Raises:
        HomeInUseError: see there.
        AddressError: the port is taken.
        ProcessEndedError: a process ended by itself.
    """
    console = tables.console()
    console.print(_LOUD)
    with _home(options) as home:
        make_folders(home.absolute(), 0o711 if server_account().switched else 0o700)
        port = _port(options.port)
        with (
            DemoProvider.running(_pages_url(port)) as identities,
            witnessed_log(home) as log_settings,
        ):
            environment = _environment(home, port, identities.issuer)
            _serve(console, options, stop, {**environment, **log_settings})


def _serve(
    console: Console, options: DemoOptions, stop: StopSignal, environment: Mapping[str, str]
) -> None:
    settings = Settings.from_environment(environment)
    configure(settings.log_level)
    begin_log(settings)
    with running(settings, environment, stop, keeper=False) as (url, urls, supervisor):
        await_ready(supervisor, url)
        try:
            _present_demo(console, url, urls, settings, options.persons)
        except (OSError, HTTPException):
            supervisor.check()  # why nobody answers any more, if that is why
            raise
        with _making_exports(settings, urls):
            # The one line that others wait for, after everything else is there.
            supervise(supervisor, url, lambda: _print(f"ready: {url} (Ctrl-C ends it)"))


@contextmanager
def _making_exports(settings: Settings, urls: RoleUrls) -> Generator[None]:
    """Make the exports that are asked for, as the keeper does, which does not run here."""
    ended = threading.Event()
    made = threading.Thread(target=keep_producing, args=(settings, urls, ended), daemon=True)
    made.start()
    try:
        yield
    finally:
        ended.set()
        made.join(2 * EXPORTS_POLL_S)


def _present_demo(
    console: Console, url: str, urls: RoleUrls, settings: Settings, persons: int
) -> None:
    """Make the keys, send the year unless it is there, show what came of it."""
    made = keys.make_keys(urls, settings.name, now())
    position = _head(settings, urls) or _send(console, made, _World(settings, urls, persons))
    identifier: Json = {"scheme": "member", "id": HERO.member}
    history = year_sender.history(url, made, [identifier], position)
    console.print(tables.history_table(history, console.width))
    console.print(table(year_sender.work_list(url, made)))
    _print(f"\n# Officers' pages, in a browser: {url}/desk")
    for one in IDENTITIES:
        _print(f"{one.subject:<11}{one.name} ({one.duty})")
    _print("\n# Keys of the desk:")
    for who, key in made.desk():
        _print(f"{who:<10}{key}")
    case = year_sender.case_of(url, made, [identifier])
    for what, command in tables.commands(url, made, day_in_japan(now()), case):
        _print(f"\n# {what}:\n{command}")
    if not await_cosigned(settings, position):
        _print("\n# The witness has not cosigned the log yet.")
    for what, command in evidence.commands(url, made, settings, history):
        _print(f"\n# {what}:\n{command}")
    _print("")


def _print(text: str) -> None:
    """Print as it is, at once: the console would wrap and colour what is to be copied."""
    print(text, flush=True)  # noqa: T201 -- see above


@contextmanager
def _home(options: DemoOptions) -> Generator[Path]:
    if options.keep:
        yield options.home or default_home() / NAME
    elif options.home is None:
        with temporary_folder(EmbeddedSettings()) as folder:
            yield folder
    elif options.home.exists() and any(options.home.iterdir()):
        raise HomeInUseError(f"{options.home} is not empty; --keep goes on with what is in it")
    else:
        try:
            yield options.home
        finally:
            shutil.rmtree(options.home, ignore_errors=True)


def _port(requested: int | None) -> int:
    """The wanted port; without a wish the usual one, if it is free; else a free one.

    A number in any case: the pages must know their own address before they are served.
    """
    if requested:
        return requested
    if requested is None and (usual := _bound(PORT)) is not None:
        return usual
    free = _bound(0)
    assert free is not None, "some port is free"
    return free


def _bound(port: int) -> int | None:
    """The number of the port once it was free; None when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        return cast("int", probe.getsockname()[1])


def _pages_url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _environment(home: Path, port: int, issuer: str) -> dict[str, str]:
    """What the processes of the demo are told; nothing of an installation's own settings."""
    [(name, master)] = demo_masters().masters.items()
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("LEDGER_")},
        "LEDGER_NAME": NAME,
        "LEDGER_HOME": str(home.absolute()),
        "LEDGER_SECRET": demo_secret().hex(),
        "LEDGER_EPOCH_MASTER": f"{name}:{master.hex()}",
        "LEDGER_HTTP_HOST": "127.0.0.1",
        "LEDGER_HTTP_PORT": str(port),
        "LEDGER_PAGES_URL": _pages_url(port),
        "LEDGER_OIDC_ISSUER": issuer,
        "LEDGER_OIDC_CLIENT_ID": CLIENT_ID,
        "LEDGER_OIDC_ROLES": json.dumps(dict(ROLES)),
        "LEDGER_OIDC_PERSON_CLAIM": PERSON_CLAIM,
        # A line a request would bury what is printed here.
        "LEDGER_LOG_LEVEL": "WARNING",
    }


def _head(settings: Settings, urls: RoleUrls) -> int:
    with closing(Container(urls, settings.name, secrets_of(settings))) as container:
        return container.reads.head()


@dataclass(frozen=True, slots=True)
class _World:
    """What the year is sent to, and how many persons there are in it."""

    settings: Settings
    urls: RoleUrls
    persons: int


def _send(console: Console, made: keys.DemoKeys, world: _World) -> int:
    """Publish the notices and send the year, each request on its day; the position then."""
    random = Random(SEED)  # noqa: S311 -- the same year every time, not a secret
    today = day_in_japan(now())
    begin = today - timedelta(days=DAYS)
    plan = list(requests(year(begin, people(world.persons, random), random)))
    largest = max((one for one in plan if isinstance(one, Send)), key=lambda one: len(one.items))
    plan.append(mistakes(largest, today))
    started = time.monotonic()
    calendar = DemoCalendar(begin)
    with serve_api(world.settings, world.urls, calendar) as url:
        year_sender.register(url, made, begin)
        answered = year_sender.publish(url, made)
        console.print("Published: the policy's joint-use notice and an opt-out filing.")
        with _show_progress(console, plan) as progress:
            year_sender.send((url, made), plan, answered, progress, calendar.turn)
    _print_counts(console, answered, time.monotonic() - started)
    return answered.position


def _print_counts(console: Console, answered: year_sender.SentAnswer, seconds: float) -> None:
    counts = ", ".join(f"{count} {status}" for status, count in answered.statuses.most_common())
    console.print(f"Sent in {seconds:.1f} s over HTTP: {counts}.")
    found = ", ".join(f"{code} {count}" for code, count in answered.findings.most_common())
    console.print(
        f"Recorded with findings: {found}; {answered.persons} persons after their stop.\n"
    )


@contextmanager
def _show_progress(console: Console, plan: list[Planned]) -> Generator[year_sender.Progress]:
    """A progress bar at a terminal, a line a month elsewhere."""
    total = sum(len(one.items) for one in plan if isinstance(one, Send))
    if console.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
            task = bar.add_task("Sending a fictional year", total=total)
            yield lambda month, count: bar.update(task, advance=count, description=month)
        return
    done, current = 0, ""

    def line(month: str, count: int) -> None:
        nonlocal done, current
        if current and month != current:
            console.print(f"  {current}: {done} of {total} transfers sent")
        done, current = done + count, month

    yield line
    console.print(f"  {current}: {done} of {total} transfers sent")
