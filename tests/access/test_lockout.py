"""Lockout after random edits of a policy: whoever the review says can still get in really does, at the emulator.

What blocks a merge is that nobody *surely* can change the policy (`Control.locked`), that is in every reading of the
open rules. So whenever it does not block, each sure holder is put to the emulator with the witness that names it, with
its own signature, from where and when the witness says; and whenever it blocks, everybody of the world tries.
Somebody who gets in all the same must be one whom the review calls undecided; such a one is also put to the emulator in
a reading that refuses it, and in one that does not, where the emulator has them.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.registry import load_clouds
from kms_emulator.seed import load_seed
from kms_resources.access.clouds import evaluate
from kms_resources.access.ctyun import actions as ctyun_actions
from kms_resources.access.lockout import Holder, locked_out, who_can
from kms_resources.access.words import ActionClass, Principal, PrincipalKind, Request, World
from kms_resources.review.access import control_of
from tests.access import alibaba_edits, alibaba_emulated, alibaba_stage, tencent_edits, tencent_emulated, tencent_stage
from tests.access.readings import readings_of
from tests.emulator.ctyun.support import Client as CtyunClient
from tests.emulator.ctyun.support import Tenant
from tests.support.emulator import INNER_URL, InnerAdapter
from tests.unit.access import ctyun_worlds

PARTS = 4
EDITS = 1_000
_STAND_INS = ("somebody", "a")
"""Names that the comparison gives to users whom no document names, or whom a pattern does."""
_ADDRESSES = ("10.0.0.1", "10.1.0.0", "192.0.2.9", "203.0.113.7", "198.51.100.1", "2001:db8::7", "2001:db9::7")
_VPCS = ("", "", "vpc-a", "vpc-b", "vpc-c")
_MOMENTS = ("2029-06-01T00:00:00Z", "2030-06-01T00:00:00Z", "2033-01-01T00:00:00Z")


def _from_somewhere(dice: random.Random) -> dict[str, str]:
    vpc = dice.choice(_VPCS)
    place = {"vpc": vpc, "private_ip": dice.choice(_ADDRESSES)} if vpc else {"source_ip": dice.choice(_ADDRESSES)}
    flags = {"mfa": "false", "secure_transport": dice.choice(("true", "true", "false"))}
    return {**place, **flags, "time": dice.choice(_MOMENTS)}


ALIBABA_PEOPLE = (
    *alibaba_edits.PEOPLE,
    *(Principal(PrincipalKind.USER, alibaba_edits.OWN, name) for name in _STAND_INS),
    Principal(PrincipalKind.ROLE, alibaba_edits.OWN, "some-role"),
)


class Alibaba:
    """The lockout of one part of the edits at Alibaba Cloud."""

    def __init__(self, stage: alibaba_stage.Stage) -> None:
        self.stage, self.seen = stage, Counter[str]()

    def edit(self, dice: random.Random) -> None:
        """One edit, reviewed and then lived with."""
        world = alibaba_edits.edited(dice)
        control = control_of(world)
        holders = who_can(world, ActionClass.POLICY)
        assert control is not None
        assert control.locked == locked_out(world) == (not any(holder.sure for holder in holders))
        self.stage.hold(world)
        for holder in holders:
            if holder.witness.principal.groups:
                self.stage.hold(_with_members(world, holder.witness))
            (self._sure if holder.sure else self._undecided)(world, holder)
            if holder.witness.principal.groups:
                self.stage.hold(world)
        if control.locked:
            self.seen["blocked"] += 1
            self.keep_out(world, dice)
        else:
            self.seen["not blocked"] += 1

    def _sure(self, world: World, holder: Holder) -> None:
        if holder.witness.attributes.get("mfa") == "true":
            # The emulator's access keys know no second factor: its decision is asked instead.
            assert alibaba_emulated.answer(world, holder.witness, {}), (holder, world)
            self.seen["second factor"] += 1
            return
        assert self._set(world, holder.witness) == "", (holder, world)
        self.seen["got in"] += 1

    def _undecided(self, world: World, holder: Holder) -> None:
        if holder.witness.attributes.get("mfa") == "true":
            self.seen["second factor"] += 1
            return
        for leaf in readings_of(world, world, holder.witness):
            self.stage.read(alibaba_emulated.rules(leaf.answers))
            assert (self._set(world, holder.witness) == "") == leaf.after, (leaf, holder, world)
            self.seen[f"undecided, then {'in' if leaf.after else 'out'}"] += 1
        self.stage.read(alibaba_emulated.rules({}))

    def keep_out(self, world: World, dice: random.Random) -> None:
        """Let everybody try, each from somewhere."""
        for asking in (*ALIBABA_PEOPLE, *alibaba_edits.ROOTS):
            request = Request(asking, "kms:SetKeyPolicy", world.resource, _from_somewhere(dice))
            code = self._set(world, request)
            assert code == alibaba_stage.REFUSED or evaluate(world, request).allowed is None, (request, world)
            self.seen["kept out"] += code == alibaba_stage.REFUSED

    def _set(self, world: World, request: Request) -> str:
        """Set the same policy again, so that what is tried next meets the same world."""
        key = self.stage.parameters("SetKeyPolicy", request.principal)["KeyId"]
        return self.stage.send(request, "SetKeyPolicy", KeyId=key, Policy=json.dumps(world.documents[0].body))


def _with_members(world: World, request: Request) -> World:
    """The world in which the principal is in the groups that the request says it is in."""
    name = request.principal.name
    return replace(world, groups={**world.groups, **dict.fromkeys(request.principal.groups, (name,))})


@pytest.mark.parametrize("part", range(PARTS))
def test_at_alibaba_whoever_the_review_names_can_set_the_key_policy(part: int, tmp_path: Path) -> None:
    first = alibaba_edits.world(alibaba_edits.sane())
    with alibaba_stage.open_stage(tmp_path, first, (*ALIBABA_PEOPLE, *alibaba_edits.ROOTS)) as stage:
        lockout = Alibaba(stage)
        for number in range(part * EDITS // PARTS, (part + 1) * EDITS // PARTS):
            lockout.edit(random.Random(f"alibaba lockout {number}"))
    seen = lockout.seen
    assert seen["blocked"] + seen["not blocked"] == EDITS // PARTS
    assert seen["blocked"] > EDITS / PARTS / 10
    assert seen["not blocked"] > EDITS / PARTS / 2
    assert seen["got in"] > EDITS / PARTS
    assert seen["kept out"] > EDITS / PARTS
    assert min(seen["undecided, then in"], seen["undecided, then out"]) > EDITS / PARTS / 20
    assert seen["second factor"] < seen["got in"] / 5


class Tencent:
    """Who can change policies after one part of the edits at Tencent Cloud."""

    def __init__(self, stage: tencent_stage.Stage) -> None:
        self.stage, self.seen = stage, Counter[str]()

    def edit(self, dice: random.Random) -> None:
        """One edit, reviewed and then lived with."""
        world = tencent_emulated.stored(tencent_edits.edited(dice))
        assert control_of(world) is None
        assert not locked_out(world)
        holders = who_can(world, ActionClass.POLICY)
        sure = [holder for holder in holders if holder.sure]
        assert any(one.principal.kind is PrincipalKind.ACCOUNT and one.always for one in sure)
        for holder in sure:
            self.stage.hold(_with_members(world, holder.witness))
            assert self.stage.send(holder.witness) == "", (holder, world)
            self.seen["got in"] += 1
        self.seen["only the main account" if len(sure) == 1 else "others"] += 1
        if len(holders) == 1:
            self._nobody_else(world, dice)

    def _nobody_else(self, world: World, dice: random.Random) -> None:
        self.stage.hold(world)
        for asking in tencent_edits.PEOPLE:
            place = {"source_ip": dice.choice(_ADDRESSES), "time": dice.choice(_MOMENTS)}
            for action in ("UpdatePolicy", "CreatePolicyVersion", "AttachUserPolicy", "CreatePolicy"):
                request = Request(asking, f"cam:{action}", world.resource, place)
                assert self.stage.send(request) == tencent_stage.REFUSED, (request, world)
                self.seen["kept out"] += 1


@pytest.mark.parametrize("part", range(PARTS))
def test_at_tencent_whoever_is_named_can_change_policies_and_the_main_account_always(part: int, tmp_path: Path) -> None:
    """Who may is changed in CAM, and the main account has everything: a review never blocks there."""
    region = tencent_edits.KEY.region
    with tencent_stage.open_stage(
        tmp_path, tencent_edits.OWN, region, tencent_edits.PEOPLE, [tencent_edits.GROUP]
    ) as stage:
        policies = Tencent(stage)
        for number in range(part * EDITS // PARTS, (part + 1) * EDITS // PARTS):
            policies.edit(random.Random(f"tencent lockout {number}"))
    seen = policies.seen
    assert seen["only the main account"] + seen["others"] == EDITS // PARTS
    assert seen["only the main account"] > 0
    assert seen["others"] > EDITS / PARTS / 2
    assert seen["got in"] > EDITS / PARTS * 2
    assert seen["kept out"] > 0


_EVERYWHERE = ["0.0.0.0/0", "::/0"]


@pytest.mark.parametrize(
    "denied",
    [
        [{"IpAddress": {"acs:SourceIp": _EVERYWHERE}}, {"IpAddress": {"acs:VpcSourceIp": _EVERYWHERE}}],
        [{"IpAddress": {"acs:SourceIp": _EVERYWHERE}}, {"StringLike": {"acs:SourceVpc": "*"}}],
        [{"Bool": {"acs:SecureTransport": "true"}}, {"Bool": {"acs:SecureTransport": "false"}}],
    ],
)
def test_what_is_left_for_a_call_from_nowhere_is_left_for_nobody(denied: list[dict[str, Any]], tmp_path: Path) -> None:
    everybody = [f"acs:ram::{alibaba_edits.OWN}:*"]
    denies = [alibaba_edits.statement("Deny", everybody, ["kms:SetKeyPolicy"], **one) for one in denied]
    assert not any(locked_out(alibaba_edits.world([*alibaba_edits.sane(), one])) for one in denies)
    world = alibaba_edits.world([*alibaba_edits.sane(), *denies])
    assert locked_out(world)
    dice = random.Random(0)
    with alibaba_stage.open_stage(tmp_path, world, (*ALIBABA_PEOPLE, *alibaba_edits.ROOTS)) as stage:
        lockout = Alibaba(stage)
        stage.hold(world)
        for _ in range(5):
            lockout.keep_out(world, dice)
    assert lockout.seen["kept out"] == 5 * len((*ALIBABA_PEOPLE, *alibaba_edits.ROOTS))


class Ctyun:
    """A running emulator of CTYun with one access point after another."""

    def __init__(self, emulator: Emulator) -> None:
        self.owner = CtyunClient(INNER_URL)
        self.owner.session.trust_env = False
        self.owner.session.mount(INNER_URL, InnerAdapter(emulator))
        self.key = self.owner.make()

    def hold(self, point: ctyun_worlds.Point, number: int) -> tuple[str, Tenant]:
        """An access point as described, in a network that every caller is in, and its credential."""
        name = f"{point.name}-{number}"
        made = self.owner.call("createAccessPoint", name=name, vpcId="vpc-example0002", subnetId="subnet-example0003")
        identifier = made["accessPointId"]
        apis = [name for name in point.apis if name != "*"]
        keys = [{"resourceType": "key", "resourceId": key} for key in ({self.key, "*"} if point.keys else ())]
        self.owner.call("updateApiPermissions", accessPointId=identifier, apis=apis)
        self.owner.call("updateResourcePermissions", accessPointId=identifier, resources=keys)
        if not point.control:
            self.owner.call("disablePermissionControl", accessPointId=identifier)
        given = self.owner.call("createTenantAkSk", accessPointId=identifier)
        return identifier, Tenant(self.owner, given["accessKey"], given["secretKey"])


NO_SUCH_SERVICE, NO_SUCH_INTERFACE = (404, "KMS.9056"), (400, "KMS_9031")
POLICY_INTERFACES = tuple(row.action for row in ctyun_actions.ACTIONS if row.kind is ActionClass.POLICY)


def test_at_ctyun_the_account_always_gets_in_and_an_access_point_never_changes_who_may(tmp_path: Path) -> None:
    """CTYun has no policy of a key: permissions belong to access points, and only the account changes those.

    So a review has nothing to block there. After random edits of access points the account still changes each of them,
    their own credentials never do, and no interface that changes who may can be permitted to one.
    """
    dice = random.Random("ctyun lockout")
    emulator = Emulator(tmp_path, load_clouds(["ctyun"]), load_seed(None))
    emulator.settings.update({"ctyun.enforce_access": True, "quotas": False, "ctyun.source_ip": "127.0.0.9"})
    tried: Counter[str] = Counter()
    try:
        stage = Ctyun(emulator)
        for number in range(120):
            spec = ctyun_worlds.random_spec(dice)
            world = ctyun_worlds.world(spec, dice)
            assert control_of(world) is None
            assert not locked_out(world)
            holders = who_can(world, ActionClass.POLICY)
            assert [(one.principal.kind, one.sure, one.always) for one in holders] == [
                (PrincipalKind.ACCOUNT, True, True)
            ]
            for point in spec.points:
                identifier, tenant = stage.hold(point, number)
                interface = dice.choice(POLICY_INTERFACES)
                body = {"accessPointId": identifier, "apis": ["encrypt"]}
                assert tenant.refused(f"/accessPoint/{interface}", accessPointId=identifier) == NO_SUCH_SERVICE
                asked = stage.owner.refused("updateApiPermissions", accessPointId=identifier, apis=[interface])
                assert asked == NO_SUCH_INTERFACE
                assert stage.owner.call("updateApiPermissions", **body) == {}
                tried["point"] += 1
    finally:
        emulator.close()
    assert tried["point"] > 100
