"""The log: a tree over all events that anyone can check, signed at its sizes.

`folder` keeps tiles and the published checkpoint as files; `anchor` keeps the last checkpoint
outside the database, moved by compare and swap; `integrator` takes new events into the tree and
signs; `proofs` reads proofs and receipts from the tiles; `event_check` hashes everything again.

Source: RFC 6962; C2SP tlog-tiles, tlog-checkpoint, tlog-proof.
"""
