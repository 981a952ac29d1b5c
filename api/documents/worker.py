"""The process that sets letters: reads one job after the other, answers with documents.

It gets no secret and no database, only letters, through a pipe; it ends when the pipe does. What
10,000 rows take of memory is given back with the process, which ends itself after such a letter.

Run by `api.documents.process`, by the frames of `ledger.workers.process`. An empty frame is
answered with one. A job is one pickled value of our own; an answer is one JSON object and
`documents` frames behind it. No answer is pickled: texts of strangers were set in this process.
"""

import contextlib
import copyreg
import gc
import json
import os
import pickle
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from api.documents.address import AddressSheet, address_sheet_pdf, pages_of
from api.documents.errors import RenderingError, UnprintableTextError
from api.documents.glyphs import Substitutes
from api.documents.letters import annex_pdf, letter_pdf, set_letter
from api.documents.medium import MediumLabel, PasswordLetter, label_pdf, password_pdf
from api.documents.separator import Separator, separator_pdf
from ledger.cases.letters.letter import Letter
from ledger.cases.letters.lines import LineItem, ReplyLine, Side
from ledger.values import Json
from ledger.workers.process import confine, pipes, receive, send

PEAK_KIB_MAX = 400 * 1024
"""Beyond this peak of memory the process ends after its answer; 50 rows take 130 MB."""
MEMORY_BYTES_MAX = 4 * 1024 * 1024 * 1024
"""What setting a letter may take at most; a long reply is set part by part."""
KIB = 1024
_STATUS_BYTES = 64 * KIB
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)
JOBS_MAX = 1_000
"""The typesetter remembers what it has set; the process is renewed after so many jobs."""


@dataclass(frozen=True, slots=True)
class ReplyJob:
    """Set a reply and the letter on the change of the method, if one goes with it."""

    letter: Letter
    method: Letter | None
    substitutes: Substitutes = ()


@dataclass(frozen=True, slots=True)
class AnnexJob:
    """Set the document `part` of a reply on paper, from 2: its further rows."""

    letter: Letter
    part: int
    substitutes: Substitutes = ()


@dataclass(frozen=True, slots=True)
class LetterJob:
    """Set one letter."""

    letter: Letter
    substitutes: Substitutes = ()


Sheet = AddressSheet | Separator | MediumLabel | PasswordLetter
"""What goes with letters, set by itself."""

Job = ReplyJob | AnnexJob | LetterJob | Sheet


def frame_of(job: Job) -> bytes:
    """The bytes of a job. A letter may have 10,000 lines, so they are told apart by their parts."""
    into = BytesIO()
    pickler = pickle.Pickler(into)
    pickler.dispatch_table = {**copyreg.dispatch_table, ReplyLine: _parts_of}
    pickler.dump(job)
    return into.getvalue()


def _parts_of(line: ReplyLine) -> tuple[Callable[..., ReplyLine], tuple[object, ...]]:
    items = [(one.code, one.value, one.withheld) for one in line.items]
    extras = (line.current_name, line.consent, line.reference)
    return _line_of, (line.number, line.side, line.route, items, extras)


def _line_of(
    number: int,
    side: Side,
    route: str | None,
    items: Sequence[tuple[str, Json, int]],
    extras: tuple[str | None, str | None, Json],
) -> ReplyLine:
    made = tuple(LineItem(code, value, withheld) for code, value, withheld in items)
    return ReplyLine(number, side, route, made, *extras)


def done(job: Job) -> tuple[dict[str, Json], Sequence[bytes]]:
    """What is told of the job, and its documents.

    Raises:
        UnprintableError, RenderingError: as the documents do.
    """
    match job:
        case ReplyJob():
            return _reply(job)
        case AnnexJob():
            pdf, titles = annex_pdf(job.letter, job.part, job.substitutes)
            return {"annexes": [*titles], "pages": pages_of(pdf)}, [pdf]
        case LetterJob():
            return {}, [letter_pdf(job.letter, job.substitutes)]
        case AddressSheet():
            return {}, [address_sheet_pdf(job)]
        case Separator():
            return {}, [separator_pdf(job)]
        case MediumLabel():
            return {}, [label_pdf(job)]
        case PasswordLetter():
            return {}, [password_pdf(job)]


def _reply(job: ReplyJob) -> tuple[dict[str, Json], Sequence[bytes]]:
    made = set_letter(job.letter, job.substitutes)
    pdfs = [made.pdf]
    if job.method is not None:
        pdfs.append(letter_pdf(job.method, job.substitutes))
    pages: list[Json] = [pages_of(one) for one in pdfs]
    fields: dict[str, Json] = {"annexes": list(made.annexes), "pages": pages, "parts": made.parts}
    return fields, [made.pdf, made.json, made.csv, *pdfs[1:]]


def _answer(job: Job) -> tuple[dict[str, Json], Sequence[bytes]]:
    try:
        fields, documents = done(job)
    except UnprintableTextError as error:
        places: dict[str, Json] = {place: list(found) for place, found in error.places.items()}
        return {"unprintable": places}, []
    except RenderingError as error:
        return {"template": error.template, "diagnostic": error.diagnostic}, []
    return fields, documents


def main() -> None:
    """Work until the pipe ends, or memory is to be given back."""
    jobs, answers = pipes()
    status = _apart()
    # A letter of 10,000 rows holds millions of objects and no cycles: they are looked for when
    # nobody waits.
    gc.freeze()
    gc.disable()
    for number in range(1, JOBS_MAX + 1):
        try:
            while not (frame := receive(jobs)):
                send(answers, b"")
        except (EOFError, OSError):
            return
        job: Job = pickle.loads(frame)  # noqa: S301 -- from the process that started this one
        del frame
        fields, documents = _answer(job)
        del job
        is_last = number == JOBS_MAX or _peak_kib(status) > PEAK_KIB_MAX
        head: dict[str, Json] = {**fields, "documents": len(documents), "last": is_last}
        send(answers, json.dumps(head).encode())
        for one in documents:
            send(answers, one)
        if is_last:
            return
        del documents
        gc.collect()


def _apart() -> int | None:
    """Leave nothing on disk, go first without memory, reach nobody, use every core.

    The web process may be bound to one core, and a child is bound to the same.

    Returns:
        A descriptor of what the system tells of this process, where it does.
    """
    # Systems without one of these set letters all the same.
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    status = None
    with contextlib.suppress(OSError):
        status = os.open("/proc/self/status", os.O_RDONLY)
    # Loads templates, font and what the typesetter asks of the system, and starts its threads,
    # before somebody waits.
    separator_pdf(
        Separator(at=_NO_TIME, number=1, total=1, case_number="", what="", post="", contents=())
    )
    confine(MEMORY_BYTES_MAX)  # the last: nothing is opened any more
    return status


def _peak_kib(status: int | None) -> int:
    """The most memory that this program ever held, in KiB.

    On Linux the peak of `getrusage` is the starter's where that is higher: it outlives an exec.
    """
    if status is not None:
        for line in os.pread(status, _STATUS_BYTES, 0).splitlines():
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // KIB if sys.platform == "darwin" else peak  # macOS counts bytes
