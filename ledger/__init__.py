"""What is a fact, and its seal: decisions, events, sealing, the store. No HTTP."""
