"""Excel workbooks, read in memory that does not grow with them.

`beside` reads one in another process: there `package` opens the zip and finds its parts, `guarded`
parses XML without declarations, `texts` keeps the shared strings out of memory, `styles` tells
which numbers are days, `sheet` reads rows.

Macros, links to other workbooks and formulas are never looked at: a formula counts as the value
that was saved with it.
"""

from api.registers.xlsx.beside import SheetBeside, sheet_names

__all__ = ["SheetBeside", "sheet_names"]
