"""The guard of a route, as a FastAPI dependency: `Annotated[Caller, Depends(requires(…))]`."""

from collections.abc import Iterable
from typing import Final, TypeVar, cast

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import BaseRoute

from api.auth.authenticator import Authenticator
from api.auth.caller import Caller
from api.auth.proofs import ProofTarget
from api.auth.scopes import OF_PERSONS, Scope
from api.problems.refusals import ScopeMissingError

CALLER: Final = "ledger.caller"
"""Where the connection's scope holds the caller, for the log line."""

PUBLIC: Final = frozenset(
    (
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/problems/{suffix}",
        # Of the pages: where people sign in and out, and what their browsers need for it.
        "/",
        "/sign-in",
        "/sign-in/start",
        "/sign-in/callback",
        "/sign-in/ended-by-provider",
        "/sign-out",
        "/signed-out",
        "/static/{name}",
    )
)
"""Routes open to everybody, by template. Every other one is guarded; the factory refuses else."""


_Guard = TypeVar("_Guard", bound="Guard")


class UnguardedRouteError(Exception):
    """A route has neither a guard nor a place in the public list; the program does not start."""


class Guard:
    """Lets somebody in who holds one of `scopes`; how they prove it, a kind of guard says.

    Attributes:
        scopes: each of them alone suffices.
    """

    def __init__(self, scopes: tuple[Scope, ...]) -> None:
        self.scopes = scopes
        self.suffice = frozenset(scopes)


class Requires(Guard):
    """Lets a caller in with a key or a token."""

    async def __call__(self, request: Request) -> Caller:
        """The caller.

        Raises:
            UnauthenticatedError: nobody we know (401).
            ScopeMissingError: somebody who may not (403).
            PersonUnknownError: a step of a case or of an audit bag, and no person is known (403).
        """
        scope = request.scope
        caller = cast("Caller | None", scope.get(CALLER))
        if caller is None:
            authenticator = cast("Authenticator", request.app.state.authenticator)
            target = ProofTarget(scope["method"], scope["path"])
            # Once: some routes are guarded twice, and a proof is good for one use.
            caller = await authenticator.caller(scope["headers"], target)
            scope[CALLER] = caller
        if self.suffice.isdisjoint(caller.scopes):
            scheme = "Bearer" if caller.jkt is None else "DPoP"
            raise ScopeMissingError(self.scopes, scheme)
        if self.suffice <= OF_PERSONS:
            caller.check_person()
        return caller


def requires(scope: Scope, *alternatives: Scope) -> Requires:
    """The dependency of a route that needs `scope`, or one of the alternatives."""
    return Requires((scope, *alternatives))


def guards(route: APIRoute) -> tuple[Requires, ...]:
    """The guards of a route, also those of its dependencies' dependencies."""
    return tuple(guards_of(route, Requires))


def guards_of(route: APIRoute, kind: type[_Guard]) -> Iterable[_Guard]:
    """The guards of one kind of a route, also those of its dependencies' dependencies."""
    return _guards(route.dependant, kind)


def _guards(dependant: Dependant, kind: type[_Guard]) -> Iterable[_Guard]:
    for one in dependant.dependencies:
        if isinstance(one.call, kind):
            yield one.call
        yield from _guards(one, kind)


def check_every_route(routes: Iterable[BaseRoute]) -> None:
    """Refuse an application with an endpoint without a guard.

    Raises:
        UnguardedRouteError: names the routes.
    """
    unguarded_paths = [
        path
        for route in routes
        if (path := cast("str", getattr(route, "path", type(route).__name__))) not in PUBLIC
        and not (isinstance(route, APIRoute) and any(_guards(route.dependant, Guard)))
    ]
    if unguarded_paths:
        raise UnguardedRouteError(", ".join(unguarded_paths))
