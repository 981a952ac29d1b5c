"""The fictional year: everybody and everything in it is invented, but for the policy's own notice.

`people` and `parties` say who, `acts` what one transfer looks like, `story` what happens to the
one person whose history is shown, `year` what everybody else does; `sending` sends it all through
the HTTP API, `showing` prints what came of it, `running` puts it together.
"""
