"""What the pages of registers read and show: how columns are mapped, how far an import is."""
