"""Which logs and witnesses are trusted, and how many witnesses must have seen a checkpoint.

Source: C2SP tlog-policy.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ledger.crypto.notes import KeyType, Signature, SignedNote, Verifier
from ledger.errors import CorruptRecordError

LINES_OF_A_KIND_MAX: Final = 32
"""Logs, witnesses, groups. The standard wants at least that many to be taken; a note with all of
their signatures stays below `SIGNATURES_MAX`."""
POLICY_BYTES_MAX: Final = 64 << 10
NONE: Final = "none"
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_COUNT: Final = re.compile("[1-9][0-9]{0,3}", re.ASCII)
_AT_LEAST: Final = {"log": 1, "witness": 2, "group": 3, "quorum": 1}
_AT_MOST: Final = {"log": 2, "witness": 3, "quorum": 1}


class PolicyError(CorruptRecordError):
    """A text is no policy; the message names the line, and repeats nothing of it."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line} of the witness policy: {reason}")


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns.

    Attributes:
        name: what the policy calls it; it means nothing elsewhere.
        key: of type cosignature/v1.
        url: its submission prefix; None: it is not asked, its cosignatures count all the same.
    """

    name: str
    key: Verifier
    url: str | None = None

    @property
    def display_name(self) -> str:
        """The name, for people: what is no text in it is shown as question marks."""
        return self.name.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class WitnessGroup:
    """Counts as having seen a checkpoint when `threshold` of its `members` have.

    Attributes:
        members: names of witnesses and of groups above it.
    """

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that was read.

    Attributes:
        logs: keys of the logs that it is about; empty: it leaves that open.
        quorum: name of a witness or a group; None: no cosignature is asked for.
    """

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Witness]
    groups: Mapping[str, WitnessGroup]
    quorum: str | None

    @classmethod
    def read(cls, content: bytes) -> "Policy":
        """The policy that a file says.

        Raises:
            PolicyError: it says none, or one of a key type that is not known here.
        """
        # Octets above 127 are opaque to the standard: other texts stay other texts this way.
        text = content[: POLICY_BYTES_MAX + 1].decode("utf-8", "surrogateescape")
        if len(content) > POLICY_BYTES_MAX or _CONTROL.search(text):
            raise PolicyError(1, "the file is too long, or holds control characters")
        reading = _Reading()
        lines = text.removesuffix("\n").split("\n")
        for number, line in enumerate(lines, 1):
            words = [word for word in re.split("[ \t]+", line) if word]
            if words and not words[0].startswith("#"):
                reading.line(number, words)
        if reading.quorum is None:
            raise PolicyError(len(lines), "there is no line quorum")
        quorum = None if reading.quorum == NONE else reading.quorum
        return cls(tuple(reading.logs), reading.witnesses, reading.groups, quorum)

    def is_met(self, names: Collection[str]) -> bool:
        """Whether the witnesses of these names suffice."""
        return self.quorum is None or self._has_cosigned(self.quorum, names)

    def cosignatures(self, note: SignedNote) -> dict[str, Signature]:
        """Witness's name → its cosignature under `note`; what others signed is left alone.

        Raises:
            CorruptRecordError: a cosignature of a witness of the policy is wrong.
        """
        found: dict[str, Signature] = {}
        for name, witness in self.witnesses.items():
            for one in note.signatures:
                if (one.name, one.key_id) != (witness.key.name, witness.key.id):
                    continue
                if not witness.key.verifies(note.text, one.value):
                    raise CorruptRecordError("a cosignature of a witness is wrong")
                found[name] = one
        return found

    def _has_cosigned(self, name: str, names: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in names
        return sum(self._has_cosigned(one, names) for one in group.members) >= group.threshold


@dataclass(slots=True)
class _Reading:
    """A policy, line by line: a name can only be used below the line that gives it."""

    logs: list[Verifier] = field(default_factory=list[Verifier])
    witnesses: dict[str, Witness] = field(default_factory=dict[str, Witness])
    groups: dict[str, WitnessGroup] = field(default_factory=dict[str, WitnessGroup])
    quorum: str | None = None
    _members: set[str] = field(default_factory=set[str])

    def line(self, number: int, words: Sequence[str]) -> None:
        kind, *arguments = words
        if kind not in _AT_LEAST:
            raise PolicyError(number, "expected log, witness, group or quorum")
        if not _AT_LEAST[kind] <= len(arguments) <= _AT_MOST.get(kind, len(arguments)):
            raise PolicyError(number, f"a line {kind} has another number of words")
        match kind:
            case "log":
                self._log(number, arguments)
            case "witness":
                self._witness(number, arguments)
            case "group":
                self._group(number, arguments)
            case _:
                self._quorum(number, arguments[0])

    def _log(self, number: int, words: Sequence[str]) -> None:
        key = _key(number, words[0], KeyType.ED25519)
        if any(one.public == key.public for one in self.logs):
            raise PolicyError(number, "this log stands there already")
        self.logs.append(key)
        _limited(number, self.logs)

    def _witness(self, number: int, words: Sequence[str]) -> None:
        name = self._new(number, words[0])
        key = _key(number, words[1], KeyType.COSIGNATURE)
        if any(one.key.public == key.public for one in self.witnesses.values()):
            raise PolicyError(number, "this witness stands there already")
        self.witnesses[name] = Witness(name, key, words[2] if len(words) > 2 else None)  # noqa: PLR2004 -- name, key, address
        _limited(number, self.witnesses)

    def _group(self, number: int, words: Sequence[str]) -> None:
        first, threshold, *members = words
        name = self._new(number, first)
        for member in members:
            self._known(number, member)
            if member in self._members:
                raise PolicyError(number, "a member stands in a group already")
            self._members.add(member)
        counts = {"any": 1, "all": len(members)}
        count = counts.get(threshold) or (int(threshold) if _COUNT.fullmatch(threshold) else 0)
        if not 1 <= count <= len(members):
            raise PolicyError(number, "expected any, all, or a number of at most its members")
        self.groups[name] = WitnessGroup(count, tuple(members))
        _limited(number, self.groups)

    def _quorum(self, number: int, name: str) -> None:
        if self.quorum is not None:
            raise PolicyError(number, "there is a line quorum already")
        if name != NONE:
            self._known(number, name)
        self.quorum = name

    def _new(self, number: int, name: str) -> str:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise PolicyError(number, "this name is taken")
        return name

    def _known(self, number: int, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise PolicyError(number, "a name is not given on a line above")


def _key(number: int, text: str, kind: KeyType) -> Verifier:
    try:
        key = Verifier.read(text)
    except (CorruptRecordError, UnicodeEncodeError):
        raise PolicyError(number, "expected a key, as NAME+ID+KEY, of Ed25519") from None
    if key.type is not kind:
        raise PolicyError(number, "the key is of another type: a log signs, a witness cosigns")
    return key


def _limited(number: int, kind: Collection[object]) -> None:
    if len(kind) > LINES_OF_A_KIND_MAX:
        raise PolicyError(number, f"there are more than {LINES_OF_A_KIND_MAX} of these")
