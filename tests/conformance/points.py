"""Access points for the cases of this folder: one per cloud that has them, over one wire."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from kms_resources.access.words import AccessPoint
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import ActualPoint, CredentialClient, WantedPoint
from kms_resources.clouds.marking import derived_name
from kms_resources.model import Deletion, DeletionPolicy, Marker, Target
from kms_resources.operations import access_points
from kms_resources.operations.access_points import PointDesk, PointOutcome
from kms_resources.uses import DesiredAccessPoint
from tests.support.emulator import INNER_URL, InnerAdapter, Running, run_emulator

TARGETS = {
    "alibaba": Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvsoft01"),
    "ctyun": Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002"),
}
MARKER = Marker("shop/prod/billing")
NAME = derived_name(MARKER, 63)
POINTS = {
    "alibaba": AccessPoint(
        NAME, ("use",), ("key/one", "key/two"), ("10.0.0.0/8", "192.168.1.7"), TARGETS["alibaba"].instance
    ),
    "ctyun": AccessPoint(
        NAME,
        ("decrypt", "encrypt"),
        ("key/*",),
        vpc="vpc-example0001",
        subnet="subnet-example0001",
        endpoints=("ep-1",),
    ),
}
WRITES = {
    "alibaba": ("CreateNetworkRule", "CreatePolicy", "CreateApplicationAccessPoint"),
    "ctyun": ("createAccessPoint", "updateApiPermissions", "updateResourcePermissions", "addEndpointWhitelist"),
}
DELETES = {
    "alibaba": ("DeleteApplicationAccessPoint", "DeletePolicy", "DeleteNetworkRule"),
    "ctyun": ("deleteAccessPoint",),
}


@dataclass
class PointCase:
    """One cloud, one wire, and short words for what the cases do."""

    cloud: str
    emulator: Running
    target: Target

    @property
    def desk(self) -> PointDesk:
        """What the next run has: it remembers nothing."""
        desk = access_points.open_desk(self.target, self.emulator.environ, self.emulator.pauses.append)
        self.patch(desk.client)
        return desk

    @property
    def credentials(self) -> CredentialClient:
        connect = get_cloud(self.target.cloud).connect_credentials
        assert connect is not None
        client = connect(self.target, self.emulator.environ)
        self.patch(client)
        return client

    def patch(self, client: Any) -> None:
        transport = client._api.transport if hasattr(client._api, "transport") else client._transport
        transport.sleep = self.emulator.pauses.append
        if self.emulator.url == INNER_URL:
            session: requests.Session = transport._session
            session.mount("https://", InnerAdapter(self.emulator.emulator))

    def wanted(self, **changed: Any) -> WantedPoint:
        return WantedPoint(replace(POINTS[self.cloud], **changed), MARKER, "Billing")

    def desired(self, wanted: WantedPoint | None = None, *, leave: bool = False) -> DesiredAccessPoint:
        policy = DeletionPolicy.SCHEDULE if leave else DeletionPolicy.PREVENT
        point = (wanted or self.wanted()).point
        return DesiredAccessPoint("billing", self.target, point, "Billing", (), Deletion(policy), MARKER)

    def write(self, wanted: WantedPoint | None = None) -> PointOutcome:
        wanted = wanted or self.wanted()
        return access_points.write(self.desk, self.desired(wanted), wanted)

    def seen(self) -> ActualPoint | None:
        return self.desk.client.describe(NAME)

    def left(self, wanted: WantedPoint | None = None) -> tuple[object, ...]:
        """Plan again in a new process. Empty is right."""
        return self.desk.client.steps(wanted or self.wanted(), self.seen())

    def fault(self, kind: str, action: str, **more: Any) -> None:
        self.emulator.fault(kind=kind, cloud=self.cloud, action=action, **more)

    def calm(self) -> None:
        self.emulator.emulator.faults.clear()

    def count(self, action: str) -> int:
        return self.emulator.actions(self.cloud).count(action)


@contextmanager
def open_point_case(cloud: str, wire: str, folder: Path) -> Iterator[PointCase]:
    with run_emulator(folder, http=wire == "http", clouds=[cloud]) as emulator:
        yield PointCase(cloud, emulator, TARGETS[cloud])
