"""Brings the vendored files anew: `./dev python -m tests.pages.vendor_files`, where npm is there.

Each folder's `vendor.lock` names packages, versions and files. The package is fetched by the npm
client, the files are copied whole, and their hashes are written; whoever reads the difference
decides. Nothing of npm is needed to run the pages or their tests.
"""

import hashlib
import subprocess
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "api/web/pages/static/vendor", ROOT / "tests/pages/vendor")
LOCK = "vendor.lock"
_HEAD = """\
# What lies in this folder comes from these packages, whole and unchanged; a test checks the hashes.
# Written by tests/pages/vendor_files.py.
"""


@dataclass(frozen=True)
class File:
    """One vendored file: what it is called here, where it lies in the package, its SHA-256."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str
    files: tuple[File, ...]


def packages(folder: Path) -> tuple[Package, ...]:
    """What the lock of the folder says."""
    rows: list[dict[str, Any]] = tomllib.loads((folder / LOCK).read_text("utf-8"))["package"]
    return tuple(
        Package(
            row["name"],
            row["version"],
            row["licence"],
            tuple(File(one["name"], one["path"], one["sha256"]) for one in row["files"]),
        )
        for row in rows
    )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Fetch everything that the locks name, and write the hashes."""
    for folder in FOLDERS:
        text = _HEAD
        for package in packages(folder):
            _copy(package, folder)
            text += _written(package, folder)
        (folder / LOCK).write_text(text, "utf-8")


def _copy(package: Package, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        subprocess.run(command, cwd=place, check=True, stdout=subprocess.DEVNULL)
        [archive] = Path(place).glob("*.tgz")
        with tarfile.open(archive) as opened:
            for file in package.files:
                member = opened.extractfile(f"package/{file.path}")
                assert member is not None, file.path
                (folder / file.name).write_bytes(member.read())


def _written(package: Package, folder: Path) -> str:
    lines = [
        "",
        "[[package]]",
        f'name = "{package.name}"',
        f'version = "{package.version}"',
        f'licence = "{package.licence}"',
        "files = [",
        *(
            f'    {{ name = "{one.name}", path = "{one.path}",'
            f' sha256 = "{sha256(folder / one.name)}" }},'
            for one in package.files
        ),
        "]",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
