"""Merkle trees of RFC 6962: hashing, roots, proofs, the compact frontier, partial trees.

`hashes` holds the two hash rules and the root; `proofs` builds and checks inclusion proofs, and
checks consistency proofs; `frontier` appends without keeping the leaves; `partial` rebuilds a root
from some leaves and the subtrees around them; `tiles` names the pieces in which a log's tree is
stored, `tiled_tree` reads proofs from them and grows them; `checkpoint` says size and root as a
text. Everything speaks of leaf hashes, 32 bytes each.

Source: RFC 6962, section 2.1; RFC 9162, section 2.1.
"""

from ledger.merkle.frontier import Frontier
from ledger.merkle.hashes import EMPTY_ROOT, leaf_hash, mth, node_hash, root_of
from ledger.merkle.partial import joined, narrowed, path_in_partial, root_of_partial
from ledger.merkle.proofs import inclusion_path, verify_consistency, verify_inclusion

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "inclusion_path",
    "joined",
    "leaf_hash",
    "mth",
    "narrowed",
    "node_hash",
    "path_in_partial",
    "root_of",
    "root_of_partial",
    "verify_consistency",
    "verify_inclusion",
]
