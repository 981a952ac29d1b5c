"""Who signs in to the pages, put together from the settings."""

from datetime import timedelta

from api.auth.people import (
    Colleagues,
    People,
    PersonPseudonyms,
    Provider,
    ProviderClient,
    SessionLimits,
    SessionTable,
)
from api.container import Container
from api.settings.settings import Settings
from ledger.store.officer_names import OfficerNames

ISSUER = "ledger"
"""Whose identities the authenticator's are: a name in the keyed hash of an actor."""


def people_of(container: Container, settings: Settings) -> People | None:
    """Who signs in; None when there are no pages."""
    if settings.pages_url is None:
        return None
    assert settings.oidc_issuer is not None, "the settings were checked"
    assert settings.oidc_client_id is not None, "the settings were checked"
    assert settings.oidc_person_claim is not None, "the settings were checked"
    client = ProviderClient(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        pages_url=settings.pages_url,
        role_claim=settings.oidc_role_claim,
        person_claim=settings.oidc_person_claim,
    )
    limits = SessionLimits(
        idle=timedelta(minutes=settings.session_idle_minutes),
        whole=timedelta(hours=settings.session_hours_max),
        proof=timedelta(minutes=settings.proof_minutes_max),
    )
    names = OfficerNames(container.writer, container.keys, container.secret)
    return People(
        Provider(client),
        SessionTable(container.writer.connection, container.secret.row_mac),
        settings.oidc_roles,
        limits,
        PersonPseudonyms(
            lambda identity: container.secret.actor(ISSUER, identity), container.secret.lookup_key
        ),
        Colleagues(names, settings.officer_name_days),
    )
