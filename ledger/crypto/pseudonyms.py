"""Ids that the ledger secret gives: streams of transfers, keys of persons, parties and names.

Whoever holds the secret can confirm a guess for ever; whoever does not can learn nothing from an
id. Keys of persons stand in index rows only, never in a header (event format, section 4).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from uuid import UUID

from ledger.crypto.encoding import expanded, extracted, keyed, ledger_prefix, lp, pads, tag, uuid8
from ledger.crypto.names import FOLDING, folded_name
from ledger.crypto.normal_forms import EXACT, NORMALISERS, SCHEMES
from ledger.crypto.random import drawn
from ledger.crypto.row_macs import RowValue, row_bytes

KEY_BYTES = 16
SECRET_BYTES = 32
_PARTIES_MAX = 10_000
_EVENT_MAC = tag("ppl/event-mac/1")
USES = (
    "stream",
    "principal",
    "party",
    "name",
    "actor",
    "lookup",
    "row",
    "journal",
    "expiry",
    "backup",
    "event",
)

Random = Callable[[int], bytes]


def random_uuid(random: Random = drawn) -> UUID:
    """A random UUIDv8: the id of a command, or of a stream of a person."""
    return uuid8(random(16))


def random_stream(random: Random = drawn) -> UUID:
    """A stream about a person (link, directive, case, series): random, since headers never die."""
    return random_uuid(random)


class LedgerSecret:
    """The ledger secret and its subkeys. Pure and thread-safe."""

    def __init__(
        self,
        secret: bytes,
        ledger: str,
        *,
        schemes: Mapping[str, str] | None = None,
        versions: Mapping[str, int] | None = None,
        persons: Mapping[tuple[str, str], bytes] | None = None,
    ) -> None:
        """Derive the subkeys.

        Args:
            secret: 32 bytes.
            schemes: scheme → normaliser, besides the built-in ones; unnamed schemes are `exact/1`.
            versions: use → n of its subkey, 1 where not named; raising one rebuilds its rows.
            persons: see `ledger.crypto.secrets.Secrets`.

        Raises:
            ValueError: the secret has another length, or a use or normaliser is unknown.
        """
        if len(secret) != SECRET_BYTES:
            raise ValueError("the ledger secret has 32 bytes")
        self.versions = dict.fromkeys(USES, 1) | dict(versions or {})
        self._schemes = dict(SCHEMES) | dict(schemes or {})
        if self.versions.keys() != set(USES) or not set(self._schemes.values()) <= set(NORMALISERS):
            raise ValueError("unknown use of the ledger secret, or unknown normaliser")
        prk = extracted(secret)
        prefix = ledger_prefix(ledger)
        self._keys = {
            use: expanded(prk, tag(f"ppl/{use}/{n}") + prefix) for use, n in self.versions.items()
        }
        self._pads = pads(self._keys["principal"])
        self._persons = dict(persons or {})
        # A platform sends to the same few parties over and over.
        self._parties: dict[str, bytes] = {}
        # Filled as schemes come in; the contract allows few (`[a-z0-9_]{1,40}`, as configured).
        self._scheme_rules: dict[str, tuple[bytes, Callable[[str], str]]] = {}

    def transfer_stream(self, source: str, id: str) -> UUID:  # noqa: A002 -- the word of the contract
        """The stream of the transfer that `source` calls `id`."""
        message = lp(source.encode()) + lp(id.encode())
        return uuid8(keyed(self._keys["stream"], message))

    def normaliser_of(self, scheme: str) -> str:
        """Name and version of the scheme's normaliser."""
        return self._schemes.get(scheme, EXACT)

    def normal_form(self, scheme: str, id: str) -> str:  # noqa: A002 -- the word of the contract
        """The identifier without what its scheme does not tell apart."""
        return self._rule(scheme)[1](id)

    def principal_key(self, scheme: str, id: str) -> bytes:  # noqa: A002 -- the word of the contract
        """16 bytes that stand for the identifier in index rows, never in headers."""
        [key] = self.principal_keys(({"scheme": scheme, "id": id},))
        return key

    def principal_keys(self, principals: Collection[Mapping[str, str]]) -> list[bytes]:
        """`principal_key` of each (`scheme` and `id`), in their order; both hashes written out."""
        (inner, outer), rules = self._pads, self._scheme_rules
        messages: list[bytes] = []
        known, begin, normal = None, inner, NORMALISERS[EXACT]
        for one in principals:
            scheme = one["scheme"]
            if scheme != known:  # mostly it is that of the one before
                begin, normal = rules.get(scheme) or self._rule(scheme)
                known, begin = scheme, inner + begin
            form = normal(one["id"]).encode()
            messages.append(begin + len(form).to_bytes(4, "big") + form)
        keys = [sha256(outer + sha256(one).digest()).digest()[:KEY_BYTES] for one in messages]
        return self._with_known(principals, keys) if self._persons else keys

    def _with_known(
        self, principals: Collection[Mapping[str, str]], keys: Iterable[bytes]
    ) -> list[bytes]:
        names = ((one["scheme"], self.normal_form(one["scheme"], one["id"])) for one in principals)
        return [self._persons.get(name, key) for name, key in zip(names, keys, strict=True)]

    def _rule(self, scheme: str) -> tuple[bytes, Callable[[str], str]]:
        name = self.normaliser_of(scheme)
        rule = (lp(scheme.encode()) + lp(name.encode()), NORMALISERS[name])
        if len(self._scheme_rules) < 1_000:  # noqa: PLR2004 -- beyond it somebody makes up schemes
            self._scheme_rules[scheme] = rule
        return rule

    def party_key(self, party: str) -> bytes:
        """16 bytes for a counterparty that is no individual: its id, or its name without one."""
        known = self._parties.get(party)
        if known is not None:
            return known
        message = lp(EXACT.encode()) + lp(NORMALISERS[EXACT](party).encode())
        key = keyed(self._keys["party"], message)[:KEY_BYTES]
        if len(self._parties) < _PARTIES_MAX:
            self._parties[party] = key
        return key

    def name_key(self, name: str) -> bytes:
        """16 bytes for a folded name: candidates only, in index rows only."""
        message = lp(FOLDING.encode()) + lp(folded_name(name).encode())
        return keyed(self._keys["name"], message)[:KEY_BYTES]

    @property
    def names_version(self) -> str:
        """Under which folding and key names are hashed; rows of another version find nothing."""
        return f"{FOLDING}/{self.versions['name']}"

    def actor(self, issuer: str, subject: str) -> str:
        """The opaque id of whoever acts, 32 hex digits: an account's name stays out of headers."""
        message = lp(issuer.encode()) + lp(subject.encode())
        return keyed(self._keys["actor"], message)[:KEY_BYTES].hex()

    def lookup_key(self, kind: str, *parts: bytes) -> bytes:
        """16 bytes for an index row that is no single person's: a pair, a series, a notice."""
        message = lp(kind.encode()) + b"".join(map(lp, parts))
        return keyed(self._keys["lookup"], message)[:KEY_BYTES]

    @property
    def marks_version(self) -> str:
        """Under which key marks are hashed; rows of another version find nothing."""
        return f"1/{self.versions['lookup']}"

    def mark_key(self, stream: UUID, *, is_marked: bool) -> bytes:
        """16 bytes for the index row that says whether a transfer is marked (Order 11).

        Each has such a row, so who reads the database learns nothing of the mark.
        """
        return self.lookup_key("mark", stream.bytes, b"1" if is_marked else b"0")

    @property
    def journal_key(self) -> bytes:
        """What the check sums of the erasure journal are keyed with, 32 bytes."""
        return self._keys["journal"]

    def expiry_proof(self, bare: bytes) -> bytes:
        """What `blind` of a `records-expired` is: 16 bytes that only the ledger can make.

        Args:
            bare: the header without `blind`.
        """
        return keyed(self._keys["expiry"], bare)[:KEY_BYTES]

    def backup_mac(self, manifest: bytes) -> str:
        """What says that the manifest of a backup is the ledger's: 64 hex digits."""
        return keyed(self._keys["backup"], manifest).hex()

    def event_mac(self, stream: UUID, version: int, topic: str, header: bytes) -> bytes:
        """What says that the ledger appended the event, 32 bytes (`ledger.store.event_macs`)."""
        place = stream.bytes + version.to_bytes(8, "big") + lp(topic.encode())
        return keyed(self._keys["event"], _EVENT_MAC + place + header)

    def row_mac(self, table: str, values: Sequence[RowValue]) -> bytes:
        """The MAC of a row that lets somebody in, 32 bytes (`ledger.crypto.row_macs`)."""
        return keyed(self._keys["row"], row_bytes(table, values))
