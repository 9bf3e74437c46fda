"""The dynamic provider of policies. Stored format: this module's path and the class name.

The program gives statements in our words; `check` writes the cloud's own documents beside them as soon as the key is
known. Two documents are compared by what they mean, so that an order or a spelling of the cloud's is no difference.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from kms_resources.access.words import Document
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import AccessRules, PolicyKey
from kms_resources.model import Target
from kms_resources.operations import policies
from kms_resources.operations.policies import PolicyDesk, PolicyOutcome
from kms_resources.providers import policy_props
from kms_resources.providers import props as stored
from kms_resources.providers.declared import Kind, declare, spared, stays_with_its_key
from kms_resources.providers.process import PerTarget, has_unknowns, placed, speak_plainly, tell
from kms_resources.providers.props import COMPLETE, INCOMPLETE, Props
from kms_resources.providers.used import same, without_provider
from kms_resources.uses import DesiredPolicy

OUTPUTS = ("documents", "phase", "others")
_OF_THE_KEY = ("key_id", "arn", "account")

desk_of: PerTarget[PolicyDesk] = PerTarget(lambda target: policies.open_desk(target, os.environ))
"""The one desk of a target in this process, with the credentials of the environment."""


class KeyPolicyProvider(ResourceProvider):
    """Write, read and take back policies. No attributes, as in `KeyProvider`."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:  # noqa: ARG002
        """Write the statements in the cloud's form, or say what cannot be said in it. Sends nothing."""
        declare(Kind.POLICY, news, "key")
        # What is said of a key can be judged before the key is made; its id and its account come with it.
        later = {name: "" for name in _OF_THE_KEY if has_unknowns(news.get(name))}
        known = {**news, **later}
        if has_unknowns(known):
            return CheckResult(news, [])
        try:
            desired, key = policy_props.policy_of(known), policy_props.policy_key(known)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            return CheckResult(news, [CheckFailure("", f"is not complete or not valid: {error}")])
        rules = rules_of(desired.target)
        if rules is None:
            cloud = get_cloud(desired.target.cloud)
            return CheckResult(
                news, [CheckFailure("target", f"{desired.where}: {cloud.title} has no policies of keys")]
            )
        documents, failures = drafted(rules, desired, key)
        drawn = {} if later else {"documents": policy_props.document_props(documents)}
        return CheckResult({**news, **drawn}, failures)

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Whether an update is needed. Sends nothing, replaces never."""
        if has_unknowns(_news):
            return DiffResult(changes=None)
        if _olds.get("phase") == INCOMPLETE:
            return DiffResult(changes=True)
        with stored.readable(_id):
            unchanged = same(_olds, _news, "target", "key_id", "account") and _mean_the_same(_olds, _news)
        return DiffResult(changes=False if unchanged else None)

    def create(self, props: Props) -> CreateResult:
        """Write the policies, or take over those of a run that was killed."""
        key = policy_props.policy_key(props)
        return CreateResult(str(key.marker), _written(props, ()))

    def read(self, id_: str, props: Props) -> ReadResult:
        """The policies as they are now, inputs included, so that drift shows statement by statement."""
        with stored.readable(id_):
            desired, key = policy_props.policy_of(props), policy_props.policy_key(props)
            rules = _rules(desired.target)
            known = policy_props.documents_of(props, rules.kind)
        with placed(desired.where):
            found = policies.read(desk_of(desired.target), key, known)
        if found is None:
            return ReadResult("", {})
        documents = [_as_known(rules, known, one, key.account) for one in found.documents]
        seen = {**props, "documents": policy_props.document_props(documents)}
        if found.others or props.get("others"):
            seen["others"] = list(found.others)
        inputs = {name: value for name, value in seen.items() if name not in {"phase", "others"}}
        return ReadResult(id_, seen, inputs)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring the policies to what is declared; a policy of another key than before is taken back there."""
        with stored.readable(_id):
            before, key = policy_props.policy_key(_olds), policy_props.policy_key(_news)
            former = policy_props.documents_of(_olds, _rules(key.target).kind)
        outputs = _written(_news, former)
        if before.id != key.id and desk_of(key.target).keys:
            for note in policies.remove(desk_of(before.target), before, former, f"{key.target.name}/policy/{key.name}"):
                tell(note)
        return UpdateResult(outputs)

    def delete(self, _id: str, _props: Props) -> None:
        """Give the key the cloud's default policy again, or take off and delete the policies that we made.

        Only a run whose program declares the key, and this policy no more, does that: in `pulumi destroy` a key that
        stays keeps its policy.
        """
        with stored.readable(_id):
            desired, key = policy_props.policy_of(_props), policy_props.policy_key(_props)
            known = policy_props.documents_of(_props, _rules(desired.target).kind)
        if spared(Kind.POLICY, _props, "key", desired.where) or stays_with_its_key(Kind.POLICY, _props, desired.where):
            return
        with placed(desired.where):
            for note in policies.remove(desk_of(desired.target), key, known, desired.where):
                tell(note)


def rules_of(target: Target) -> AccessRules | None:
    """What the policies of a target can say; None where it has none."""
    access = get_cloud(target.cloud).access
    return access() if access else None


def drafted(
    rules: AccessRules, desired: DesiredPolicy, key: PolicyKey
) -> tuple[tuple[Document, ...], list[CheckFailure]]:
    """The documents of a policy, and what is wrong with it: stack files were checked already, programs were not."""
    if refusal := rules.refusal(desired.target):
        return (), [CheckFailure("target", f"{desired.where}: {refusal}")]
    documents, problems = (
        rules.draft(desired.statements, key) if desired.native is None else rules.native(desired.native, key)
    )
    name = "statements" if desired.native is None else "native"
    failures = [
        CheckFailure(name, f"{desired.where}: {problem.path}: {problem.what}") for problem in problems if problem.fatal
    ]
    if not failures and (refusal := rules.lockout(documents, key)):
        failures.append(CheckFailure(name, f"{desired.where}: {refusal}"))
    return documents, failures


def _rules(target: Target) -> AccessRules:
    rules = rules_of(target)
    if rules is None:
        raise ValueError(f"{target.cloud} has no policies of keys")
    return rules


def _mean_the_same(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    key = policy_props.policy_key(news)
    rules = _rules(key.target)
    before = {one.name: one for one in policy_props.documents_of(olds, rules.kind)}
    after = {one.name: one for one in policy_props.documents_of(news, rules.kind)}
    return before.keys() == after.keys() and all(
        sorted(one.attached_to) == sorted(after[name].attached_to)
        and rules.same(one.body, after[name].body, key.account)
        for name, one in before.items()
    )


def _as_known(rules: AccessRules, known: tuple[Document, ...], seen: Document, account: str) -> Document:
    """What is there, in the form that the state has if it means the same."""
    former = next((one for one in known if one.name == seen.name), None)
    if former is None or not rules.same(former.body, seen.body, account):
        return seen
    return (
        former
        if sorted(former.attached_to) == sorted(seen.attached_to)
        else Document(seen.kind, former.body, seen.name, seen.attached_to)
    )


def _written(props: Props, former: tuple[Document, ...]) -> Props:
    desired, key = policy_props.policy_of(props), policy_props.policy_key(props)
    rules = _rules(desired.target)
    wanted = policy_props.documents_of(props, rules.kind)
    with placed(desired.where):
        outcome = policies.write(desk_of(desired.target), key, wanted, former, desired.where)
    for note in outcome.notes:
        tell(note)
    if outcome.problem:
        tell(f"{desired.where}: the policy is written in part and not finished: {outcome.problem}")
    return _outputs(rules, props, wanted, outcome, key.account)


def _outputs(
    rules: AccessRules, inputs: Props, wanted: tuple[Document, ...], outcome: PolicyOutcome, account: str
) -> Props:
    documents = [_as_known(rules, wanted, one, account) for one in outcome.documents]
    return {
        **without_provider(inputs),
        "documents": policy_props.document_props(documents),
        "phase": INCOMPLETE if outcome.problem else COMPLETE,
        **({"others": list(outcome.others)} if outcome.others else {}),
    }
