"""Small inputs that cost much to read: compressed, nested, repeated, or lying about their size.

Attack: a part of a bulk transfer, a body, a register, a Parquet file or a bag of an export, of a
kilobyte to some megabytes, takes minutes or gigabytes to read. (Many of them at once:
`tests/attacks/test_stalls.py`.)

Held off by: bounds of what is unpacked, nested, merged, repeated and named as a defect, met before
they are exceeded. Parquet and workbooks are read in a process of their own with limits of memory,
time and files and without network, as letters are set in one. Each ends with a problem that names
the bound (0109).
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from api.resources.registers.errors import RegisterError
from api.resources.registers.forms.words import why_unreadable
from ledger.workers.confined_reader import ConfinedReader
from tests.attacks.bombs import BODIES, FILES, PARTS, REGISTERS, Bomb
from tests.attacks.defusing import ended
from tests.attacks.turning import PROGRAM, READINGS, ROW
from tests.exports.bombs import BAGS
from tests.pages.filling import words_of
from tests.pages.office import Office
from tests.pages.registering import KEEPER, PAGE, upload

KIB_MAX: Final = 200 * 1024
LIBRARIES_KIB: Final = 150 * 1024
"""What a process with the reader of Parquet takes before it has read anything."""
BOMBS: Final = {**PARTS, **BODIES, **REGISTERS, **FILES, **BAGS}


def made(bomb: Bomb, folder: Path) -> Path:
    path = folder / f"bomb{bomb.ending}"
    bomb.make(path)
    return path


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_with_a_problem_in_little_memory(tmp_path: Path, name: str) -> None:
    bomb = BOMBS[name]
    found = ended(bomb.reader, made(bomb, tmp_path))
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
            ConfinedReader(PROGRAM, {"name": name}, BytesIO(b"a file"), RegisterError)
        ) as found:
            batches.extend(found.batches(None))

    with pytest.raises(RegisterError) as caught:
        read()
    assert caught.value.code == "READING_STOPPED"
    assert batches[:1] == ([] if name == "opening" else [ROW])
