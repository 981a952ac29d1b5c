"""The running system: secrets, the application of one process, and the processes together.

`application` connects the house with its doors, `lag` watches the read side, `supervisor` starts
the processes and ends all when one ends; `child` is what those processes run.
"""
