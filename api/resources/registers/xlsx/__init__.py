"""Excel workbooks, read in memory that does not grow with them.

`sheet_process` reads one in another process: there `package` opens the zip, finds its parts
and tells which numbers are days, `safe_xml` parses XML without declarations, `texts` keeps the
shared strings out of memory, `sheet` reads rows.

Macros, links to other workbooks and formulas are never looked at: a formula counts as the value
that was saved with it.
"""

from api.resources.registers.xlsx.sheet_process import SubprocessSheet, sheet_names

__all__ = ["SubprocessSheet", "sheet_names"]
