"""Policies: who may use a key, written whole, read back, and taken back without touching what others made.

Either the key has a policy of its own, which is replaced and never removed: then the cloud's default comes back. Or
policies hang on users, groups and roles: then each has a name made of the key's marker and carries the marker in its
description, so that it is found again after any crash; attachments that we did not make stay as they are.

More is opened before less is closed, so that at no moment somebody lacks what both the old and the new policy give.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kms_resources.access.words import Document
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import (
    AccessRules,
    ActualPolicy,
    IdentityPolicyClient,
    KeyPolicyClient,
    PolicyKey,
)
from kms_resources.clouds.marking import policy_name, split_marker, with_marker
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    InputError,
    KmsError,
    NotFoundError,
    UnclearError,
    UnsafeError,
    WrongStateError,
)
from kms_resources.model import KeyId, Target
from kms_resources.operations.seeing import Clock, until_seen

ATTEMPTS_TO_CREATE = 3


@dataclass
class PolicyDesk:
    """What is needed to work on the policies of one target. May be shared by threads."""

    rules: AccessRules
    keys: KeyPolicyClient | None
    identities: IdentityPolicyClient | None
    clock: Clock


@dataclass(frozen=True)
class PolicyOutcome:
    """Policies after our work on them."""

    documents: tuple[Document, ...]
    """As the cloud has them, with the attachments that are ours."""
    others: tuple[str, ...] = ()
    """Who else has them attached, by somebody else's hand."""
    problem: str = ""
    """Why they are not yet as declared; empty when they are."""
    notes: tuple[str, ...] = ()


def open_desk(target: Target, environ: Mapping[str, str], sleep: Callable[[float], None] = time.sleep) -> PolicyDesk:
    """Connect to a target; raises `CredentialsError`. Sends nothing."""
    cloud = get_cloud(target.cloud)
    if cloud.access is None:
        raise InputError(f"{cloud.title} has no policies of keys", where=f"target {target.name}")
    keys = cloud.connect_key_policies(target, environ) if cloud.connect_key_policies else None
    identities = cloud.connect_identity_policies(target, environ) if cloud.connect_identity_policies else None
    return PolicyDesk(cloud.access(), keys, identities, Clock(cloud.read_lag, sleep))


def write(
    desk: PolicyDesk, key: PolicyKey, wanted: tuple[Document, ...], former: tuple[Document, ...], where: str
) -> PolicyOutcome:
    """Bring the policies to what is declared. `former` is what the state has: ours to take back.

    Raises `CloudError` while surely nothing was changed, and `UnsafeError` for somebody else's policy.
    """
    refusal = desk.rules.lockout(wanted, key)
    if refusal:
        raise UnsafeError("the policy is refused", where=where, why=refusal, advice="nothing was touched")
    if desk.keys:
        return _write_key_policy(desk, desk.keys, key, wanted[0], where)
    return _Identities(desk, _identities(desk), key, where).write(wanted, former)


def read(desk: PolicyDesk, key: PolicyKey, known: tuple[Document, ...]) -> PolicyOutcome | None:
    """The policies as they are; None when there is nothing of them."""
    if desk.keys:
        try:
            body = desk.keys.get_policy(KeyId(key.id))
        except NotFoundError:
            return None
        return PolicyOutcome((replace(known[0], body=body),))
    return _Identities(desk, _identities(desk), key, "").read(known)


def remove(desk: PolicyDesk, key: PolicyKey, known: tuple[Document, ...], where: str) -> tuple[str, ...]:
    """Take back what we wrote; returns notes for people."""
    if desk.keys is None:
        return _Identities(desk, _identities(desk), key, where).remove({document.name: document for document in known})
    try:
        desk.keys.set_policy(KeyId(key.id), desk.keys.default_policy(key.account))
    except NotFoundError:
        return (f"{where}: key {key.id} was gone already",)
    except WrongStateError as error:
        return (f"{where}: the policy of key {key.id} stays as it is: {error.why}",)
    return (f"{where}: key {key.id} has the cloud's default policy again",)


def _identities(desk: PolicyDesk) -> IdentityPolicyClient:
    if desk.identities is None:
        raise AssertionError("a cloud with rules has one of the two clients")
    return desk.identities


def _write_key_policy(
    desk: PolicyDesk, client: KeyPolicyClient, key: PolicyKey, wanted: Document, where: str
) -> PolicyOutcome:
    key_id = KeyId(key.id)
    before = client.get_policy(key_id)
    if not desk.rules.same(before, wanted.body, key.account):
        client.set_policy(key_id, wanted.body)
    problem = ""
    body = wanted.body
    try:
        seen = until_seen(
            lambda: client.get_policy(key_id), lambda now: desk.rules.same(now, wanted.body, key.account), desk.clock
        )
        if not desk.rules.same(seen, wanted.body, key.account):
            problem, body = f"{where}: the cloud still shows another policy than was set", seen
    except CloudError as error:
        problem = str(error.at(where))
    return PolicyOutcome((replace(wanted, body=body),), problem=problem)


@dataclass
class _Identities:
    """The policies of identities for one key."""

    desk: PolicyDesk
    client: IdentityPolicyClient
    key: PolicyKey
    where: str

    def write(self, wanted: tuple[Document, ...], former: tuple[Document, ...]) -> PolicyOutcome:
        names = {document.name for document in wanted}
        known = {document.name: document for document in former}
        changed = False
        try:
            for document in wanted:
                policy = self._find(document.name)
                changed = True
                self._bring(document, policy, known.get(document.name))
            notes = self.remove({name: known.get(name) for name in self._stale(names, known)})
        except KmsError as error:
            if not changed:
                raise
            seen = self._look(wanted)
            return replace(seen, problem=str(error.at(self.where)))
        return replace(self._look(wanted), notes=notes)

    def read(self, known: tuple[Document, ...]) -> PolicyOutcome | None:
        documents: list[Document] = []
        others: list[str] = []
        for document in known:
            policy = self._find(document.name)
            if policy is None:
                continue
            attached = self.client.attachments(policy.id)
            ours = tuple(name for name in document.attached_to if any(one.is_(name) for one in attached))
            documents.append(replace(document, body=policy.body, attached_to=ours))
            others += [one.short for one in attached if not any(one.is_(name) for name in document.attached_to)]
        return PolicyOutcome(tuple(documents), tuple(sorted(set(others)))) if documents else None

    def remove(self, known: Mapping[str, Document | None]) -> tuple[str, ...]:
        """Detach what we attached, then delete; a policy that others use too stays."""
        notes: list[str] = []
        for name, document in known.items():
            policy = self._find(name)
            if policy is None:
                continue
            ours = document.attached_to if document else ()
            attached = self.client.attachments(policy.id)
            for one in attached:
                if any(one.is_(principal) for principal in ours):
                    self.client.detach(policy.id, one)
            left = [one.short for one in attached if not any(one.is_(principal) for principal in ours)]
            if left:
                notes.append(
                    f"{self.where}: policy {name} stays, because somebody else attached it to {', '.join(left)}"
                )
            else:
                self.client.delete_policy(policy.id)
        return tuple(notes)

    def _bring(self, wanted: Document, policy: ActualPolicy | None, former: Document | None) -> None:
        description = with_marker("", self.key.marker)
        if policy is None:
            policy_id = self._make(wanted, description)
        else:
            policy_id = policy.id
            if not self.desk.rules.same(policy.body, wanted.body, self.key.account):
                self.client.replace_policy(policy_id, wanted.body, description)
        attached = self.client.attachments(policy_id)
        for principal in wanted.attached_to:
            if not any(one.is_(principal) for one in attached):
                self.client.attach(policy_id, principal)
        gone = [name for name in (former.attached_to if former else ()) if name not in wanted.attached_to]
        for one in attached:
            if any(one.is_(principal) for principal in gone):
                self.client.detach(policy_id, one)

    def _make(self, wanted: Document, description: str) -> str:
        for attempt in range(1, ATTEMPTS_TO_CREATE + 1):
            try:
                return self.client.create_policy(wanted.name, wanted.body, description)
            except (UnclearError, AlreadyExistsError):
                # It may be ours from this very call, or somebody was faster: the marker tells.
                found = until_seen(lambda: self._find(wanted.name), lambda policy: policy is not None, self.desk.clock)
                if found is not None:
                    self.client.replace_policy(found.id, wanted.body, description)
                    return found.id
                if attempt == ATTEMPTS_TO_CREATE:
                    raise
        raise AssertionError("unreachable: the loop returns or raises")

    def _stale(self, names: set[str], known: Mapping[str, Document]) -> list[str]:
        """Policies of this key that nothing declares any more, those of a run that was killed included."""
        beginning = policy_name(self.key.marker, "")
        listed = {name for _, name in self.client.list_policies(beginning)}
        return sorted((listed | set(known)) - names)

    def _find(self, name: str) -> ActualPolicy | None:
        found = self.client.find_policy(name)
        if found is None:
            return None
        marker = split_marker(found.description)[1]
        if marker != self.key.marker:
            raise UnsafeError(
                f"policy {name} is not ours",
                where=self.where,
                why=f"its description has {f'the marker {marker}' if marker else 'no marker'}, this stack would write "
                f"{self.key.marker}",
                advice="give it another name by hand, or write our marker at the end of its description",
            )
        return found

    def _look(self, wanted: tuple[Document, ...]) -> PolicyOutcome:
        try:
            seen = self.read(wanted)
        except KmsError:
            seen = None
        if seen is None:
            # They exist, and that is all we can say; the next update reads them.
            return PolicyOutcome(wanted)
        return seen
