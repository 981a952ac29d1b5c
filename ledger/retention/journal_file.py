"""The erasure journal: outside the database, so that no restore brings back the dead.

```
<folder>/erasures.ndjson   append-only, one JSON object a line, 0600
<folder>/head.json         the last head that was seen, replaced as a whole, 0600
```

It holds key ids, positions and instants, and so no personal data. Each line carries a check sum
over itself and the line before, keyed with a subkey of the ledger secret: a line that was changed,
lost, moved or made by somebody else is noticed; a last line that a crash cut off was never
acknowledged and is passed over. So does the head. That the newest lines were taken away, or that an
older head was put back, nothing here tells (decision 0110).

An expiry writes its intent before COMMIT and its end afterwards. What became of an intent without
an end the log tells: the keys died in the transaction of their `records-expired`, or they live.

Source: `docs/reference/event-format.md`, section 5 (a backup holds the dead for a while).
"""

import hmac
import json
import os
import re
import time
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

from ledger.crypto.encoding import keyed
from ledger.crypto.files import sync_folder, write_atomically
from ledger.errors import BrokenWorldError

LOCK_S_MAX: Final = 5.0
"""How long whoever has the lock is waited for: it takes as long as an fsync."""
_LOCK_POLL_S: Final = 0.01
_SUM_CHARS: Final = 32
_SUM: Final = re.compile(r"[0-9a-f]{32}")
_KEY_CHARS: Final = 64
_MEMBERS: Final = {
    "begun": {"at", "id", "ledger"},
    "intent": {"at", "keys", "plan"},
    "done": {"keys", "position"},
    "accepted": {"at", "head", "seen"},
    "keyed": {"at"},
}
"""State → the other members of its lines, the check sum aside."""

Line = dict[str, Any]


class JournalError(BrokenWorldError):
    """The journal is damaged, or another ledger's; the message says which line."""


@dataclass(slots=True)
class ErasureState:
    """What the lines say, so far.

    Attributes:
        id: of the journal; None before its first line.
        erased: ids of keys that were destroyed.
        open: ids of keys of which no line says what became of them.
        sum: check sum of the last line.
        size: bytes of the complete lines.
        keyed: whether the last line has a keyed sum.
    """

    id: UUID | None = None
    erased: set[bytes] = field(default_factory=set[bytes])
    open: set[bytes] = field(default_factory=set[bytes])
    sum: str = ""
    size: int = 0
    keyed: bool = False

    def take(self, line: Line) -> None:
        """Take in the next line.

        Raises:
            ValueError: the line does not belong here, or holds what it must not.
        """
        state = line["state"]
        if (state == "begun") != (self.id is None):
            raise ValueError(state)
        if state == "begun":
            self.id = UUID(line["id"])
        keys = {_key(text) for text in line.get("keys", ())}
        if state == "intent":
            self.open |= keys
        elif state == "done":
            if type(line["position"]) is not int:
                raise ValueError(state)
            self.open -= keys
            self.erased |= keys


def parse_journal(content: bytes, ledger: str, key: bytes | None) -> ErasureState:
    """What the complete lines of `content` say; a last one that was cut off says nothing.

    Args:
        key: of the sums; None: keyed ones are believed.

    Raises:
        JournalError: a line is damaged, or it is another ledger's.
    """
    state = ErasureState()
    complete, _, _ = content.rpartition(b"\n")
    for number, raw in enumerate(complete.split(b"\n") if complete else (), 1):
        try:
            line = cast("Line", json.loads(raw))
            if line.get("ledger", ledger) != ledger:
                raise JournalError("the erasure journal is that of another ledger")
            state.keyed = _is_keyed(raw, line, state, key)
            state.take(line)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise JournalError(f"line {number} of the erasure journal is damaged") from None
        state.sum = _sum_in(raw)
        state.size += len(raw) + 1
    return state


def written(lines: Iterable[Line], before: str, key: bytes) -> bytes:
    """The lines as they are appended after a line with the check sum `before`."""
    content = b""
    for line in lines:
        raw = _summed(line, before, key)
        content, before = content + raw + b"\n", _sum_in(raw)
    return content


def texts(keys: Collection[bytes]) -> list[str]:
    """Key ids as they stand in a line."""
    return sorted(key.hex() for key in keys)


def instant(at: datetime) -> str:
    """An instant as it stands in a line."""
    return at.isoformat(timespec="milliseconds")


def keyed_sum(text: str, key: bytes) -> str:
    """The check sum of a text of the journal, as it stands there."""
    return keyed(key, text.encode()).hex()[:_SUM_CHARS]


def _is_keyed(raw: bytes, line: Line, state: ErasureState, key: bytes | None) -> bool:
    """Whether the sum of the line is keyed.

    Raises:
        ValueError: it is neither that nor a plain one where that may be, or the line is none.
    """
    bare = {name: line[name] for name in line if name != "sum"}
    is_plain = not state.keyed and raw == _summed(bare, state.sum, None)
    if not is_plain:
        _check_keyed(raw, bare, state.sum, key)
    if line.keys() - {"state", "sum"} != _MEMBERS[line["state"]]:
        raise ValueError(state.sum)
    return not is_plain


def _check_keyed(raw: bytes, bare: Line, before: str, key: bytes | None) -> None:
    if key is None:
        good = raw == _with_sum(bare, _sum_in(raw)) and _SUM.fullmatch(_sum_in(raw)) is not None
    else:
        good = hmac.compare_digest(raw, _summed(bare, before, key))
    if not good:
        raise ValueError(before)


def _summed(line: Line, before: str, key: bytes | None) -> bytes:
    text = f"{before}\n{_text(line)}"
    plain = sha256(text.encode()).hexdigest()[:_SUM_CHARS]
    return _with_sum(line, plain if key is None else keyed_sum(text, key))


def _with_sum(line: Line, digest: str) -> bytes:
    return f'{_text(line)[:-1]},"sum":"{digest}"}}'.encode()


def _text(line: Line) -> str:
    return json.dumps(line, sort_keys=True, separators=(",", ":"))


def _sum_in(raw: bytes) -> str:
    return raw[-_SUM_CHARS - 2 : -2].decode()


def _key(text: str) -> bytes:
    if len(text) != _KEY_CHARS:
        raise ValueError(text)
    return bytes.fromhex(text)


__all__ = ["ERASURES", "HEAD", "Head", "Journal", "JournalError"]

ERASURES: Final = "erasures.ndjson"
HEAD: Final = "head.json"
SEEN_EVERY: Final = timedelta(seconds=1)

_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Head:
    """A head that was seen.

    Attributes:
        position: the last position of the log.
        event_hash: of the event there, 32 bytes; empty when position is 0.
    """

    position: int
    event_hash: bytes


class Journal:
    """The journal of one ledger. Several processes may write it; one object is for one thread.

    Args:
        folder: it must exist to be read; `begin` makes it.
        ledger: name of the ledger.
        key: `LedgerSecret.journal_key`; None: for who copies or looks without the ledger secret.
            Keyed check sums are then believed, and nothing is written.
    """

    def __init__(self, folder: Path, ledger: str, key: bytes | None = None) -> None:
        self.folder = folder
        self._ledger = ledger
        self._key = key
        self._path = folder / ERASURES

    @property
    def exists(self) -> bool:
        """Whether it was begun."""
        return self._path.exists() and self._read().id is not None

    def id(self) -> UUID:
        """What tells this journal from every other; the database knows it too.

        Raises:
            JournalError: there is no journal, or it is damaged.
        """
        found = self._read().id
        if found is None:
            raise JournalError(f"{self._path} has no first line")
        return found

    def begin(self, id: UUID, at: datetime) -> UUID:  # noqa: A002 -- the word of the file
        """Begin it with this id, or find it begun; return its id.

        Raises:
            JournalError: it is damaged, or cannot be made.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise JournalError(f"{self._path} cannot be made: {error.strerror}") from error

        def lines(state: ErasureState) -> list[Line]:
            begun = {"state": "begun", "at": instant(at), "id": str(id), "ledger": self._ledger}
            return [] if state.id is not None else [begun]

        self._append(lines)
        return self.id()

    @property
    def is_keyed(self) -> bool:
        """Whether the last line has a keyed check sum."""
        return self._read().keyed

    def key_sums(self, at: datetime) -> None:
        """See to it that every line from here on has a keyed check sum.

        Raises:
            JournalError: it was never begun, or is damaged, or this process has no key.
        """
        self._writing_key()
        if self.is_keyed:
            return
        with self._locked(LOCK_EX):
            seen = self.last_head()
            if seen is not None:
                self._write_head(seen, at)  # in a journal that is keyed, no head is without a sum
        self._append(lambda state: [] if state.keyed else [{"state": "keyed", "at": instant(at)}])

    def intend(self, keys: Collection[bytes], plan: UUID, at: datetime) -> None:
        """Say which keys are about to die; to be called before COMMIT.

        Args:
            plan: stream of the plan that names them.

        Raises:
            JournalError: it was never begun, or is damaged: the expiry must not commit.
            OSError: the same, of the disk.
        """
        line = {"state": "intent", "at": instant(at), "keys": texts(keys), "plan": str(plan)}
        self._append(lambda _: [line])

    def settle(self, gone: Collection[bytes], position: int) -> None:
        """Note keys as destroyed by the event at `position`, whether they were intended or not."""
        line = {"state": "done", "keys": texts(gone), "position": position}
        self._append(lambda _: [line])

    def erased(self) -> set[bytes]:
        """Ids of all keys that were destroyed."""
        return self._read().erased

    def intended(self) -> set[bytes]:
        """Ids of keys of which nobody wrote what became of them: a process was killed."""
        return self._read().open

    def saw(self, head: Head, at: datetime) -> None:
        """Keep `head` as the last one seen, unless a later one is known.

        Call it about every `SEEN_EVERY`, and at the end.

        Raises:
            OSError: the folder cannot be written.
        """
        with self._locked(LOCK_EX):
            known = self.last_head()
            # Of several processes one may have looked earlier and come later.
            if known is None or known.position <= head.position:
                self._write_head(head, at)

    def last_head(self) -> Head | None:
        """The last head that was seen; None when there is no word of one.

        Raises:
            JournalError: the file is damaged.
        """
        path = self.folder / HEAD
        try:
            members = json.loads(path.read_bytes())
            head = Head(members["head"], bytes.fromhex(members["event_hash"]))
            good = type(head.position) is int and len(head.event_hash) == _HASH_BYTES * bool(
                head.position
            )
            good = good and self._is_ours(members)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            good, head = False, None
        if not good:
            raise JournalError(f"{path} is damaged")
        return head

    def accept(self, head: Head, at: datetime) -> None:
        """Somebody vouches for a log that ends at `head` although more was seen."""
        seen = self.last_head()
        before = 0 if seen is None else seen.position
        line = {"state": "accepted", "at": instant(at), "head": head.position, "seen": before}
        self._append(lambda _: [line])
        with self._locked(LOCK_EX):
            self._write_head(head, at)

    def copy_to(self, folder: Path) -> None:
        """Copy what is complete to `folder`, which exists.

        Raises:
            JournalError: it is damaged.
        """
        with self._locked(LOCK_SH):
            state = self._read()
            content = self._path.read_bytes()[: state.size]
            path = self.folder / HEAD
            head = path.read_bytes() if path.exists() else None
        write_atomically(folder / ERASURES, content)
        if head is not None:
            write_atomically(folder / HEAD, head)

    def _read(self) -> ErasureState:
        """What the complete lines say."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            raise JournalError(f"there is no erasure journal in {self.folder}") from None
        return parse_journal(content, self._ledger, self._key)

    def _append(self, lines: Callable[[ErasureState], list[Line]]) -> None:
        """Append what `lines` makes of what stands there; return when it is on the disk."""
        key = self._writing_key()
        with self._locked(LOCK_EX) as handle:
            state = self._read()
            made = lines(state)
            if state.id is None and not any(line["state"] == "begun" for line in made):
                raise JournalError(f"there is no erasure journal in {self.folder}")
            if os.fstat(handle).st_size > state.size:
                os.ftruncate(handle, state.size)  # a line that was cut off, acknowledged to nobody
            content = written((one for one in made if one.get("keys") != []), state.sum, key)
            if content:
                os.pwrite(handle, content, state.size)
                os.fsync(handle)
                sync_folder(self.folder)

    @contextmanager
    def _locked(self, kind: int) -> Generator[int]:
        try:
            handle = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            raise JournalError(f"there is no erasure journal in {self.folder}") from None
        try:
            self._wait_for_lock(handle, kind)
            yield handle
        finally:
            os.close(handle)

    def _wait_for_lock(self, handle: int, kind: int) -> None:
        """Raise TimeoutError where whoever has the lock is stopped, or hangs."""
        deadline = time.monotonic() + LOCK_S_MAX
        while True:
            try:
                flock(handle, kind | LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    text = f"another process keeps {self._path} locked"
                    raise TimeoutError(text) from None
                time.sleep(_LOCK_POLL_S)
            else:
                return

    def _write_head(self, head: Head, at: datetime) -> None:
        members = {"at": instant(at), "event_hash": head.event_hash.hex(), "head": head.position}
        members["sum"] = keyed_sum(_head_text(members), self._writing_key())
        write_atomically(self.folder / HEAD, json.dumps(members, sort_keys=True).encode() + b"\n")

    def _is_ours(self, members: Mapping[str, object]) -> bool:
        """Whether a head's check sum is right; in a journal without keyed sums it has none."""
        if "sum" not in members:
            return not self.is_keyed
        return self._key is None or hmac.compare_digest(
            str(members["sum"]).encode(), keyed_sum(_head_text(members), self._key).encode()
        )

    def _writing_key(self) -> bytes:
        if self._key is None:
            raise JournalError("the erasure journal is written with the ledger secret at hand only")
        return self._key


def _head_text(members: Mapping[str, object]) -> str:
    bare = {name: members[name] for name in members if name != "sum"}
    return "head\n" + json.dumps(bare, sort_keys=True)
