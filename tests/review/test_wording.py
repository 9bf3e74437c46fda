"""The sentences of a report: what a reviewer reads must be plain at once."""

import pytest

from kms_resources.access.compare import Judgement, Relation
from kms_resources.access.lockout import Reach
from kms_resources.access.words import ActionClass
from kms_resources.review import wording
from kms_resources.review.words import Control, Grade, Grant, Rollback, Witness

RULE = "alibaba.unlisted-action"


def grant(kind: ActionClass = ActionClass.USE_DECRYPT, *, decided: bool = True, **more: object) -> Grant:
    given: dict[str, object] = {
        "principal": "user/a",
        "kind": kind,
        "actions": ("kms:Decrypt", "kms:ReEncrypt"),
        "whole": False,
        "when": (),
        "reach": Reach.USER,
        "grade": Grade.MEDIUM,
        "decided": decided,
        "open_rules": () if decided else (RULE,),
        "witness": Witness("user/a", "kms:Decrypt", {}, "refused: no", "allowed: yes"),
        **more,
    }
    return Grant(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        (ActionClass.ADMINISTER, "to administer"),
        (ActionClass.USE_ENCRYPT, "to encrypt"),
        (ActionClass.USE_DECRYPT, "to decrypt"),
        (ActionClass.USE_SIGN, "to sign"),
        (ActionClass.USE_VERIFY, "to verify"),
        (ActionClass.READ, "to read"),
        (ActionClass.DELETE, "to delete"),
        (ActionClass.POLICY, "to change the policy"),
        (ActionClass.SECRETS, "to use secrets"),
    ],
)
def test_a_gain_is_a_right_to_do_something(kind: ActionClass, right: str) -> None:
    line = wording.grant_line(grant(kind), gain=True)
    assert line == f"user/a gains the right {right}: kms:Decrypt, kms:ReEncrypt"


def test_all_calls_of_a_class_are_called_so() -> None:
    assert wording.grant_line(grant(whole=True), gain=True) == "user/a gains the right to decrypt: every decrypt call"


@pytest.mark.parametrize(("gain", "verb"), [(True, "may gain"), (False, "may lose")])
def test_what_is_not_sure_may_be(gain: bool, verb: str) -> None:
    line = wording.grant_line(grant(decided=False, whole=True), gain=gain)
    assert line == f"user/a {verb} the right to decrypt: every decrypt call"
    assert wording.grant_origin(grant(decided=False), gain=gain).endswith(f"depends on open rule {RULE}")


def test_several_open_rules_are_told_as_several() -> None:
    origin = wording.grant_origin(grant(decided=False, open_rules=("a.one", 'outside:{"x":1}')), gain=False)
    assert origin == 'reaches one user; depends on open rules a.one, {"x":1}'


def test_a_loss_names_the_key_and_when() -> None:
    line = wording.grant_line(grant(on="orders", when=("in group apps",)), gain=False)
    assert line == "user/a loses the right to decrypt on orders: kms:Decrypt, kms:ReEncrypt, when in group apps"


def test_a_witness_tells_both_answers() -> None:
    assert wording.witness_line(grant()) == "for example user/a kms:Decrypt: before refused: no; after allowed: yes"


@pytest.mark.parametrize(
    ("relation", "decided", "rules", "expected"),
    [
        (Relation.WIDER, Relation.WIDER, (), "use: wider"),
        (Relation.WIDER, Relation.WIDER, (RULE,), "use: wider"),
        (Relation.WIDER, Relation.EQUIVALENT, (RULE,), f"use: perhaps wider, otherwise equivalent: depends on {RULE}"),
        (
            Relation.INCOMPARABLE,
            Relation.NARROWER,
            (RULE, "x.y"),
            f"use: perhaps incomparable, otherwise narrower: depends on {RULE}, x.y",
        ),
    ],
)
def test_a_verdict_says_what_is_certain(
    relation: Relation, decided: Relation, rules: tuple[str, ...], expected: str
) -> None:
    assert wording.verdict("use", Judgement(relation, decided, rules)) == expected


@pytest.mark.parametrize(
    ("control", "expected"),
    [
        (Control(("a", "b")), "after this, these can still change the policy: a, b"),
        (Control(("a",), ("c",)), "after this, these can still change the policy: a; perhaps also c"),
        (Control(()), "BLOCKED: after this, nobody can change the policy"),
        (
            Control((), ("c", "d")),
            "BLOCKED: after this, it is not certain that anybody can change the policy; perhaps c, d can",
        ),
        (
            Control(("a",), shut=(("2020-01-01T00:00:00Z", ""),)),
            "BLOCKED: from 2020-01-01T00:00:00Z on nobody can change the policy; at other times: a",
        ),
        (
            Control(("a",), shut=(("", "2030-01-01T00:00:00Z"), ("2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"))),
            "BLOCKED: until 2030-01-01T00:00:00Z, and from 2031-01-01T00:00:00Z until 2032-01-01T00:00:00Z nobody can "
            "change the policy; at other times: a",
        ),
    ],
)
def test_who_can_get_back_in_is_told_plainly(control: Control, expected: str) -> None:
    assert wording.control_line(control) == expected


def rollback(*, keeps: bool, decided: bool = True, policy: bool = True) -> Rollback:
    return Rollback("role/ci", keeps, () if keeps else ("kms:SetKeyPolicy",), policy, decided)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (rollback(keeps=True), "role/ci keeps every right that a rollback needs"),
        (
            rollback(keeps=True, policy=False),
            "role/ci loses nothing; whether it can change the policy, the stack does not say",
        ),
        (rollback(keeps=False), "role/ci loses rights that a rollback needs: kms:SetKeyPolicy"),
        (rollback(keeps=False, decided=False), "role/ci may lose rights that a rollback needs: kms:SetKeyPolicy"),
    ],
)
def test_whether_the_deployer_can_roll_back_is_told_plainly(given: Rollback, expected: str) -> None:
    assert wording.rollback_line(given) == expected
