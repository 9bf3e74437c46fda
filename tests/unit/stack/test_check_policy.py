"""Policies and access points of a stack: what they become, and the limits that only a large file meets."""

from __future__ import annotations

import pytest

from kms_resources.access.words import Conditions, Effect, Statement
from kms_resources.model import Deletion, DeletionPolicy
from kms_resources.nodes import Mapping_
from kms_resources.source import parse
from kms_resources.stack import check_text
from kms_resources.stack.check import check_document
from kms_resources.stack.check_access_points import marked_points
from kms_resources.stack.check_policy import marked_policies
from kms_resources.stack.places import locate, plain
from kms_resources.stack.structure import WORDS
from kms_resources.uses import Uses
from tests.unit.stack.test_cases import CASES

HEAD = """\
version: 1
targets:
  guangzhou: {cloud: tencent, region: ap-guangzhou}
  hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
keys:
"""


def uses() -> Uses:
    checked = check_document(parse((CASES / "good" / "access.yaml").read_bytes(), "access.yaml", WORDS))
    assert checked.stack is not None
    return checked.stack.uses


def test_statements_are_read_in_our_words() -> None:
    admins, app, never = uses().policies[0].statements
    assert admins == Statement("admins", Effect.ALLOW, ("role/key-admin",), ("administer", "policy", "read"))
    assert app.conditions == Conditions(
        source_ip=("192.0.2.0/24", "2001:db8::/32"),
        after="2026-01-01T00:00:00Z",
        before="2027-01-01T00:00:00+08:00",
        tag={"owner": "payments"},
        mfa=True,
        secure_transport=True,
    )
    assert never.effect is Effect.DENY


def test_a_native_document_is_read_as_it_stands() -> None:
    native = uses().policies[1].native
    assert native is not None
    assert native["Statement"][0]["Principal"] == {"RAM": ["acs:ram::1000000000000001:*"]}


def test_policies_and_access_points_get_their_markers() -> None:
    found = uses()
    policies, points = (
        [one.marker for one in marked_policies(found.policies, "shop", "prod")],
        [one.marker for one in marked_points(found.access_points, "shop", "prod")],
    )
    assert policies == ["shop/prod/orders", "shop/prod/ledger", "shop/prod/invoices"]
    assert points == ["shop/prod/billing", "shop/prod/everything", "shop/prod/archive"]


def test_an_access_point_knows_its_keys_by_name_and_the_rest_by_resource() -> None:
    billing, everything, archive = uses().access_points
    assert (billing.keys, billing.point.resources) == (("orders",), ("secret/prod/db",))
    assert (everything.keys, everything.point.resources) == ((), ("key/*",))
    assert everything.deletion == Deletion(DeletionPolicy.SCHEDULE)
    assert {"encrypt", "decrypt", "generateRandom"} <= set(archive.point.actions)


@pytest.mark.parametrize(("target", "spec", "limit"), [("hangzhou", "AES_256", "32768"), ("guangzhou", "SM4", "6144")])
def test_a_policy_that_is_too_long_is_refused(target: str, spec: str, limit: str) -> None:
    if target == "hangzhou":
        names = ", ".join(f"user/somebody-with-a-long-name-{number:04}" for number in range(900))
        policy = f"{{app: {{principals: [{names}], actions: [encrypt]}}}}"
    else:
        blocks = ", ".join(f"10.{number // 250}.{number % 250}.0/24" for number in range(500))
        policy = f"{{app: {{principals: [user/a], actions: [encrypt], conditions: {{source_ip: [{blocks}]}}}}}}"
    report = check_text(f"{HEAD}  orders: {{target: {target}, spec: {spec}, policy: {policy}}}\n".encode(), "f.yaml")
    assert [limit in problem.message + problem.allowed for problem in report.problems] == [True]


def test_what_is_perhaps_without_effect_is_a_note() -> None:
    text = (
        f"{HEAD}  web: {{target: hangzhou, spec: EC_P256, policy: {{a: {{principals: [role/a], actions: [sign]}}}}}}\n"
    )
    report = check_text(text.encode(), "f.yaml")
    assert report.problems == ()
    (note,) = [note for note in report.notes if note.id == "no-effect"]
    assert note.field == "keys.web.policy.a.actions.0"
    assert "perhaps without effect" in note.message


def test_a_secret_in_a_native_document_is_found_all_the_same() -> None:
    text = (
        f'{HEAD}  a: {{target: hangzhou, spec: AES_256, policy: {{native: {{Version: "1", x: LTAIexampleexample}}}}}}\n'
    )
    problems = check_text(text.encode(), "f.yaml").problems
    assert any(problem.id == "secret" for problem in problems)
    assert not any("LTAIexample" in str(problem) for problem in problems)


def test_places_inside_documents_are_found_by_whole_names() -> None:
    root = parse(b'a: {"kms:tag/x.y": [1, 2], "kms:tag/x": 3}\nb: text\n', "f.yaml", WORDS).root
    assert isinstance(root, Mapping_)
    assert locate(root, "a.kms:tag/x.y[1]", ("top",))[1] == ("top", "a", "kms:tag/x.y", "1")
    assert locate(root, "b[0]", ())[1] == ("b",)
    assert locate(root, "a.nothing", ())[1] == ("a",)
    assert plain(root) == {"a": {"kms:tag/x.y": [1, 2], "kms:tag/x": 3}, "b": "text"}
