"""The running system: secrets, the application of one process, and the processes together.

`container_opener` opens the container if its keys open, `application` connects it with its
endpoints, `*_metrics` and `readiness` watch it, `stops` does what an approval left undone,
`supervisor` starts the processes and ends all when one ends; `child` is what those processes run,
and `control_pipe` what they say to the supervisor. `reasons` has the words for an operator.
"""
