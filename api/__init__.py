"""HTTP endpoints and the command line; who is calling.

Endpoints: `resources`, what they read and say: `wire`, on `web`. Who calls: `auth`; what a body may
be: `contract`; every refusal: `problems`; what is logged and counted: `observability`.
Connected: `container` builds the inside, `services` hands it to the endpoints (`group_commit_loop`
gathers their commands), `app` joins the endpoints. Running: `server`, `demo`, `cli`; `settings`
come from the `environment` and name the `database`.
"""
