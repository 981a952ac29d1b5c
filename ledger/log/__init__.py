"""The signed log: its epochs, its root, and proofs of single records."""
