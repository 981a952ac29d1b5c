"""The command `emitter`: look at an outbox, see to what was refused, replay, send."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Final

from ledger_emitter.emitter import Emitter
from ledger_emitter.errors import EmitterError
from ledger_emitter.exchange import Destination, ProofMaker
from ledger_emitter.outbox import Outbox
from ledger_emitter.records import RefusedItem, Status, public_code

NEEDS_A_PERSON: Final = 1
FAILED: Final = 2
_PAGE: Final = 100
_ROUND_S: Final = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code.

    0: well. 1: something needs a person, or was not there. 2: it failed.
    """
    given = parser().parse_args(arguments)
    path = Path(given.outbox)
    if not path.exists():
        return _failed("there is no outbox at this path")
    try:
        with Outbox(path) as outbox:
            return _run(given, outbox)
    except (EmitterError, ImportError, ValueError, OSError) as error:
        return _failed(str(error))


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    taken = argparse.ArgumentParser(prog="emitter", description=__doc__)
    taken.add_argument("--outbox", required=True, help="the file of the outbox")
    commands = taken.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="how it stands; 1 if something needs a person")
    refused = commands.add_parser("refused", help="what the ledger does not take as it is")
    refused.add_argument("number", nargs="?", type=int, help="show this one, with personal data")
    again = commands.add_parser("requeue", help="send refused items again as they are")
    again.add_argument("number", nargs="*", type=int)
    again.add_argument("--code", help="all that were refused with this code")
    discard = commands.add_parser("discard", help="delete a refused item for good")
    discard.add_argument("number", type=int)
    replay = commands.add_parser("replay", help="send again what was acknowledged since then")
    replay.add_argument("--since", required=True, help="e.g. 2026-11-24T03:00:00+09:00")
    send = commands.add_parser("send", help="be the sender of this outbox, until interrupted")
    send.add_argument("--url", required=True, help="the ledger's address")
    send.add_argument("--credential-file", required=True, help="holds the key; read each time")
    send.add_argument("--proof-key-file", help="the private key (PEM) to which the key is bound")
    send.add_argument("--until-empty", action="store_true", help="end when nothing waits")
    send.add_argument("--plain-http", action="store_true", help="allow http: to another machine")
    return taken


def _run(given: argparse.Namespace, outbox: Outbox) -> int:
    match given.command:
        case "status":
            return _status(outbox.status())
        case "refused":
            return _refused(outbox, given.number)
        case "requeue":
            return _requeue(outbox, given.number, given.code)
        case "discard":
            return 0 if outbox.discard(given.number) else _missing(given.number)
        case "replay":
            return _replay(outbox, given.since)
        case _:
            return _send(outbox, given)


def _status(status: Status) -> int:
    since = "" if status.since is None else f" since {status.since.isoformat()}"
    why = f" ({status.code}, HTTP {status.http_status})" if status.code else ""
    _say(f"state    {status.state}{since}{why}")
    _say(f"sender   {'running' if status.has_sender else 'none'}")
    oldest = "" if status.waiting_since is None else f", from {status.waiting_since.isoformat()} on"
    _say(f"waiting  {status.waiting} items, {status.waiting_bytes} bytes{oldest}")
    kept = "" if status.kept_since is None else f", from {status.kept_since.isoformat()} on"
    _say(f"kept     {status.kept} acknowledged{kept}")
    _say(f"refused  {status.refused}")
    for source in status.held_sources:
        _say(f"held     {source}: the key may not send for it")
    return NEEDS_A_PERSON if status.needs_a_person else 0


def _refused(outbox: Outbox, number: int | None) -> int:
    if number is not None:
        for one in outbox.refused(after=number - 1, limit=1):
            if one.number == number:
                _say(json.dumps(json.loads(one.problem), ensure_ascii=False, indent=2))
                _say(one.content)
                return 0
        return _missing(number)
    for one in _all_refused(outbox):
        code = public_code(one.status, one.code)
        _say(f"{one.number}  {one.refused_at.isoformat()}  {one.status}  {code}  {one.source}")
    return 0


def _requeue(outbox: Outbox, numbers: Sequence[int], code: str | None) -> int:
    chosen = list(numbers)
    if code is not None:
        chosen += [one.number for one in _all_refused(outbox) if one.code == code]
    left = [number for number in chosen if not outbox.requeue(number)]
    _say(f"{len(chosen) - len(left)} items are sent again")
    for number in left:
        _missing(number)
    return NEEDS_A_PERSON if left else 0


def _replay(outbox: Outbox, since: str) -> int:
    replayed = outbox.replay(datetime.fromisoformat(since))
    _say(f"{replayed.items} items are sent again")
    if replayed.is_complete:
        return 0
    _say("others that were acknowledged since then are kept no longer: send them from their origin")
    return NEEDS_A_PERSON


def _send(outbox: Outbox, given: argparse.Namespace) -> int:
    file = Path(given.credential_file)
    proof_key = given.proof_key_file and _proof_key(Path(given.proof_key_file))
    destination = Destination(
        given.url,
        lambda: file.read_text("utf-8").strip(),
        plain_http=given.plain_http,
        proof_key=proof_key,
    )
    stop = threading.Event()

    def handle_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle_signal)
    with Emitter(outbox, destination) as emitter:
        while not stop.is_set():
            if given.until_empty and emitter.flush(_ROUND_S):
                break
            stop.wait(_ROUND_S / 10 if given.until_empty else _ROUND_S)
        return _status(outbox.status())


def _proof_key(path: Path) -> ProofMaker:
    from ledger_emitter.proof import ProofKey  # noqa: PLC0415 -- what it needs is an extra

    return ProofKey.read(path)


def _all_refused(outbox: Outbox) -> Iterator[RefusedItem]:
    after = 0
    while page := outbox.refused(after=after, limit=_PAGE):
        yield from page
        after = page[-1].number


def _missing(number: int) -> int:
    print(f"emitter: no refused item {number}, or its key was put anew", file=sys.stderr)  # noqa: T201 -- a command line
    return NEEDS_A_PERSON


def _failed(why: str) -> int:
    print(f"emitter: {why}", file=sys.stderr)  # noqa: T201 -- a command line
    return FAILED


def _say(line: str) -> None:
    print(line)  # noqa: T201 -- a command line


if __name__ == "__main__":
    sys.exit(main())
