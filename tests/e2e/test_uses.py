"""Ciphertexts, public keys, certificate requests, secrets and imported material: whole runs with the real engine."""

import base64
import json
import secrets as randomness
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from kms_resources.clouds import get_cloud
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.secrets import ActualSecret, SecretsClient, SecretSettings, SecretState
from kms_resources.model import KeyId, KeyState, Marker, Target
from kms_resources.operations.site import open_site
from tests.e2e.conftest import STRANGER
from tests.support.clouds import ALIBABA, CTYUN, TENCENT, Shop, events
from tests.support.engine import wait_until
from tests.unit.crypto.openssl import IDENTITY, openssl

LEAVE = "deletion: {policy: schedule, window_days: 7}"
STACK = f"""\
keys:
  orders: {{target: guangzhou, spec: SM4}}
  imported:
    {{target: guangzhou, spec: SM4, origin: EXTERNAL, material: {{from_env: MATERIAL, expires: "2036-06-30"}}}}
  vault: {{target: hangzhou, spec: AES_256}}
  web: {{target: hangzhou, spec: EC_P256}}
  cold: {{target: north, spec: AES_256, origin: EXTERNAL, material: {{from_file: cold.key}}}}
  mail: {{target: north, spec: SM2, usage: SIGN_VERIFY}}
ciphertexts:
  db: {{key: orders, plaintext: {{from_env: DB_PASSWORD}}, context: {{app: orders, stage: "1"}}}}
  license: {{key: vault, plaintext: {{from_file: license.key}}}}
  token: {{key: cold, plaintext: {{from_command: cat token.txt}}}}
public_keys:
  web: {{key: web}}
  mail: {{key: mail}}
certificate_requests:
  web: {{key: web, subject: "CN=www.example.com,O=Example", names: ["DNS:www.example.com", "IP:192.0.2.7"]}}
  mail: {{key: mail, subject: CN=mail.example.com}}
secrets:
  db:
    {{target: hangzhou, name: NAME/db, value: {{from_env: DB_PASSWORD}}, encryption_key: vault,
      tags: {{a: b}}, {LEAVE}}}
  kept: {{target: hangzhou, name: NAME/kept, value: {{from_file: kept.bin}}, binary: true}}
"""
MATERIAL = randomness.token_bytes(16)
COLD = randomness.token_bytes(32)
KEPT = bytes(range(256))
FILES = {"cold.key": COLD, "license.key": b"license 1\n", "token.txt": b"token", "kept.bin": KEPT}
CONTEXT = {"app": "orders", "stage": "1"}


def environ(**more: str) -> dict[str, str]:
    return {"MATERIAL": base64.b64encode(MATERIAL).decode(), "DB_PASSWORD": "first password", **more}


def prepare(shop: Shop, text: str = STACK) -> None:
    """The stack and the files that it reads."""
    for name, content in FILES.items():
        (shop.project.directory / name).write_bytes(content)
    shop.stack(text.replace("NAME", shop.name))


def crypto(shop: Shop, target: Target) -> CryptoClient:
    """What an application does: use keys, without any stack."""
    return open_site(target, shop.clouds.environ).crypto()


def keeper(shop: Shop, target: Target = ALIBABA) -> SecretsClient:
    """A console for secrets."""
    connect = get_cloud(target.cloud).connect_secrets
    assert connect
    return connect(target, shop.clouds.environ)


def value_of(shop: Shop, name: str) -> bytes:
    return crypto(shop, ALIBABA).secret_value(f"{shop.name}/{name}").value


def kept_here(shop: Shop) -> dict[str, ActualSecret]:
    """The project's secrets in the cloud by name."""
    found = [one for one in keeper(shop).list_secrets() if one.name.startswith(f"{shop.name}/")]
    return {one.name.removeprefix(f"{shop.name}/"): one for one in found}


def outputs(shop: Shop) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(shop.run("stack", "output", "--json").stdout)
    return found


def changes(shop: Shop, *arguments: str, env: Mapping[str, str]) -> dict[str, str]:
    """What an `up` did: name → operation, without what stayed the same. Deletions come out like everything else."""
    file = shop.project.directory / f"events-{randomness.token_hex(4)}.json"
    shop.up(*arguments, "--event-log", str(file), env={**env, "PULUMI_DEBUG_COMMANDS": "true"})
    done = [event["resOutputsEvent"]["metadata"] for event in events(file) if "resOutputsEvent" in event]
    return {one["urn"].rsplit("::", 1)[-1]: one["op"] for one in done if one["op"] not in {"same", "refresh", "read"}}


def drifted(shop: Shop, env: Mapping[str, str]) -> str:
    """The nightly check, which must find something."""
    result = shop.run("preview", "--refresh", "--diff", "--expect-no-changes", env=env)
    assert result.returncode == 7, result.stdout + result.stderr
    return result.stdout


def test_a_stack_with_all_uses_on_three_clouds_lives_through_its_changes(shop: Shop, tmp_path: Path) -> None:
    prepare(shop)
    shop.up(env=environ())
    shop.ok("preview", "--expect-no-changes", env=environ())
    shop.ok("preview", "--refresh", "--expect-no-changes", env=environ())
    found, ids = outputs(shop), shop.ids()
    _are_right(shop, found, tmp_path)

    # Another plaintext: exactly the ciphertext and the secret that are made of it.
    mark, changed = shop.clouds.mark(), environ(DB_PASSWORD="second password")
    assert shop.run("preview", "--expect-no-changes", env=changed).returncode == 7
    assert shop.clouds.actions(mark) == []
    assert changes(shop, env=changed) == {"ciphertext:db": "update", "secret:db": "update"}
    assert (shop.clouds.actions(mark).count("Encrypt"), shop.clouds.actions(mark).count("PutSecretValue")) == (1, 1)
    after = outputs(shop)
    opened = crypto(shop, TENCENT).decrypt(after["ciphertexts"]["db"], CONTEXT)
    assert (opened.plaintext, value_of(shop, "db")) == (b"second password", b"second password")
    assert len(list(keeper(shop).list_versions(f"{shop.name}/db"))) == 2
    after["ciphertexts"]["db"] = found["ciphertexts"]["db"]
    assert (after, shop.ids()) == (found, ids)

    # Another context, another subject, another file: exactly those.
    (shop.project.directory / "license.key").write_bytes(b"license 2\n")
    prepared = STACK.replace('stage: "1"', 'stage: "2"').replace("CN=mail.example.com", "CN=post.example.com")
    shop.stack(prepared.replace("NAME", shop.name))
    assert changes(shop, env=changed) == dict.fromkeys(
        ("ciphertext:db", "ciphertext:license", "certificate-request:mail"), "update"
    )
    after = outputs(shop)
    assert crypto(shop, TENCENT).decrypt(after["ciphertexts"]["db"], {**CONTEXT, "stage": "2"}).plaintext
    assert crypto(shop, ALIBABA).decrypt(after["ciphertexts"]["license"]).plaintext == b"license 2\n"
    shop.ok("preview", "--refresh", "--expect-no-changes", env=changed)

    # What leaves the stack leaves no output, and no cloud hears of it.
    without = prepared[: prepared.index("ciphertexts:")] + prepared[prepared.index("secrets:") :]
    shop.stack(without.replace("NAME", shop.name))
    mark = shop.clouds.mark()
    gone = changes(shop, env=changed)
    assert (set(gone.values()), len(gone)) == ({"delete"}, 7)
    assert (shop.clouds.actions(mark), outputs(shop)) == ([], {})


def _are_right(shop: Shop, found: Mapping[str, Mapping[str, str]], folder: Path) -> None:
    """The outputs and secrets of `STACK` as others see them."""
    assert set(found) == {"ciphertexts", "public_keys", "certificate_requests"}
    opened = crypto(shop, TENCENT).decrypt(found["ciphertexts"]["db"], CONTEXT)
    assert (opened.plaintext, opened.key_id) == (b"first password", shop.key_id("orders"))
    assert crypto(shop, ALIBABA).decrypt(found["ciphertexts"]["license"]).plaintext == b"license 1\n"
    assert crypto(shop, CTYUN).decrypt(found["ciphertexts"]["token"]).plaintext == b"token"
    assert (value_of(shop, "db"), value_of(shop, "kept")) == (b"first password", KEPT)
    secret = keeper(shop).describe_secret(f"{shop.name}/db")
    assert (secret.marker, secret.settings.encryption_key) == (f"{shop.name}/dev/db", shop.key_id("vault", ALIBABA))
    for name, more in (("web", ()), ("mail", ("-vfyopt", f"distid:{IDENTITY}"))):
        file = folder / f"{name}.pem"
        file.write_text(found["certificate_requests"][name], encoding="ascii")
        openssl("req", "-in", file, "-noout", "-verify", *more)
        assert openssl("req", "-in", file, "-noout", "-pubkey").decode() == found["public_keys"][name]


IMPORTED = """\
keys:
  imported:
    {target: guangzhou, spec: SM4, origin: EXTERNAL, material: {from_env: MATERIAL, expires: "2036-06-30"}}
  vaulted: {target: hangzhou, spec: AES_256, origin: EXTERNAL, material: {from_command: cat cold.key}}
  cold: {target: north, spec: AES_256, origin: EXTERNAL, material: {from_file: cold.key}}
"""


def test_imported_material_lives_through_loss_expiry_and_confusion(shop: Shop) -> None:
    prepare(shop, IMPORTED)
    shop.up(env=environ())
    ids = {name: KeyId(id_) for name, id_ in shop.ids().items()}
    places = {"imported": TENCENT, "vaulted": ALIBABA, "cold": CTYUN}
    clients = {name: crypto(shop, target) for name, target in places.items()}
    blobs = {name: client.encrypt(ids[name], b"data").blob for name, client in clients.items()}

    def readable() -> bool:
        return all(clients[name].decrypt(blob).plaintext == b"data" for name, blob in blobs.items())

    # Deleted behind our back: drift that says so, and the very same material repairs it.
    for name, client in clients.items():
        client.delete_material(ids[name])
    assert {shop.keys(place)[name].state for name, place in places.items()} == {KeyState.PENDING_IMPORT}
    seen = drifted(shop, environ())
    assert seen.count('state: "Enabled" => "PendingImport"') + seen.count("PendingImport") >= len(places)
    assert "material" in seen
    assert changes(shop, "--refresh", env=environ()) == dict.fromkeys(places, "update")
    assert readable()
    assert shop.ids() == ids

    # Another day, but other material: nothing is sent, the key stays as it was and is named incomplete.
    prepare(shop, IMPORTED.replace("2036-06-30", "2037-01-31"))
    mark = shop.clouds.mark()
    other = environ(MATERIAL=base64.b64encode(randomness.token_bytes(16)).decode())
    assert "it is another one than this key was made with" in shop.refused("up", "--yes", "--skip-preview", env=other)
    assert "ImportKeyMaterial" not in shop.clouds.actions(mark)
    held = shop.project.resources()["imported"]
    assert (held["id"], held["outputs"]["phase"]) == (ids["imported"], "incomplete")
    assert readable()

    # The right one finishes it, and the day is the new one.
    assert changes(shop, env=environ()) == {"imported": "update"}
    assert shop.keys()["imported"].material_expires == "2037-01-31T00:00:00Z"
    assert readable()
    shop.ok("preview", "--refresh", "--expect-no-changes", env=environ())


def test_material_that_cannot_be_right_stops_before_a_key_is_made(shop: Shop) -> None:
    given = {"EMPTY": "", "WORDS": "no base64!", "SHORT": base64.b64encode(bytes(5)).decode()}
    good = base64.b64encode(bytes(16)).decode()
    lines = "".join(
        f"  k{name}: {{target: guangzhou, spec: SM4, origin: EXTERNAL, material: {{from_env: {name}{more}}}}}\n"
        for name, more in (*((name, "") for name in given), ("MISSING", ""), ("OVER", ', expires: "2020-01-01"'))
    )
    shop.stack("keys:\n" + lines)
    mark = shop.clouds.mark()
    said = shop.refused("up", "--yes", "--skip-preview", "--continue-on-error", env={**given, "OVER": good})
    for name, sentence in {
        "EMPTY": "gives nothing: it is empty",
        "WORDS": "WORDS does not hold Base64",
        "SHORT": "has 16 bytes: there are 5",
        "MISSING": "MISSING is not set",
        "OVER": "its expiry 2020-01-01 is over",
    }.items():
        assert f"guangzhou/k{name}" in said
        assert sentence in said
    assert "no base64!" not in said
    assert "CreateKey" not in shop.clouds.actions(mark)


WRITES = {"CreateSecret", "PutSecretValue", "DeleteSecret", "TagResource", "UntagResource", "UpdateSecret"}
ONE = "keys: {}\nsecrets: {db: {target: hangzhou, name: NAME/db, value: {from_env: DB_PASSWORD}MORE}}\n"


def one(shop: Shop, more: str = "") -> None:
    shop.stack(ONE.replace("NAME", shop.name).replace("MORE", f", {more}" if more else ""))


def test_a_secret_is_deleted_only_with_leave_that_was_applied_before(shop: Shop) -> None:
    one(shop)
    shop.up(env=environ())
    mark = shop.clouds.mark()
    shop.stack("keys: {}\n")
    assert "protect" in shop.refused("up", "--yes", "--skip-preview", env=environ())
    shop.refused("destroy", "--yes", env=environ())
    assert "DeleteSecret" not in shop.clouds.actions(mark)
    one(shop, LEAVE)
    shop.up(env=environ())
    shop.stack("keys: {}\n")
    assert "will be destroyed on" in shop.up(env=environ())
    gone = kept_here(shop)["db"]
    assert (gone.state, bool(gone.planned_deletion)) == (SecretState.PENDING_DELETION, True)
    assert shop.clouds.actions(mark).count("DeleteSecret") == 1
    one(shop, LEAVE)
    assert "its deletion is cancelled" in shop.up(env=environ())
    assert value_of(shop, "db") == b"first password"
    # A forced replacement never leaves it waiting for its deletion.
    mark = shop.clouds.mark()
    shop.up("--replace", _urn(shop), env=environ())
    assert not {"DeleteSecret", "RestoreSecret"} & set(shop.clouds.actions(mark))
    assert (kept_here(shop)["db"].state, value_of(shop, "db")) == (SecretState.ACTIVE, b"first password")
    one(shop, "deletion: {policy: abandon}")
    shop.up(env=environ())
    mark = shop.clouds.mark()
    shop.stack("keys: {}\n")
    shop.up(env=environ())
    assert (shop.clouds.actions(mark), value_of(shop, "db")) == ([], b"first password")


def test_a_secret_changed_in_the_console_is_drift_and_is_repaired(shop: Shop) -> None:
    one(shop, "tags: {a: b}")
    shop.up(env=environ())
    console = keeper(shop)
    console.set_description(f"{shop.name}/db", "changed by hand")
    console.change_tags(f"{shop.name}/db", {"stage": "test"}, ["a"])
    console.delete_secret(f"{shop.name}/db", 7)
    seen = drifted(shop, environ())
    for line in ("changed by hand", '- stage: "test"', "pending_deletion"):
        assert line in seen
    assert changes(shop, "--refresh", env=environ()) == {"secret:db": "update"}
    now = console.describe_secret(f"{shop.name}/db")
    assert (now.settings.description, dict(now.settings.tags), now.state) == ("", {"a": "b"}, SecretState.ACTIVE)
    shop.ok("preview", "--refresh", "--expect-no-changes", env=environ())

    # A value that cannot be handed over is no green run, and the next one finishes it.
    shop.clouds.fault("error_before", "alibaba", "PutSecretValue")
    second = environ(DB_PASSWORD="second password")
    assert "not finished" in shop.refused("up", "--yes", "--skip-preview", env=second)
    assert shop.project.resources()["secret:db"]["outputs"]["phase"] == "incomplete"
    assert value_of(shop, "db") == b"first password"
    shop.clouds.calm()
    shop.up(env=second)
    assert value_of(shop, "db") == b"second password"


def test_no_secret_is_taken_for_another_one(shop: Shop) -> None:
    theirs = f"{shop.name}/theirs"
    keeper(shop).create_secret(theirs, SecretSettings(), Marker("other/dev/db"), b"theirs", "v1")
    shop.stack(f"keys: {{}}\nsecrets: {{db: {{target: hangzhou, name: {theirs}, value: {{from_env: DB_PASSWORD}}}}}}\n")
    mark = shop.clouds.mark()
    assert "is not ours" in shop.refused("up", "--yes", "--skip-preview", env=environ())
    assert not WRITES & set(shop.clouds.actions(mark))
    one(shop, LEAVE)
    shop.up(env=environ())

    # What is fixed is refused in the preview, without a request.
    mark = shop.clouds.mark()
    elsewhere = "version: 1\ntargets: {hangzhou: {cloud: alibaba, region: cn-shanghai}}\n"
    ours = ONE.replace("NAME", shop.name).replace("MORE", f", {LEAVE}")
    for text in (
        ours.replace("/db", "/other"),
        ours.replace("value:", "settings: {Any: thing}, value:"),
        elsewhere + ours,
    ):
        shop.stack(text)
        assert "fixed since the secret was made" in shop.refused("preview", env=environ())
    assert shop.clouds.actions(mark) == []

    # With the credentials of another account no secret counts as gone.
    one(shop, LEAVE)
    assert "account" in shop.refused("up", "--yes", "--skip-preview", "--refresh", env=environ(**STRANGER))
    shop.stack("keys: {}\n")
    shop.refused("up", "--yes", "--skip-preview", env=environ(**STRANGER))
    assert not WRITES & set(shop.clouds.actions(mark))
    assert "secret:db" in shop.ids()

    # Destroyed elsewhere, and another secret of the account is visible: it is made again.
    fields = {"SecretName": f"{shop.name}/db", "ForceDeleteWithoutRecovery": "true"}
    crypto(shop, ALIBABA).call("DeleteSecret", fields)
    one(shop, LEAVE)
    assert changes(shop, "--refresh", env=environ()) == {"secret:db": "create"}
    assert (value_of(shop, "db"), value_of(shop, "theirs")) == (b"first password", b"theirs")


FAST = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""The hardest case: a killed run forgets everything it did."""
TWO = (
    "keys: {vault: {target: hangzhou, spec: AES_256}}\n"
    "ciphertexts: {db: {key: vault, plaintext: {from_env: DB_PASSWORD}}}\n"
    "secrets: {db: {target: hangzhou, name: NAME/db, value: {from_env: DB_PASSWORD}}}\n"
)


def test_runs_that_are_killed_while_the_cloud_works_leave_nothing_twice(shop: Shop) -> None:
    shop.stack(TWO.replace("NAME", shop.name))
    for action, password in (("CreateSecret", "first password"), ("PutSecretValue", "second password")):
        now = environ(DB_PASSWORD=password)
        mark = shop.clouds.mark()
        # The work is done, and its answer never comes.
        shop.clouds.fault("lost_after_commit", "alibaba", action)
        shop.clouds.fault("lost_after_commit", "alibaba", "AdvanceEncrypt")
        process = shop.project.start(["up", "--yes", "--skip-preview"], {**now, **FAST}, quiet=True)
        wait_until(partial(_asked, shop, mark, {action, "AdvanceEncrypt"}), 60.0, f"{action} is asked for")
        shop.project.kill_tree(process)
        shop.clouds.calm()
        shop.run("cancel", "--yes")
        shop.up(env=now)
        _as_declared(shop, now)


@pytest.mark.parametrize("kind", ["lost_before", "lost_after_commit"])
def test_lost_answers_end_in_exactly_what_is_declared(shop: Shop, kind: str) -> None:
    material = "imported: {target: hangzhou, spec: AES_256, origin: EXTERNAL, material: {from_file: cold.key}}"
    prepare(shop, TWO.replace("keys: {", f"keys: {{{material}, "))
    for password in ("first password", "second password"):
        now = environ(DB_PASSWORD=password)
        # AdvanceEncrypt is what Encrypt is called at the gateway of an instance.
        for action in ("CreateSecret", "AdvanceEncrypt", "PutSecretValue", "ImportKeyMaterial"):
            shop.clouds.fault(kind, "alibaba", action, nth=1)
        first = shop.run("up", "--yes", "--skip-preview", env=now)
        if first.returncode:
            assert "Traceback" not in first.stdout + first.stderr
            shop.up(env=now)
        _as_declared(shop, now)
        shop.clouds.calm()
    states = {name: key.state for name, key in shop.keys(ALIBABA).items()}
    assert states == dict.fromkeys(("imported", "vault"), KeyState.ENABLED)


def _asked(shop: Shop, mark: int, actions: set[str]) -> bool:
    return actions <= set(shop.clouds.actions(mark))


def _as_declared(shop: Shop, now: Mapping[str, str]) -> None:
    """`TWO` is there, once."""
    assert set(kept_here(shop)) == {"db"}
    assert value_of(shop, "db").decode() == now["DB_PASSWORD"]
    opened = crypto(shop, ALIBABA).decrypt(outputs(shop)["ciphertexts"]["db"])
    assert (opened.plaintext.decode(), opened.key_id) == (now["DB_PASSWORD"], shop.key_id("vault", ALIBABA))
    shop.ok("preview", "--refresh", "--expect-no-changes", env=now)


PROGRAM = """\
import pulumi
from kms_resources import CertificateRequest, Ciphertext, Key, PublicKey, Secret, Target

guangzhou = Target("guangzhou", cloud="tencent", region="ap-guangzhou")
hangzhou = Target("hangzhou", cloud="alibaba", region="cn-hangzhou", instance="kst-hzz62ee817bvyyr5x")
orders = Key("orders", target=guangzhou, spec="SM4", origin="EXTERNAL",
             material={"from_env": "MATERIAL", "expires": "2036-06-30"})
web = Key("web", target=hangzhou, spec="EC_P256")
vault = Key("vault", target=hangzhou, spec="AES_256")
db = Ciphertext("db", key=orders, plaintext={"from_env": "DB_PASSWORD"}, context={"app": "typed"})
public = PublicKey("web", key=web)
request = CertificateRequest("web", key=web, subject="CN=typed.example.com", names=["DNS:typed.example.com"])
kept = Secret("db", target=hangzhou, cloud_name=pulumi.get_project() + "/db", value={"from_env": "DB_PASSWORD"},
              key=vault, tags={"owner": "finance"}, deletion_policy="schedule", deletion_window_days=7)
pulumi.export("ciphertext", db.ciphertext)
pulumi.export("pem", public.pem)
pulumi.export("request", request.pem)
pulumi.export("version", kept.version)
"""


def test_a_typed_program_uses_keys_like_a_stack_file(shop: Shop) -> None:
    shop.project.write(PROGRAM)
    shop.ok("preview", env=environ())
    shop.up(env=environ())
    found: dict[str, Any] = outputs(shop)
    opened = crypto(shop, TENCENT).decrypt(found["ciphertext"], {"app": "typed"})
    assert (opened.plaintext, opened.key_id) == (b"first password", shop.key_id("orders"))
    request = x509.load_pem_x509_csr(found["request"].encode())
    assert request.is_signature_valid
    assert found["pem"].startswith("-----BEGIN PUBLIC KEY-----")
    assert value_of(shop, "db") == b"first password"
    assert keeper(shop).describe_secret(f"{shop.name}/db").versions[-1].id == found["version"]
    shop.ok("preview", "--refresh", "--expect-no-changes", env=environ())
    changed = environ(DB_PASSWORD="second password")
    assert changes(shop, env=changed) == {"ciphertext:db": "update", "secret:db": "update"}
    shop.project.write(PROGRAM[: PROGRAM.index("kept = ")])
    assert changes(shop, env=changed) == {"secret:db": "delete"}
    assert kept_here(shop)["db"].state is SecretState.PENDING_DELETION


WRONG = {
    'Ciphertext("db", key=orders, plaintext={"from_env": ""})': "needs one source",
    'Ciphertext("db", key=orders, plaintext={"from_env": "A", "from_file": "b"})': "needs one source",
    'Ciphertext("db", key=web, plaintext={"from_env": "DB_PASSWORD"})': "key web is made for SIGN_VERIFY",
    'Ciphertext("db", key=orders, plaintext={"from_env": "A"}, context={"a": 7})': "context.a: 7 is a number",
    'PublicKey("db", key=orders)': "key orders is an SM4 key",
    'PublicKey("a b", key=web)': "a b",
    'CertificateRequest("db", key=web, subject="nobody")': "the subject “nobody” cannot be read",
    'CertificateRequest("db", key=web, subject="CN=a", names=["IP:300.0.0.1"])': "it is not an IPv4",
    'CertificateRequest("db", key=web, subject="CN=a", algorithm="RSA_SHA_1")': "RSA_SHA_1",
    'CertificateRequest("db", key=orders, subject="CN=a")': "key orders is an SM4 key",
    'Secret("db", target=hangzhou, value={"value": "hunter2"})': "needs one source",
    'Secret("db", target=guangzhou, value={"from_env": "A"})': "Tencent Cloud does not offer secrets",
    'Secret("db", target=hangzhou, cloud_name="a b", value={"from_env": "A"})': "as the name of a secret",
    'Secret("db", target=hangzhou, value={"from_env": "A"}, key=orders)': "key orders lives in target guangzhou",
    'Secret("db", target=hangzhou, value={"from_env": "A"}, rotation_days=7)': "is not rotated by the cloud",
    'Secret("db", target=hangzhou, value={"from_env": "A"}, deletion_policy="now")': "prevent, schedule, abandon",
    'Secret("db", target=hangzhou, value={"from_env": "A"}, deletion_window_days=3)': "7 to 30 days",
}


def test_what_a_stack_file_may_not_say_of_uses_a_program_may_not_say_either(shop: Shop) -> None:
    lines = [
        f"try:\n    {line}\nexcept InputError as error:\n    said.append(str(error))\nelse:\n    said.append('')\n"
        for line in WRONG
    ]
    shop.project.write(
        "import json\nfrom pathlib import Path\nfrom kms_resources.errors import InputError\nsaid = []\n"
        + PROGRAM[: PROGRAM.index("db = ")]
        + "".join(lines)
        + "Path('said.json').write_text(json.dumps(said))\nPublicKey('symmetric', key=vault)\n"
    )
    mark = shop.clouds.mark()
    end = shop.refused("preview", env=environ())
    said = json.loads((shop.project.directory / "said.json").read_text(encoding="utf-8"))
    assert {line: sentence for line, sentence in zip(WRONG, said, strict=True) if WRONG[line] not in sentence} == {}
    assert "hunter2" not in "".join(said)
    # Whoever does not catch it gets the sentence too.
    assert "key vault is an AES_256 key" in end
    assert shop.clouds.actions(mark) == []


def _urn(shop: Shop) -> str:
    """The URN of the secret `db`."""
    return f"urn:pulumi:{shop.project.stack}::{shop.name}::pulumi-python:dynamic/kms:Secret::secret:db"
