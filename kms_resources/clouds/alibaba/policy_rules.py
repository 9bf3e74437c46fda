"""What key policies of Alibaba Cloud can say, with the words for people that the translation leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from kms_resources.access.alibaba.actions import ACTIONS, ALL, listed
from kms_resources.access.alibaba.parse import parse
from kms_resources.access.alibaba.translate import ON_KEY, refusals, translate
from kms_resources.access.equal import same_document
from kms_resources.access.lockout import locked_out
from kms_resources.access.patterns import glob
from kms_resources.access.translating import expand
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Effect,
    Native,
    Problem,
    Resource,
    ResourceKind,
    Statement,
    World,
)
from kms_resources.clouds.access import PolicyKey
from kms_resources.clouds.drafting import unknown_actions
from kms_resources.model import Target

NAME = "default"
CHANGES_POLICY = "kms:SetKeyPolicy"


class AlibabaRules:
    """`AccessRules` of Alibaba Cloud."""

    kind = DocumentKind.KEY_POLICY

    def refusal(self, target: Target) -> str:
        """Keys outside of instances have none."""
        if target.instance:
            return ""
        return "only keys of a KMS instance have a policy, and this target names none"

    def draft(
        self, statements: tuple[Statement, ...], key: PolicyKey
    ) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
        """One document with a statement for each of ours."""
        resource = _resource(key)
        problems = [*unknown_actions(statements, ACTIONS, _fits), *refusals(statements, resource)]
        if any(problem.fatal for problem in problems):
            return (), tuple(problems)
        return translate(statements, resource), (*problems, *_doubts(statements))

    def native(self, body: Native, key: PolicyKey) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:  # noqa: ARG002
        """The document as it is."""
        document = Document(self.kind, body, NAME)
        return (document,), parse(document).problems

    def same(self, one: Native, other: Native, account: str) -> bool:  # noqa: ARG002
        """By meaning."""
        return same_document("alibaba", Document(self.kind, one), Document(self.kind, other))

    def lockout(self, documents: tuple[Document, ...], key: PolicyKey) -> str:
        """Whether nobody could surely call SetKeyPolicy any more: no RAM policy outweighs a deny.

        [I] Without a deny the account itself always can. Who deploys is not told by any call of KMS, so a deny for
        that one identity is not seen here; `kms review` is told who it is.
        """
        denying = [
            rule.sid
            for document in documents
            for rule in parse(document).rules
            if rule.effect is Effect.DENY
            and any(_fits(action, CHANGES_POLICY) for action in rule.actions) != rule.not_actions
        ]
        # Only a deny can lock out, and the exact answer takes its time.
        if not denying or not locked_out(World("alibaba", key.account, _resource(key), documents)):
            return ""
        return (
            f"{' and '.join(denying)} denies {CHANGES_POLICY} to the whole account, the identity that deploys "
            "included: nobody could take it back"
        )


def _resource(key: PolicyKey) -> Resource:
    return Resource(ResourceKind.KEY, key.account, key.target.region, key.id, instance=key.target.instance)


def _fits(word: str, action: str) -> bool:
    return glob(word, action, ignore_case=True)


def _doubts(statements: tuple[Statement, ...]) -> Iterator[Problem]:
    """Words of which nothing is in the published list of what takes effect; KMS stores them all the same."""
    for statement in statements:
        for place, word in enumerate(statement.actions):
            meant = expand([word], ON_KEY)
            if ALL not in meant and not any(listed(action) or "*" in action for action in meant):
                what = f"{word} is perhaps without effect: the documents of 2024 do not list it for key policies"
                yield Problem(f"{statement.sid}.actions[{place}]", what, fatal=False)
        if statement.conditions.private_ip and not statement.conditions.vpc:
            what = "addresses inside a VPC say little without the VPC; write vpc beside it"
            yield Problem(f"{statement.sid}.conditions.private_ip", what, fatal=False)


RULES = AlibabaRules()
