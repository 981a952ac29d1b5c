"""The access log: who looked at whose data, and why."""
