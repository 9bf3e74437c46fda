"""Every change that matters beside access: which id it gets, case by case."""

import pytest

from kms_resources.review import review
from kms_resources.review.grades import CHANGES
from kms_resources.review.snapshot import assemble

HZ = "hz: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}"
GATE = "gateway: {endpoint: kst-hzz62ee817bvyyr5x.cryptoservice.kms.aliyuncs.com}"
KEY = """keys:
  k: {target: hz, spec: AES_256}
  other: {target: hz, spec: AES_256}
  web: {target: hz, spec: EC_P256}
"""
IMPORTED = "keys:\n  k: {target: gz, spec: SM4, origin: EXTERNAL, material: {from_env: M, expires: '2027-06-30'}}\n"
SECRET = KEY + "secrets:\n  s: {target: hz, name: prod/s, value: {from_env: V}, encryption_key: k}\n"
CIPHER = KEY + "ciphertexts:\n  c: {key: k, plaintext: {from_env: V}}\n"
REQUEST = KEY + "certificate_requests:\n  r: {key: web, subject: CN=a}\n"
PUBLIC = KEY + "public_keys:\n  p: {key: web}\n"
POINT = KEY + "access_points:\n  a: {target: hz, actions: [use], keys: [k]}\n"
POINT_S = SECRET + "access_points:\n  a: {target: hz, actions: [use, secrets], keys: [k], secrets: [s]}\n"


def changes(base: str, head: str, targets: tuple[str, str] = ("", "")) -> set[str]:
    sides = []
    for name, body, own in (("base", base, targets[0]), ("head", head, targets[1])):
        text = f"version: 1\ntargets:\n  {own or HZ}\n  gz: {{cloud: tencent, region: ap-guangzhou}}\n{body}"
        sides.append(assemble(name, [("", f"{name}.yaml", text.encode())]))
    return {change.id for subject in review(sides[0], sides[1]).subjects for change in subject.changes}


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (
            KEY,
            KEY.replace("k: {target: hz, spec: AES_256}", "k: {target: hz, spec: AES_256, enabled: false}"),
            "key-disabled",
        ),
        (KEY.replace("_256}\n  o", "_256, enabled: false}\n  o"), KEY, "key-enabled"),
        (KEY, KEY.replace("_256}\n  o", "_256, adopt: key-hzz62f1cb66fa42qo1234}\n  o"), "adopt-changed"),
        (KEY, KEY + "  new: {target: hz, spec: AES_256, adopt: key-hzz62f1cb66fa42qo1234}\n", "key-added key-adopted"),
        (KEY, KEY.replace("_256}\n  o", "_256, deletion: {policy: abandon}}\n  o"), "deletion-abandoned"),
        (KEY.replace("_256}\n  o", "_256, deletion: {window_days: 7}}\n  o"), KEY, "window-longer"),
        (KEY.replace("_256}\n  o", "_256, tags: {owner: a, stage: b}}\n  o"), KEY, "owner-removed tag-removed"),
        (
            KEY.replace("_256}\n  o", "_256, tags: {owner: a}}\n  o"),
            KEY.replace("_256}\n  o", "_256, tags: {owner: b}}\n  o"),
            "owner-changed",
        ),
        (IMPORTED, IMPORTED.replace("2027", "2026"), "material-earlier"),
        (IMPORTED, IMPORTED.replace("2027", "2028"), "material-later"),
        (IMPORTED, IMPORTED.replace("'2027-06-30'", "never"), "material-later"),
        (IMPORTED, IMPORTED.replace("from_env: M", "from_file: m"), "material-source"),
        (IMPORTED, IMPORTED.replace(", material: {from_env: M, expires: '2027-06-30'}", ""), "material-unmanaged"),
        (KEY, SECRET, "secret-added"),
        (SECRET, KEY, "secret-removed-prevented"),
        (SECRET.replace("_key: k}", "_key: k, deletion: {policy: abandon}}"), KEY, "secret-removed-abandoned"),
        (SECRET, SECRET.replace("_key: k}", "_key: k, deletion: {policy: abandon}}"), "deletion-abandoned"),
        (SECRET, SECRET.replace("prod/s", "prod/t"), "secret-renamed"),
        (SECRET, SECRET.replace("from_env: V", "from_file: v"), "secret-value"),
        (SECRET, SECRET.replace(", encryption_key: k", ""), "secret-key"),
        (KEY, CIPHER, "ciphertext-added"),
        (CIPHER, KEY, "ciphertext-removed"),
        (CIPHER, CIPHER.replace("from_env: V", "from_file: v"), "ciphertext-changed"),
        (CIPHER, CIPHER.replace("V}}", "V}, context: {a: b}}"), "ciphertext-changed"),
        (KEY, REQUEST, "request-added"),
        (REQUEST, KEY, "request-removed"),
        (REQUEST, REQUEST.replace("CN=a}", "CN=a, names: [DNS:a.example.com]}"), "request-changed"),
        (KEY, PUBLIC, "public-key-added"),
        (PUBLIC, KEY, "public-key-removed"),
        (
            PUBLIC,
            PUBLIC.replace("web}\n", "web, version: '1f'}\n"),
            "public-key-changed",
        ),
        (KEY, POINT, "point-added"),
        (POINT, KEY, "point-removed-prevented"),
        (POINT.replace("[k]}", "[k], deletion: {policy: schedule}}"), KEY, "point-removed-scheduled"),
        (POINT, POINT.replace("[k]}", "[k], deletion: {policy: schedule}}"), "deletion-allowed"),
        (POINT_S.replace(", secrets]", "]"), POINT_S, "point-secrets"),
        (POINT_S, POINT_S.replace(", secrets]", "]"), "point-secrets-lost"),
        (KEY, KEY.replace("_256}\n  o", "_256, aliases: [name]}\n  o"), "alias-added"),
        (KEY.replace("_256}\n  o", "_256, aliases: [name]}\n  o"), KEY, "alias-removed"),
    ],
)
def test_a_change_has_its_id(base: str, head: str, expected: str) -> None:
    assert changes(base, head) == set(expected.split())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (HZ, HZ.replace("r5x}", "r5x, credentials: PROD}"), "credentials-changed"),
        (HZ, HZ.replace("r5x}", f"r5x, {GATE}}}"), "gateway-added"),
        (HZ.replace("r5x}", f"r5x, {GATE}}}"), HZ, "gateway-removed"),
        (
            HZ.replace("r5x}", f"r5x, {GATE}}}"),
            HZ.replace("r5x}", f"r5x, {GATE[:-1]}, shared: [GetSecretValue], ca: {{from_file: ca.pem}}}}}}"),
            "gateway-shared gateway-trust",
        ),
        (
            HZ.replace("r5x}", f"r5x, {GATE[:-1]}, ignore_ssl: true}}}}"),
            HZ.replace("r5x}", f"r5x, {GATE}}}"),
            "ignore-ssl-off",
        ),
    ],
)
def test_a_change_of_a_target_has_its_id(before: str, after: str, expected: str) -> None:
    assert changes(KEY, KEY, (before, after)) == set(expected.split())


def test_every_id_is_kebab_case() -> None:
    assert [name for name in CHANGES if not name.replace("-", "").isalpha() or name != name.lower()] == []
