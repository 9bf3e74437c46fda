"""Application access points (应用接入点) of CTYun KMS and their tenant credentials (租户凭证).

Only the titles of the 20 operations are published; names and fields: `table_access.py`, all [I?]. What there is no
operation for is refused instead of guessed: nothing changes the network of an access point, takes an endpoint off its
whitelist or switches permission control on again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from kms_resources.access.words import AccessPoint
from kms_resources.clouds.access import ActualCredential, ActualPoint, NewCredential, Part, PointStep, WantedPoint
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun import convert, payload
from kms_resources.clouds.ctyun.api import RATES, Api
from kms_resources.clouds.ctyun.auth import CtyunAuth
from kms_resources.clouds.ctyun.words import OPERATIONS, WORDS
from kms_resources.clouds.marking import split_marker, with_marker
from kms_resources.clouds.transport import Transport
from kms_resources.errors import NotFoundError, UnclearError, UnsafeError
from kms_resources.model import Target

PAGE = 100
_ANOTHER = "declare a second access point under a new name, move its applications, and only then remove this one"


class CtyunAccessPoints:
    """One method per need of `AccessPointClient`; the docstrings say which operation it takes."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._api = Api(target, CtyunAuth(credentials), url, self._transport)

    def describe(self, name: str) -> ActualPoint | None:
        """listAccessPoints by name, then listApiPermissions, listResourcePermissions, listEndpointWhitelist and
        checkPermissionControl."""
        rows = [row for row in self._api.pages("list_points", "point_id", name=name) if row.get(WORDS["name"]) == name]
        if not rows:
            return None
        if len(rows) > 1:
            raise UnsafeError(
                f"{len(rows)} access points have the name {name}",
                where=self._api.where,
                why=" and ".join(str(row[WORDS["point_id"]]) for row in rows),
                advice="delete all but one of them by hand; nothing was touched",
            )
        row, point_id = rows[0], str(rows[0][WORDS["point_id"]])
        description, marker = split_marker(str(row.get(WORDS["description"]) or ""))
        point = AccessPoint(
            name,
            actions=tuple(sorted(self._actions(point_id))),
            resources=tuple(sorted(self._resources(point_id))),
            instance=str(row.get(WORDS["instance"]) or ""),
            vpc=str(row.get(WORDS["vpc"]) or ""),
            subnet=str(row.get(WORDS["subnet"]) or ""),
            endpoints=tuple(sorted(self._endpoints(point_id))),
            control=self._control(point_id),
        )
        return ActualPoint(point, {Part.POINT: marker}, id=point_id, description=description)

    def steps(self, wanted: WantedPoint, actual: ActualPoint | None) -> tuple[PointStep, ...]:
        """The point first, what it may afterwards: a new one is controlled and may nothing."""
        if actual is None:
            return (PointStep.CREATE_POINT,)  # what is left shows when it is read back
        self._refuse_fixed(wanted, actual)
        wish, fact = wanted.point, actual.point
        rows = (
            (PointStep.SET_ACTIONS, sorted(wish.actions) != sorted(fact.actions)),
            (PointStep.SET_RESOURCES, sorted(wish.resources) != sorted(fact.resources)),
            (PointStep.ADD_ENDPOINTS, bool(set(wish.endpoints) - set(fact.endpoints))),
            (PointStep.SWITCH_CONTROL_OFF, fact.control and not wish.control),
        )
        return tuple(step for step, needed in rows if needed)

    def take(self, step: PointStep, wanted: WantedPoint, actual: ActualPoint | None) -> None:
        """One a step: createAccessPoint, updateApiPermissions, updateResourcePermissions, addEndpointWhitelist,
        disablePermissionControl, deleteAccessPoint."""
        wish = wanted.point
        if step is PointStep.CREATE_POINT or actual is None:
            self._api.call(
                "create_point",
                name=wish.name,
                instance=wish.instance or None,
                vpc=wish.vpc,
                subnet=wish.subnet,
                description=with_marker(wanted.description, wanted.marker),
            )
        elif step is PointStep.SET_ACTIONS:
            self._api.call("set_apis", point_id=actual.id, apis=sorted(wish.actions))
        elif step is PointStep.SET_RESOURCES:
            rows = [dict(zip(self._resource_fields(), text.split("/", 1), strict=True)) for text in wish.resources]
            self._api.call("set_resources", point_id=actual.id, resources=rows)
        elif step is PointStep.ADD_ENDPOINTS:
            missing = sorted(set(wish.endpoints) - set(actual.point.endpoints))
            self._api.call("add_endpoints", point_id=actual.id, endpoints=missing)
        elif step is PointStep.SWITCH_CONTROL_OFF:
            self._api.call("switch_control_off", point_id=actual.id)
        else:
            with suppress(NotFoundError):
                self._api.call("delete_point", point_id=actual.id)

    def removal(self, actual: ActualPoint) -> tuple[PointStep, ...]:
        """The point takes all of it along."""
        return (PointStep.DELETE_POINT,) if actual.exists else ()

    def _refuse_fixed(self, wanted: WantedPoint, actual: ActualPoint) -> None:
        wish, fact = wanted.point, actual.point
        fixed = [
            f"{name} is {before or 'not set'}, and {after} is wanted"
            for name, before, after in (
                ("instance", fact.instance, wish.instance),
                ("vpc", fact.vpc, wish.vpc),
                ("subnet", fact.subnet, wish.subnet),
            )
            # What nobody asked for was the cloud's choice; what the cloud does not tell cannot be compared.
            if before and after and before != after
        ]
        if gone := sorted(set(fact.endpoints) - set(wish.endpoints)):
            fixed.append(f"no operation takes {', '.join(gone)} off the endpoint whitelist")
        if wish.control and not fact.control:
            fixed.append("no operation switches permission control on again")
        if fixed:
            raise UnsafeError(
                f"access point {wish.name} cannot be changed to what the stack declares",
                where=self._api.where,
                why="; ".join(fixed),
                advice=_ANOTHER,
            )

    def _actions(self, point_id: str) -> Iterator[str]:
        name, allowed = OPERATIONS["list_apis"].rows.row
        for row in self._rows("list_apis", point_id):
            if convert.flag(row.get(allowed, True)):
                yield payload.filled(OPERATIONS["list_apis"], row, name)

    def _resources(self, point_id: str) -> Iterator[str]:
        kind, resource_id = self._resource_fields()
        operation = OPERATIONS["list_resources"]
        for row in self._rows("list_resources", point_id):
            yield f"{payload.filled(operation, row, kind)}/{payload.filled(operation, row, resource_id)}"

    def _endpoints(self, point_id: str) -> Iterator[str]:
        # The list holds texts, or rows with one text each: the title says neither.
        rows = self._api.call("list_endpoints", point_id=point_id).get(OPERATIONS["list_endpoints"].rows.wire)
        for row in rows or []:
            yield str(next(iter(row.values()))) if isinstance(row, Mapping) else str(row)

    def _control(self, point_id: str) -> bool:
        answer = self._api.call("check_control", point_id=point_id)
        (wire,) = OPERATIONS["check_control"].answer
        if wire not in answer:
            raise UnclearError(f"{OPERATIONS['check_control'].name} was answered without {wire}", where=self._api.where)
        return convert.flag(answer[wire])

    def _rows(self, name: str, point_id: str) -> Iterable[Mapping[str, Any]]:
        return rows_of(self._api, name, point_id)

    def _resource_fields(self) -> tuple[str, str]:
        kind, resource_id = OPERATIONS["list_resources"].rows.row
        return kind, resource_id


class CtyunTenants:
    """One method per need of `CredentialClient`; the docstrings say which operation it takes."""

    has_password = False
    has_validity = False

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._api = Api(target, CtyunAuth(credentials), url, self._transport)

    def create(self, point: ActualPoint, password: str, not_before: str, not_after: str) -> NewCredential:  # noqa: ARG002
        """Operation createTenantAkSk. Never repeated: the secret is in this one answer and nowhere else."""
        answer = self._api.call("create_tenant", point_id=point.id)
        operation = OPERATIONS["create_tenant"]
        key, secret = (payload.filled(operation, answer, wire) for wire in operation.answer)
        content = dict(zip(operation.answer, (key, secret), strict=True))
        return NewCredential(ActualCredential(key), json.dumps(content).encode())

    def list(self, point: ActualPoint) -> tuple[ActualCredential, ...]:
        """Operation listTenantAks."""
        key, status, created = OPERATIONS["list_tenants"].rows.row
        rows = rows_of(self._api, "list_tenants", point.id)
        found = [
            ActualCredential(str(row[key]), created=str(row.get(created) or ""), state=str(row.get(status) or ""))
            for row in rows
        ]
        return tuple(sorted(found, key=lambda one: (one.created, one.id)))

    def delete(self, point: ActualPoint, credential_id: str) -> None:  # noqa: ARG002  (its id says it all)
        """Operation deleteTenantAk. Never repeated."""
        self._api.call("delete_tenant", access_key=credential_id)


def rows_of(api: Api, name: str, point_id: str) -> list[Mapping[str, Any]]:
    """All rows of a listing of an access point. Some of them count their rows and some do not."""
    operation = OPERATIONS[name]
    found: list[Mapping[str, Any]] = []
    page = 0
    while True:
        page += 1
        answer = api.call(name, point_id=point_id, page=page, size=PAGE)
        rows = answer.get(operation.rows.wire)
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise UnclearError(f"{operation.name} was answered without a list", where=api.where)
        found += [row for row in rows if row not in found]
        if len(rows) < PAGE:
            return found
