"""Policies: written whole, found again after any crash, compared by meaning, and taken back without a trace."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kms_resources.access.words import Conditions, Effect, Statement
from kms_resources.clouds.access import PolicyKey
from kms_resources.errors import CloudError, NotFoundError, UnsafeError
from kms_resources.model import Marker
from kms_resources.operations import policies
from tests.conformance.policies import (
    ADMINS,
    APP,
    GET,
    TARGETS,
    WRITES,
    PolicyCase,
    open_policy_case,
    reserialised,
    widened,
    with_action,
)

LOST = ["lost_after_commit", "error_after", "cut_body", "wrong_json", "lost_before", "error_before"]


@pytest.fixture(params=sorted(TARGETS))
def policy(request: pytest.FixtureRequest, wire: str, tmp_path: Path) -> Iterator[PolicyCase]:
    with open_policy_case(str(request.param), wire, tmp_path) as case:
        yield case


@pytest.fixture
def cam(wire: str, tmp_path: Path) -> Iterator[PolicyCase]:
    with open_policy_case("tencent", wire, tmp_path) as case:
        yield case


def test_a_policy_arrives_as_declared(policy: PolicyCase) -> None:
    outcome = policy.write(ADMINS, APP)
    assert (outcome.problem, outcome.others) == ("", ())
    assert policy.as_declared(ADMINS, APP)


def test_a_second_write_changes_nothing(policy: PolicyCase) -> None:
    policy.write(ADMINS, APP)
    counts = [policy.count(action) for action in WRITES[policy.cloud]]
    policy.write(ADMINS, APP)
    assert [policy.count(action) for action in WRITES[policy.cloud]] == counts


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_any_write_makes_nothing_twice(policy: PolicyCase, fault: str) -> None:
    for action in WRITES[policy.cloud]:
        policy.fault(fault, action, count=1)
    assert policy.write(ADMINS, APP).problem == ""
    assert policy.as_declared(ADMINS, APP)


def test_a_write_that_fails_at_once_raises_and_leaves_nothing(policy: PolicyCase) -> None:
    policy.fault("error_before", {"alibaba": "GetKeyPolicy", "tencent": "ListPolicies"}[policy.cloud])
    with pytest.raises(CloudError):
        policy.write(ADMINS)
    policy.calm()
    assert policy.count(WRITES[policy.cloud][0]) == 0


def test_a_document_that_comes_back_in_another_order_is_no_difference(policy: PolicyCase) -> None:
    policy.write(APP)
    (document,) = policy.documents(APP)
    policy.meddle(document, reserialised(document.body))
    before = policy.count({"alibaba": "SetKeyPolicy", "tencent": "UpdatePolicy"}[policy.cloud])
    assert policy.as_declared(APP)
    policy.write(APP)
    assert policy.count({"alibaba": "SetKeyPolicy", "tencent": "UpdatePolicy"}[policy.cloud]) == before


def test_drift_is_seen_and_mended(policy: PolicyCase) -> None:
    policy.write(APP)
    (document,) = policy.documents(APP)
    policy.meddle(document, with_action(document, "kms:ScheduleKeyDeletion"))
    assert not policy.as_declared(APP)
    assert policy.write(APP, former=(document,)).problem == ""
    assert policy.as_declared(APP)


def test_a_changed_statement_changes_in_place(policy: PolicyCase) -> None:
    policy.write(ADMINS, APP)
    former = policy.documents(ADMINS, APP)
    made = policy.count(WRITES[policy.cloud][0])
    assert policy.write(ADMINS, widened(APP), former=former).problem == ""
    assert policy.as_declared(ADMINS, widened(APP))
    if policy.cloud == "tencent":
        assert policy.count("CreatePolicy") == made


def test_a_removed_policy_leaves_what_the_cloud_would_have_without_us(policy: PolicyCase) -> None:
    policy.write(ADMINS, APP)
    documents = policy.documents(ADMINS, APP)
    policies.remove(policy.desk, policy.key, documents, "here")
    desk = policy.desk
    if desk.keys:
        default = desk.keys.default_policy(policy.key.account)
        assert desk.rules.same(desk.keys.get_policy(policy.key.id), default, policy.key.account)  # type: ignore[arg-type]
    else:
        assert policies.read(desk, policy.key, documents) is None
    policies.remove(policy.desk, policy.key, documents, "here")


def test_a_policy_that_would_shut_everybody_out_is_refused(policy: PolicyCase) -> None:
    if policy.cloud != "alibaba":
        pytest.skip("who may is changed elsewhere")
    deny = Statement("never", Effect.DENY, ("account",), ("policy",))
    with pytest.raises(UnsafeError, match="nobody could take it back"):
        policy.write(ADMINS, deny)
    assert policy.count("SetKeyPolicy") == 0
    elsewhere = replace(deny, conditions=Conditions(not_source_ip=("192.0.2.0/24",)))
    assert policy.write(ADMINS, elsewhere).problem == ""


def test_a_run_that_stops_between_policy_and_attachment_is_incomplete_and_then_finished(cam: PolicyCase) -> None:
    cam.fault("error_before", "AttachUserPolicy", nth=2, count=99)
    outcome = cam.write(ADMINS, APP)
    assert "AttachUserPolicy" in outcome.problem
    cam.calm()
    assert cam.write(ADMINS, APP).problem == ""
    assert cam.as_declared(ADMINS, APP)
    assert cam.count("CreatePolicy") == 2


def test_an_attachment_that_somebody_took_off_is_drift(cam: PolicyCase) -> None:
    cam.write(APP)
    client, (document,) = cam.desk.identities, cam.documents(APP)
    assert client is not None
    found = client.find_policy(document.name)
    assert found is not None
    client.detach(found.id, client.attachments(found.id)[0])
    assert not cam.as_declared(APP)
    cam.write(APP, former=(document,))
    assert cam.as_declared(APP)


def test_attachments_of_others_are_shown_and_never_touched(cam: PolicyCase) -> None:
    cam.write(APP)
    client, (document,) = cam.desk.identities, cam.documents(APP)
    assert client is not None
    found = client.find_policy(document.name)
    assert found is not None
    client.attach(found.id, "user/guest")
    assert cam.write(APP, former=(document,)).others == ("user/guest",)
    notes = policies.remove(cam.desk, cam.key, (document,), "here")
    assert "stays" in notes[0]
    assert [one.short for one in client.attachments(found.id)] == ["user/guest"]


def test_a_principal_that_leaves_the_stack_is_detached(cam: PolicyCase) -> None:
    cam.write(APP)
    former = cam.documents(APP)
    fewer = replace(APP, principals=("user/auditor",))
    assert cam.write(fewer, former=former).others == ()
    assert cam.as_declared(fewer)


def test_a_statement_that_leaves_the_stack_takes_its_policy_along(cam: PolicyCase) -> None:
    cam.write(ADMINS, APP)
    cam.write(APP, former=cam.documents(ADMINS, APP))
    client = cam.desk.identities
    assert client is not None
    (document,) = cam.documents(ADMINS)
    assert client.find_policy(document.name) is None


def test_a_policy_of_our_name_without_our_marker_is_never_touched(cam: PolicyCase) -> None:
    client, (document,) = cam.desk.identities, cam.documents(APP)
    assert client is not None
    policy_id = client.create_policy(document.name, document.body, "somebody else's")
    with pytest.raises(UnsafeError, match="is not ours"):
        cam.write(APP)
    assert client.attachments(policy_id) == ()


def test_a_principal_that_does_not_exist_is_named_and_the_rest_is_safe(cam: PolicyCase) -> None:
    outcome = cam.write(replace(APP, principals=("user/nobody-there",)))
    assert "GetUser" in outcome.problem
    with pytest.raises(NotFoundError):
        cam.desk.identities.attach("1", "user/nobody-there")  # type: ignore[union-attr]


def test_users_groups_and_roles_are_attached_by_their_names(cam: PolicyCase) -> None:
    everybody = replace(APP, principals=("user/payments-app", "group/auditors", "role/kms-application"))
    assert cam.write(everybody).problem == ""
    assert cam.as_declared(everybody)
    policies.remove(cam.desk, cam.key, cam.documents(everybody), "here")
    assert cam.seen(everybody) is None


def test_two_keys_of_one_name_in_two_stacks_have_policies_of_their_own(cam: PolicyCase) -> None:
    cam.write(APP)
    other = PolicyKey("orders", cam.target, cam.key.account, cam.key.id, cam.key.arn, Marker("shop/test/orders"))
    documents, _ = cam.desk.rules.draft((APP,), other)
    assert policies.write(cam.desk, other, documents, (), "there").problem == ""
    assert documents[0].name != cam.documents(APP)[0].name
    assert cam.as_declared(APP)


def test_a_read_of_a_policy_costs_little(policy: PolicyCase) -> None:
    policy.write(APP)
    before = len(policy.emulator.journal())
    policy.seen(APP)
    assert len(policy.emulator.journal()) - before <= 3
    assert policy.count(GET[policy.cloud]) >= 1
