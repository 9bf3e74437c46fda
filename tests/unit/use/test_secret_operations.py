"""Secrets through lost answers, killed runs, foreign hands and pending deletions: one secret, and its value nowhere."""

from dataclasses import replace

import pytest

from kms_resources.clouds import get_cloud
from kms_resources.clouds.secrets import ActualSecret, SecretsClient, SecretSettings, SecretState
from kms_resources.crypto.seal import Seal
from kms_resources.errors import CloudError, DeniedError, InputError, NotFoundError, UnsafeError
from kms_resources.model import (
    Deletion,
    DeletionPolicy,
    DesiredKey,
    Marker,
    Settings,
    Source,
    SourceKind,
    Spec,
    Usage,
)
from kms_resources.operations import keys, secrets
from kms_resources.operations.secrets import SecretOutcome
from kms_resources.uses import DesiredSecret
from tests.support.workshop import HARDWARE, STANDS, Workshop, Workshops

VALUE, NEW = "canary-value-密", "canary-second-value"
NAME = "prod/db"
ARRIVED = ["lost_after_commit", "error_after", "cut_body", "wrong_json"]
NOT_ARRIVED = ["lost_before", "error_before"]


@pytest.fixture
def shop(workshops: Workshops) -> Workshop:
    return workshops.fresh("alibaba")


@pytest.fixture
def client(shop: Workshop) -> SecretsClient:
    return connect(shop)


@pytest.fixture(autouse=True)
def _value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", VALUE)


def connect(shop: Workshop) -> SecretsClient:
    """A client that never really sleeps."""
    found = get_cloud("alibaba").connect_secrets
    assert found
    client = found(shop.target, shop.running.environ)
    client._api.transport.sleep = shop.running.pauses.append  # type: ignore[attr-defined]
    return client


def desired(description: str = "", policy: DeletionPolicy = DeletionPolicy.SCHEDULE, **more: object) -> DesiredSecret:
    settings = SecretSettings(description=description, instance=HARDWARE, tags={"owner": "shop"}, **more)  # type: ignore[arg-type]
    return DesiredSecret(
        "db", STANDS["alibaba"], NAME, Marker("shop/prod/db"), Source(SourceKind.ENV, "DB_PASSWORD"), settings,
        deletion=Deletion(policy, 7),
    )  # fmt: skip


def value(shop: Workshop) -> str:
    return shop.client.secret_value(NAME).value.decode()


def delete(shop: Workshop, client: SecretsClient, secret: DesiredSecret | None = None, arn: str = "") -> str:
    return secrets.delete(client, shop.running.site(shop.target), secret or desired(), arn)


def read(shop: Workshop, client: SecretsClient, arn: str = "") -> ActualSecret | None:
    return secrets.read(client, shop.running.site(shop.target), desired(), arn)


def fault(shop: Workshop, kind: str, action: str, count: int = 1) -> None:
    shop.running.fault(kind=kind, cloud="alibaba", action=action, count=count)


def fits(outcome: SecretOutcome, text: str) -> bool:
    return outcome.seal.fits(text.encode())


def test_a_secret_is_made_with_its_marker_and_value_in_one_call(shop: Workshop, client: SecretsClient) -> None:
    outcome = secrets.create(client, desired("of the shop"))
    assert (outcome.problem, outcome.notes, value(shop)) == ("", (), VALUE)
    assert fits(outcome, VALUE)
    assert outcome.secret.marker == "shop/prod/db"
    assert (outcome.secret.settings.description, dict(outcome.secret.settings.tags)) == (
        "of the shop", {"owner": "shop"},
    )  # fmt: skip
    assert "PutSecretValue" not in shop.actions(0)


@pytest.mark.parametrize("kind", ARRIVED)
def test_a_secret_whose_creation_lost_its_answer_is_taken_over(
    shop: Workshop, client: SecretsClient, kind: str
) -> None:
    fault(shop, kind, "CreateSecret")
    outcome = secrets.create(client, desired())
    assert (outcome.problem, value(shop)) == ("", VALUE)
    assert fits(outcome, VALUE)
    assert shop.actions(0).count("CreateSecret") == 1


@pytest.mark.parametrize("kind", NOT_ARRIVED)
def test_a_creation_that_never_arrived_raises_and_the_next_run_makes_it(
    shop: Workshop, client: SecretsClient, kind: str
) -> None:
    fault(shop, kind, "CreateSecret")
    with pytest.raises(CloudError) as refusal:
        secrets.create(client, desired())
    assert VALUE not in str(refusal.value)
    assert list(client.list_secrets()) == []
    assert secrets.create(connect(shop), desired()).problem == ""
    assert value(shop) == VALUE


def test_a_throttled_creation_is_sent_again(shop: Workshop, client: SecretsClient) -> None:
    fault(shop, "throttle", "CreateSecret", 2)
    assert secrets.create(client, desired()).problem == ""
    assert len(list(client.list_secrets())) == 1


def test_a_secret_of_a_killed_run_is_taken_over_and_gets_the_declared_value(
    shop: Workshop, client: SecretsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.create(client, desired("before"))
    monkeypatch.setenv("DB_PASSWORD", NEW)
    outcome = secrets.create(connect(shop), desired("after"))
    assert (outcome.problem, value(shop), outcome.secret.settings.description) == ("", NEW, "after")
    assert "taken over" in outcome.notes[0]
    assert shop.actions(0).count("CreateSecret") == 1


@pytest.mark.parametrize("marker", ["", "shop/dev/db"])
def test_a_secret_of_somebody_else_is_never_touched(shop: Workshop, client: SecretsClient, marker: str) -> None:
    client.create_secret(NAME, SecretSettings(), Marker(marker), b"theirs", "v1")
    since = shop.requests
    attempts = [
        lambda: secrets.create(client, desired()),
        lambda: secrets.update(client, desired(), None),
        lambda: read(shop, client),
        lambda: delete(shop, client),
    ]
    for attempt in attempts:
        with pytest.raises(UnsafeError, match=marker or "no marker"):
            attempt()
    assert set(shop.actions(since)) <= {"DescribeSecret", "ListSecretVersionIds"}
    assert value(shop) == "theirs"


def test_who_was_faster_is_noticed_by_the_marker(shop: Workshop, client: SecretsClient) -> None:
    taken = replace(desired(), marker=Marker("shop/dev/db"))
    real = client.describe_secret
    client.describe_secret = _absent_once(client, taken)  # type: ignore[method-assign]
    with pytest.raises(UnsafeError, match="shop/dev/db"):
        secrets.create(client, desired())
    client.describe_secret = real  # type: ignore[method-assign]
    assert client.describe_secret(NAME).marker == "shop/dev/db"
    assert value(shop) == "theirs"


def _absent_once(client: SecretsClient, taken: DesiredSecret):  # type: ignore[no-untyped-def]
    """Somebody makes the secret between our look and our creation."""
    real, looks = client.describe_secret, []

    def describe(name: str) -> object:
        looks.append(name)
        if len(looks) == 1:
            client.create_secret(NAME, taken.settings, taken.marker, b"theirs", "v1")
            raise NotFoundError("there is none")
        return real(name)

    return describe


def test_a_secret_that_waits_for_its_deletion_is_restored_by_being_declared(
    shop: Workshop, client: SecretsClient
) -> None:
    first = secrets.create(client, desired())
    told = delete(shop, client)
    assert "destroyed" in told
    assert client.describe_secret(NAME).state is SecretState.PENDING_DELETION
    with pytest.raises(CloudError):
        value(shop)
    outcome = secrets.create(connect(shop), desired())
    assert (outcome.problem, outcome.secret.state, value(shop)) == ("", SecretState.ACTIVE, VALUE)
    assert any("cancelled" in note for note in outcome.notes)
    assert fits(first, VALUE)
    assert shop.actions(0).count("CreateSecret") == 1


def test_an_update_restores_it_too_and_sends_no_value(shop: Workshop, client: SecretsClient) -> None:
    first = secrets.create(client, desired())
    delete(shop, client)
    since = shop.requests
    outcome = secrets.update(connect(shop), desired(), first.seal)
    assert (outcome.problem, value(shop)) == ("", VALUE)
    assert "PutSecretValue" not in shop.actions(since)


def test_an_unchanged_value_is_not_handed_over_again(shop: Workshop, client: SecretsClient) -> None:
    first = secrets.create(client, desired("a"))
    since = shop.requests
    outcome = secrets.update(client, desired("b"), first.seal)
    assert (outcome.problem, outcome.seal) == ("", first.seal)
    assert outcome.secret.settings.description == "b"
    assert "PutSecretValue" not in shop.actions(since)


def test_a_changed_value_becomes_the_current_version(
    shop: Workshop, client: SecretsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = secrets.create(client, desired())
    monkeypatch.setenv("DB_PASSWORD", NEW)
    outcome = secrets.update(client, desired(), first.seal)
    assert (outcome.problem, value(shop), len(outcome.secret.versions)) == ("", NEW, 2)
    assert fits(outcome, NEW)


def test_a_value_that_could_not_be_handed_over_is_the_next_updates_work(
    shop: Workshop, client: SecretsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = secrets.create(client, desired())
    monkeypatch.setenv("DB_PASSWORD", NEW)
    fault(shop, "error_before", "PutSecretValue", 20)
    outcome = secrets.update(client, desired(), first.seal)
    assert "PutSecretValue" in outcome.problem
    assert NEW not in outcome.problem
    assert not fits(outcome, NEW)
    shop.running.emulator.faults.clear()
    again = secrets.update(client, desired(), outcome.seal)
    assert (again.problem, value(shop)) == ("", NEW)


@pytest.mark.parametrize("kind", ARRIVED)
def test_a_lost_answer_to_a_new_value_does_no_harm(
    shop: Workshop, client: SecretsClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    first = secrets.create(client, desired())
    monkeypatch.setenv("DB_PASSWORD", NEW)
    fault(shop, kind, "PutSecretValue")
    outcome = secrets.update(client, desired(), first.seal)
    assert (outcome.problem, value(shop)) == ("", NEW)
    assert fits(outcome, NEW)


def test_a_fixed_setting_is_refused_and_nothing_is_changed(shop: Workshop, client: SecretsClient) -> None:
    first = secrets.create(client, desired("before"))
    since = shop.requests
    with pytest.raises(UnsafeError, match="instance"):
        secrets.update(client, _elsewhere(desired("after")), first.seal)
    outcome = secrets.create(client, _elsewhere(desired("after")))
    assert "instance" in outcome.problem
    assert set(shop.actions(since)) <= {"DescribeSecret", "ListSecretVersionIds"}


def _elsewhere(secret: DesiredSecret) -> DesiredSecret:
    return replace(secret, settings=replace(secret.settings, instance="kst-hzz62ee817bvsoft01"))


@pytest.mark.parametrize("policy", [DeletionPolicy.PREVENT, DeletionPolicy.ABANDON])
def test_a_deletion_without_leave_is_refused_before_any_request(
    shop: Workshop, client: SecretsClient, policy: DeletionPolicy
) -> None:
    secrets.create(client, desired())
    since = shop.requests
    with pytest.raises(UnsafeError, match=str(policy)):
        delete(shop, client, desired(policy=policy))
    assert shop.requests == since


def test_a_deletion_may_be_repeated(shop: Workshop, client: SecretsClient) -> None:
    secrets.create(client, desired())
    delete(shop, client)
    since = shop.requests
    assert "already" in delete(shop, client)
    assert "DeleteSecret" not in shop.actions(since)


@pytest.mark.parametrize("proof", ["another secret of the owner", "a key of the stack"])
def test_a_secret_is_gone_only_when_the_account_is_surely_ours(
    shop: Workshop, client: SecretsClient, proof: str
) -> None:
    arn = secrets.create(client, desired()).secret.arn
    delete(shop, client)
    shop.running.advance(8 * 86_400)
    for attempt in (lambda: read(shop, client, arn), lambda: delete(shop, client, arn=arn)):
        with pytest.raises(UnsafeError, match="is not visible"):
            attempt()
    if proof == "a key of the stack":
        made = Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT)
        keys.create(shop.running.site(shop.target), DesiredKey("k", shop.target, made, Marker("shop/prod/k")))
    else:
        client.create_secret("other", SecretSettings(), Marker(""), b"theirs", "v1")
    assert read(shop, client, arn) is None
    assert "gone already" in delete(shop, client, arn=arn)


def test_a_secret_that_was_made_and_cannot_be_read_back_is_kept_as_unfinished(
    shop: Workshop, client: SecretsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever fails from here on: raising would make the engine forget a secret that exists.
    answers = iter([NotFoundError("there is none"), DeniedError("reading is refused")])

    def describe(_name: str) -> ActualSecret:
        raise next(answers)

    with monkeypatch.context() as patch:
        patch.setattr(client, "describe_secret", describe)
        outcome = secrets.create(client, desired())
    assert "reading is refused" in outcome.problem
    assert outcome.secret.name == NAME
    assert outcome.seal.fits(VALUE.encode())
    assert value(shop) == VALUE


def test_an_update_of_a_secret_that_is_gone_says_so(client: SecretsClient) -> None:
    with pytest.raises(NotFoundError, match=NAME):
        secrets.update(client, desired(), Seal.of(VALUE.encode()))


def test_without_its_value_nothing_is_asked(
    shop: Workshop, client: SecretsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DB_PASSWORD")
    since = shop.requests
    with pytest.raises(InputError, match="DB_PASSWORD is not set") as refusal:
        secrets.create(client, desired())
    assert refusal.value.where == "hangzhou/secret/db"
    assert shop.requests == since


def test_no_value_stands_in_outcomes_and_journal(shop: Workshop, client: SecretsClient) -> None:
    outcome = secrets.create(client, desired())
    shown = repr(outcome) + str(shop.running.journal()) + repr(client)
    assert "canary" not in shown
    assert VALUE not in shown
