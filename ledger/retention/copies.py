"""The keys of copies that were made for holds and cases: which one takes the next, which must go.

A hold or a case has as many keys of class `held` as it needs, and one more that seals nothing: it
dies with the end of its owner alone. So a restore can tell whose end was lost from whose copies
went because an identifier was unlinked. A series or a period without an end has such keys for what
its records take items from: they die with its own key.

Source: `docs/reference/event-format.md`, section 5; decision 0097.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from ledger.crypto.keyring import KeyRing
from ledger.crypto.keys import DataKey
from ledger.format.envelope import KeyRow
from ledger.format.event_reader import principals_in
from ledger.retention.expiry_queries import CopyKey, ExpiryQueries
from ledger.retention.holds_and_cases import Keeper
from ledger.retention.reasons import Reasons
from ledger.streams.streams import Streams

# Streams whose copies are opened at once.
STREAMS_MAX = 500


class Copies:
    """Looks after these keys. Belongs to one thread.

    Args:
        keys: of the role writer; new keys are added to it.
    """

    def __init__(
        self, streams: Streams, keys: KeyRing, expiry_queries: ExpiryQueries, reasons: Reasons
    ) -> None:
        self._streams = streams
        self._keys = keys
        self._expiry_queries = expiry_queries
        self._reasons = reasons

    def key_for(self, keeper: UUID, expiring_keys: Collection[bytes]) -> DataKey:
        """The key under which the next copy for this owner stands; made if there is none.

        Args:
            expiring_keys: keys that die in this run.
        """
        live_keys = [
            key for key in self._expiry_queries.copy_keys([keeper]) if _stays(key, expiring_keys)
        ]
        used = [key.key_id for key in live_keys if key.is_used]
        spare = [key.key_id for key in live_keys if not key.is_used]
        while len(spare) < (1 if used else 2):
            spare.append(self._keys.added("held", keeper).id)
        key_id = (used or spare)[0]
        return self._keys.open([key_id])[key_id]

    def keep_spare(self, keepers: Iterable[Keeper]) -> None:
        """Let each of these that has copies have a key that seals nothing."""
        owned: dict[UUID, list[CopyKey]] = defaultdict(list)
        for key in self._expiry_queries.copy_keys([one.stream for one in keepers]):
            owned[key.owner].append(key)
        for owner, keys in owned.items():
            if all(key.is_used for key in keys if _stays(key, ())):
                self._keys.added("held", owner)

    def ended(self, rows: Collection[KeyRow]) -> set[UUID]:
        """Owners of which all keys are among these: they died with the end of the hold or case."""
        ids = {row.key_id for row in rows}
        owners = {row.owner for row in rows if row.key_class == "held" and row.owner is not None}
        return owners - {
            key.owner for key in self._expiry_queries.copy_keys(owners) if key.key_id not in ids
        }

    def unnamed(self, rows: Collection[KeyRow], keepers: Sequence[Keeper]) -> set[bytes]:
        """Those of these keys under which a record or a line stands that its owner names no more.

        Its owner names what it is placed on or was asked for, and the records from which these
        take omitted items. What somebody else needs of it is copied out when the key dies.

        Args:
            rows: of class `held`.
        """
        if not rows:
            return set()
        owners = {row.key_id: row.owner for row in rows}
        reasons = self._reasons.naming(owners, keepers)
        found: set[bytes] = set()
        some: dict[UUID, dict[bytes, set[bytes]]] = defaultdict(dict)
        for stream, key_id in self._expiry_queries.streams_under(owners):
            own = [one for one in reasons.get(stream, ()) if one.keeper == owners[key_id]]
            if not own:
                found.add(key_id)
            elif all(one.persons is not None for one in own):
                some[stream][key_id] = {key for one in own for key in one.persons or ()}
        streams = sorted(stream for stream, keys in some.items() if not keys.keys() <= found)
        for first in range(0, len(streams), STREAMS_MAX):
            found |= self._with_others(streams[first : first + STREAMS_MAX], some)
        return found

    def _with_others(
        self, streams: Sequence[UUID], persons: Mapping[UUID, Mapping[bytes, Collection[bytes]]]
    ) -> set[bytes]:
        """The keys under which these streams have a line of somebody else.

        Args:
            persons: stream → key → the principal keys of those whom its owner names there.
        """
        found: set[bytes] = set()
        key_of = self._streams.principal_key
        for event in self._streams.opened(self._streams.reads.facts_of_streams(streams, None)):
            key_id = event.header.sealed_key
            named = persons[event.header.stream].get(key_id or b"")
            if event.content is None or key_id is None or named is None:
                continue
            if any(key_of(one) not in named for one in principals_in(event.content)):
                found.add(key_id)
        return found


def _stays(key: CopyKey, expiring_keys: Collection[bytes]) -> bool:
    return key.day is None and key.key_id not in expiring_keys
