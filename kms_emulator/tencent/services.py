"""The services behind the one API: their versions, their actions, and the actions not emulated yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kms_emulator.contract import Rate
from kms_emulator.tencent import (
    asymmetric_actions,
    cam_actions,
    data_key_actions,
    data_key_creation,
    facts,
    gaps,
    import_actions,
    key_actions,
    list_actions,
    rotation_actions,
    sts_actions,
    symmetric_actions,
    tag_actions,
    tag_catalogue,
    tag_queries,
    uses,
)
from kms_emulator.tencent.work import Action


@dataclass(frozen=True)
class Service:
    """One service. ``gaps`` are actions of the vendor that are refused by name."""

    name: str
    version: str
    regional: bool
    actions: Mapping[str, Action]
    gaps: frozenset[str]


SERVICES: Mapping[str, Service] = {
    service.name: service
    for service in (
        Service(
            "kms", "2019-01-18", regional=True, gaps=gaps.KMS,
            actions={
                **key_actions.ACTIONS, **rotation_actions.ACTIONS, **list_actions.ACTIONS, **symmetric_actions.ACTIONS,
                **asymmetric_actions.ACTIONS, **import_actions.ACTIONS, **data_key_creation.ACTIONS,
                **data_key_actions.ACTIONS,
            },
        ),
        Service(
            "tag", "2018-08-13", regional=False, gaps=gaps.TAG,
            actions={**tag_actions.ACTIONS, **tag_queries.ACTIONS, **tag_catalogue.ACTIONS},
        ),
        Service("cam", "2019-01-16", regional=False, gaps=gaps.CAM, actions=cam_actions.ACTIONS),
        Service("sts", "2018-08-13", regional=False, gaps=gaps.STS, actions=sts_actions.ACTIONS),
    )
}  # fmt: skip

# For the tag service, CAM and STS no rate was found that holds for all their actions.
RATES: Mapping[str, Rate] = {
    f"kms.{name}": Rate(uses.RATES.get(name, facts.RATE)) for name in SERVICES["kms"].actions
}  # fmt: skip


def service_of(*, host: str, scope: str, version: str, action: str) -> Service | None:
    """The service a request is for: by the host's first label, else by the credential scope.

    A version 1 request to a local address has neither: then version and action tell.
    """
    label = host.split(".", 1)[0]
    if label in SERVICES:
        return SERVICES[label]
    if scope:
        return SERVICES.get(scope)
    found = [service for service in SERVICES.values() if action in service.actions or action in service.gaps]
    return next((service for service in found if service.version == version), found[0] if found else None)
