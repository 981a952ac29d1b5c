"""Which keys die in one transaction, and in which order: what lives never needs what is dead.

Between two transactions of a run somebody may append a reason to keep what dies with the second.
So a record dies before the one from which it takes items, or with it; and what one stream has
under several keys dies at once.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

from ledger.retention.expiry import KEYS_PER_EVENT_MAX, in_events

Transaction = list[tuple[bytes, ...]]
"""The keys of each `records-expired` that is appended in it."""


def transactions(
    named: Mapping[bytes, Hashable], ties: Iterable[tuple[bytes, bytes]]
) -> list[Transaction]:
    """The keys in the order in which they die, as many to a transaction as one event lists.

    Keys of which each may not die after the other share one, however many they are.

    Args:
        named: key → the plan whose stream takes the event; in the order in which they die where
            nothing else asks for another one.
        ties: (key, one that may not die after it).
    """
    after: dict[bytes, list[bytes]] = defaultdict(list)
    for key, first in sorted(ties):
        after[key].append(first)
    found: list[Transaction] = []
    for group in _groups(named, after):
        under: dict[Hashable, list[bytes]] = defaultdict(list)
        for key in group:
            under[named[key]].append(key)
        last = found[-1] if found else []
        room = KEYS_PER_EVENT_MAX - len(group)
        if len(under) == len(last) == 1 and named[last[0][0]] in under and len(last[0]) <= room:
            last[0] = (*last[0], *group)
            continue
        found.append([batch for keys in under.values() for batch in in_events(keys)])
    return found


def _groups(keys: Collection[bytes], after: Mapping[bytes, Sequence[bytes]]) -> list[list[bytes]]:
    """The strongly connected components, each behind those to which it leads (Tarjan 1972)."""
    number: dict[bytes, int] = {}
    low: dict[bytes, int] = {}
    open_keys: dict[bytes, None] = {}
    rest: dict[bytes, Iterator[bytes]] = {}
    found: list[list[bytes]] = []
    for root in keys:
        path = [] if root in number else [root]
        while path:
            key = path[-1]
            if key not in number:
                number[key] = low[key] = len(number)
                open_keys[key] = None
                rest[key] = iter(after.get(key, ()))
            fresh = next((one for one in rest[key] if one not in number), None)
            if fresh is not None:
                path.append(fresh)
                continue
            path.pop()
            low[key] = min(
                [low[key], *(low[one] for one in after.get(key, ()) if one in open_keys)]
            )
            if low[key] == number[key]:
                group: list[bytes] = []
                while not group or group[-1] != key:
                    group.append(open_keys.popitem()[0])
                found.append(sorted(group))
    return found
