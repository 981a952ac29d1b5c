"""Small inputs that cost much to read: compressed, nested, repeated, or lying about their size.

Attack: a part of a bulk transfer, a body, a register, a Parquet file or a bag of an export, of a
kilobyte to some megabytes, takes minutes or gigabytes to read. (Many of them at once:
`tests/attacks/test_stalls.py`.)

Held off by: bounds of what is unpacked, nested, merged, repeated and named as a defect, met before
they are exceeded. Parquet and workbooks are read in a process of their own with limits of memory,
time and files and without network, as letters are set in one. Each ends with a problem that names
the bound (0109).
"""

import json
import os
import select
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path
from random import sample
from typing import Final

import pytest

from api.resources.registers.errors import RegisterError
from api.resources.registers.forms.words import why_unreadable
from ledger.workers.confined_reader import ConfinedReader
from tests.attacks.bombs import BODIES, FILES, PARTS, REGISTERS, Bomb
from tests.attacks.defusing import ended
from tests.attacks.turning import LEAVING, LIMITS, PROGRAM, READINGS, ROW
from tests.exports.bombs import BAGS
from tests.matrix import every
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import KEEPER, PAGE, upload
from tests.rounds import rounds

KIB_MAX: Final = 200 * 1024
LIBRARIES_KIB: Final = 150 * 1024
"""What a process with the reader of Parquet takes before it has read anything."""
BOMBS: Final = {**PARTS, **BODIES, **REGISTERS, **FILES, **BAGS}


def made(bomb: Bomb, folder: Path) -> Path:
    path = folder / f"bomb{bomb.ending}"
    bomb.make(path)
    return path


@every("name", sample([*BOMBS], rounds(len(BOMBS))))
def test_a_bomb_ends_with_a_problem_in_little_memory(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    bomb = BOMBS[name]
    found = ended(bomb.reader, made(bomb, tmp_path_factory.mktemp("bomb")))
    assert found.code == bomb.code
    libraries = LIBRARIES_KIB if bomb.ending == ".parquet" else 0
    assert found.kib < KIB_MAX + libraries, f"{found.kib} KiB"


@pytest.mark.parametrize(
    "name",
    [
        "one merged area over a whole sheet of rows",
        "elements 100,000 deep",
        "60,000 parts",
        "a row of 2,500 of the longest texts",
    ],
)
def test_a_page_tells_what_is_wrong_with_a_bomb_and_serves_others_meanwhile(
    office: Office, tmp_path: Path, name: str
) -> None:
    bomb = REGISTERS[name]
    content = made(bomb, tmp_path).read_bytes()
    keeper, other = office.person(KEEPER), office.person("officer")
    token = keeper.form_token(PAGE)
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(upload, keeper, "r.xlsx", content, token)
        assert other.get("/desk").status_code == 200
        answer = sent.result()
    assert answer.status_code == 422
    assert why_unreadable(bomb.code) in words_of(answer.text)


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_that_takes_more_than_it_may_is_a_problem_of_its_file(name: str) -> None:
    batches: list[object] = []

    def read() -> None:
        with closing(
            ConfinedReader(PROGRAM, {"name": name}, BytesIO(b"a file"), LIMITS, RegisterError)
        ) as found:
            batches.extend(found.batches(None))

    with pytest.raises(RegisterError) as caught:
        read()
    assert caught.value.code == "READING_STOPPED"
    assert batches[:1] == ([] if name == "opening" else [ROW])


TRIED: Final = {
    "read a file": "os.open(FILE, os.O_RDONLY)",
    "look at a file": "os.stat(FILE)",
    "list a folder": "os.listdir(FOLDER)",
    "cut a file": "os.truncate(FILE, 0)",
    "rename a file": "os.rename(FILE, FILE + '.moved'); os.rename(FILE + '.moved', FILE)",
    "link a file": "os.link(FILE, FILE + '.link')",
    "make a symbolic link": "os.symlink('/etc/passwd', FILE + '.symlink')",
    "make a folder": "os.mkdir(FOLDER + '.more')",
    "remove a folder": "os.rmdir(FOLDER)",
    "change rights": "os.chmod(FILE, 0o777)",
    "change an owner": "os.chown(FILE, os.getuid(), os.getgid())",
    "change times": "os.utime(FILE, (0, 0))",
    "make a named pipe": "os.mkfifo(FILE + '.fifo')",
    "set an attribute": "os.setxattr(FILE, 'user.x', b'data')",
    "write by /proc": "os.open('/proc/self/fd/0', os.O_WRONLY)",
    "a file without a name": "os.open(FOLDER, os.O_TMPFILE | os.O_RDWR)",
    "a file in memory": "os.memfd_create('x')",
    "remove a file": "os.unlink(FILE)",
    "a process": "os.fork() or os._exit(0)",
    "a thread": "Thread(target=int).start()",
    "a session": "os.setsid()",
    "a program": "os.execv('/bin/true', ['true'])",
    "ask of its starter": "os.kill(os.getppid(), 0)",
    "limits of another": "resource.prlimit(OTHER, resource.RLIMIT_NOFILE, (9, 9))",
    "memory of another": "call('process_vm_readv', OTHER, *PARTS)",
    "hold another": "call('ptrace', 16, OTHER, 0, 0)",
    "kill another": "os.kill(OTHER, 9)",
    "more time of its own": "resource.setrlimit(resource.RLIMIT_CPU, (10**6, -1))",
    "time that it has left": "resource.setrlimit(LEFT, resource.getrlimit(LEFT))",
    "no word of its time": "signal.signal(signal.SIGXCPU, signal.SIG_IGN)",
    "a word of its time that waits": "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGXCPU])",
    "more memory of its own": "resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))",
    "shared memory": "mmap.mmap(-1, 1 << 30)",
    "a stack of a gibibyte": "mmap.mmap(-1, 1 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANON | 0x100)",
    "shared memory of System V": "call('shmget', 0, 1 << 29, 0o1600)",
    "much memory": "bytearray(100 << 20)",
    "tables of pages for much that is only read": (
        "mmap.mmap(-1, 512 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANON | 0x4000, mmap.PROT_READ)"
    ),
    "many files": "[os.dup(0) for _ in range(100)]",
    "a queue of messages": "call('mq_open', b'/ledger-attack', 0o102, 0o600, 0)",
    "a pipe": "os.pipe()",
    "a socket": "socket.socket()",
    "two sockets": "socket.socketpair()",
    "a socket of another kind of call": "call('syscall', 0x40000000 + 41, 1, 1, 0)",
    "a ring of calls": "call('syscall', 425, 1, 0)",
    "a user's space of its own": "call('unshare', 0x10000000)",
    "a file system": "call('mount', b'none', FOLDER.encode(), b'tmpfs', 0, 0)",
}
TAKEN_OVER: Final = """
import ctypes, json, mmap, os, resource, signal, socket, sys
from threading import Thread
from ledger.workers.process import confine

FILE, FOLDER, OTHER, TRIED = *sys.argv[1:3], int(sys.argv[3]), json.loads(sys.argv[4])
LEFT = resource.RLIMIT_CPU
library = ctypes.CDLL(None, use_errno=True)
read = ctypes.create_string_buffer(16)
place = int(open(f"/proc/{OTHER}/maps").read().split("-")[0], 16)
pairs = [(ctypes.c_void_p * 2)(one, 16) for one in (ctypes.addressof(read), place)]
PARTS = (pairs[0], 1, pairs[1], 1, 0)

def call(name, *arguments):
    if getattr(library, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)

compiled = {name: compile(one, name, "exec") for name, one in TRIED.items()}
confine(50 << 20)
allowed = []
for name, one in compiled.items():
    try:
        exec(one)
    except (OSError, MemoryError, RuntimeError, ValueError):
        continue
    allowed.append(name)
print(json.dumps(allowed))
"""


def test_a_process_that_was_taken_over_reaches_nothing_of_the_system(tmp_path: Path) -> None:
    """Attack: a register, a Parquet file or a text in a letter makes its reader run what the sender
    wants. That removes, cuts or renames files, reads others' keys, kills or looks into
    processes of the same user and has them open a connection, takes memory that no limit
    counts (threads without end and tables of pages, too), raises its limits, does not hear
    that its time is up, or leaves a process behind that goes on when the reading is over.
    Held off by: a filter of the system's calls, for all threads, of what reading takes and of
    nothing else: everything is loaded and open before. It holds on Linux, on x86_64 and
    aarch64, and whoever asks sets the limits of time from outside there; elsewhere the limits
    hold alone, and it may raise that of its time for one answer, or start threads, until the
    clock of whoever waits for it ends it. Whoever closes a reading ends the whole group of its
    process (0109).
    """
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_bytes(b"as it was")
    folder.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as other:
        try:
            ran = subprocess.run(
                [sys.executable, "-c", TAKEN_OVER, file, folder, str(other.pid), json.dumps(TRIED)],
                check=True,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            is_there = other.poll() is None
        finally:
            other.kill()
    assert json.loads(ran.stdout) == []
    assert is_there
    assert file.read_bytes() == b"as it was"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "folder"]


def test_no_process_of_a_reading_outlives_it() -> None:
    with closing(ConfinedReader(LEAVING, {}, BytesIO(b"a file"), LIMITS, RegisterError)) as found:
        # Made before it was confined: after that it can make none.
        child = os.pidfd_open(found.metadata["child"])
        assert found.metadata["later"] is None
        assert list(found.batches(None)) == [ROW]
    ended, _, _ = select.select([child], [], [], 30)
    os.close(child)
    assert ended
