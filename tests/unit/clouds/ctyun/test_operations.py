"""The whole table: its rows, its marks, and the check of what a person wants to send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kms_resources.clouds.ctyun import table, words
from kms_resources.clouds.ctyun.operations import OPERATIONS, SISTER, check, find
from kms_resources.clouds.ctyun.table import SOURCES, Field, Group, Type, fields
from kms_resources.errors import InputError

CANARY = "canary-8f2c1d"
NAVIGATION = Path(__file__).with_name("navigation.txt")


def navigation() -> dict[str, list[str]]:
    tree: dict[str, list[str]] = {}
    for line in NAVIGATION.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            tree[line.removeprefix("## ")] = []
        elif not line.startswith("#"):
            tree[list(tree)[-1]].append(line)
    return tree


def test_the_table_is_the_vendors_navigation_tree_in_its_order() -> None:
    ours: dict[str, list[str]] = {}
    for operation in OPERATIONS.values():
        ours.setdefault(operation.group, []).append(operation.title)
    assert ours == navigation()
    assert [len(titles) for titles in ours.values()] == [10, 5, 3, 4, 13, 19, 20, 6]
    assert len(OPERATIONS) == 80


def test_paths_are_all_different_and_begin_with_the_version() -> None:
    paths = {operation.path for operation in OPERATIONS.values()}
    assert len(paths) == 80
    assert all(path.startswith("/v1/") and path.count("/") == 3 for path in paths)


def test_these_four_paths_were_read_in_a_source() -> None:
    sourced = {operation.name for operation in OPERATIONS.values() if operation.mark.startswith("S")}
    assert sourced == {"enableKey", "reEncrypt", "describeCertificate", "deleteCertificate"}


def test_every_field_and_path_has_a_mark_whose_source_is_listed() -> None:
    rows = [*OPERATIONS.values(), *SISTER.values()]
    items = [item for row in rows for item in (*row.request.values(), *row.answer.values())]
    for mark in (item.mark for item in (*rows, *items)):
        named = [word for word in mark.replace(",", " ").split() if word.startswith("S") and word[1:].isdigit()]
        assert named or mark.startswith("I")
        assert all(word in SOURCES for word in named)


def test_a_field_that_may_stand_for_another_is_a_field() -> None:
    either = [(row, item) for row in OPERATIONS.values() for item in row.request.values() if item.instead]
    assert {row.name for row, _item in either} == {"getTenantApiPermission", "bindResource", "unbindResource"}
    assert all(item.instead in row.request for row, item in either)


def test_nothing_that_makes_or_destroys_is_ever_repeated() -> None:
    once = {row.name for row in OPERATIONS.values() if not row.repeatable}
    assert once == {
        "createKey", "importKeyMaterial", "deleteKeyMaterial", "createKeyVersion", "createCertificate",
        "uploadCertificate", "deleteCertificate", "importPkcs12Certificate", "importCertificateForUK",
        "deleteCertificateForUK", "createAccessPoint", "createTenantAkSk", "deleteAccessPoint", "deleteTenantAk",
        "addEndpointWhitelist", "createTag", "deleteTag",
    }  # fmt: skip


def test_every_word_of_ours_stands_for_a_field_of_the_table() -> None:
    every = {item for row in (*OPERATIONS.values(), *SISTER.values()) for item in (*row.request, *row.answer)}
    assert set(words.WORDS.values()) <= every
    assert words.METADATA["rotation"] == Field("automaticRotation", "I")


def test_a_row_is_read_with_types_needs_rows_and_marks() -> None:
    assert fields("a! b:N? [S1] c:L{x,y}|d [I, check S4] d [I?]") == {
        "a": Field("a", "S1", required=True),
        "b": Field("b", "S1", Type.INTEGER),
        "c": Field("c", "I, check S4", Type.LIST, instead="d", row=("x", "y")),
        "d": Field("d", "I?"),
    }


@pytest.mark.parametrize("text", ["a! b?", "a~ [I]", "a! [I", "a:X [I]"])
def test_a_row_with_a_slip_of_the_pen_is_not_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"no mark|not a field"):
        fields(text)


def test_an_unknown_operation_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match=r"no operation 'EnableKeys'[^→]*→ did you mean enableKey\?"):
        find("EnableKeys")
    with pytest.raises(InputError, match="documentation"):
        find("zzzzzz")


@pytest.mark.parametrize(
    ("action", "given", "body"),
    [
        ("enableKey", {"cmkUuid": "k"}, {"cmkUuid": "k"}),
        (
            "scheduleKeyDeletion",
            {"cmkUuid": "k", "pendingWindowInDays": "7"},
            {"cmkUuid": "k", "pendingWindowInDays": 7},
        ),
        ("listKeys", {"pageNumber": 2}, {"pageNumber": 2}),
        (
            "updateRotationPolicy",
            {"cmkUuid": "k", "enableAutomaticRotation": "False"},
            {"cmkUuid": "k", "enableAutomaticRotation": False},
        ),
        (
            "updateRotationPolicy",
            {"cmkUuid": "k", "enableAutomaticRotation": True},
            {"cmkUuid": "k", "enableAutomaticRotation": True},
        ),
        ("bindResource", {"resourceId": "r", "tagIds": "a, b"}, {"resourceId": "r", "tagIds": ["a", "b"]}),
        ("bindResource", {"cmkUuid": "k", "tagIds": '["a,b"]'}, {"cmkUuid": "k", "tagIds": ["a,b"]}),
        ("bindResource", {"cmkUuid": "k", "tagIds": ("a",)}, {"cmkUuid": "k", "tagIds": ["a"]}),
        (
            "decrypt",
            {"ciphertextBlob": "aGk=", "encryptionContext": {"a": "b"}},
            {"ciphertextBlob": "aGk=", "encryptionContext": {"a": "b"}},
        ),
        (
            "encrypt",
            {"cmkUuid": "k", "plaintext": "aGk=", "encryptionContext": '{"a": "b"}'},
            {"cmkUuid": "k", "plaintext": "aGk=", "encryptionContext": {"a": "b"}},
        ),
    ],
)
def test_values_become_what_the_table_says(action: str, given: dict[str, Any], body: dict[str, Any]) -> None:
    assert check(OPERATIONS[action], given) == body


@pytest.mark.parametrize(
    ("action", "given", "message"),
    [
        ("enableKey", {}, "enableKey needs the field cmkUuid: it is required"),
        (
            "enableKey",
            {"cmkUUID": CANARY},
            r"has no field 'cmkUUID': its fields are cmkUuid\n  → did you mean cmkUuid?",
        ),
        ("bindResource", {"tagIds": CANARY}, "needs the field cmkUuid or resourceId"),
        ("enableKey", {"cmkUuid": 7}, "the field cmkUuid of enableKey is not text"),
        ("scheduleKeyDeletion", {"cmkUuid": "k", "pendingWindowInDays": f"7{CANARY}"}, "is not a whole number"),
        ("scheduleKeyDeletion", {"cmkUuid": "k", "pendingWindowInDays": True}, "is not a whole number"),
        ("updateRotationPolicy", {"cmkUuid": "k", "enableAutomaticRotation": CANARY}, "is not true or false"),
        ("updateRotationPolicy", {"cmkUuid": "k", "enableAutomaticRotation": 1}, "is not true or false"),
        ("bindResource", {"cmkUuid": "k", "tagIds": f"[{CANARY}"}, "is not a list"),
        ("bindResource", {"cmkUuid": "k", "tagIds": 7}, "is not a list"),
        ("encrypt", {"cmkUuid": "k", "plaintext": "p", "encryptionContext": f"{{{CANARY}"}, "is not an object"),
        ("encrypt", {"cmkUuid": "k", "plaintext": "p", "encryptionContext": f'["{CANARY}"]'}, "is not an object"),
    ],
)
def test_fields_are_refused_by_name_and_never_by_value(action: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        check(OPERATIONS[action], given)
    assert message.replace("\\n", "\n") in str(caught.value)
    assert CANARY not in f"{caught.value}{caught.value.__context__!r}"


def test_a_secret_on_the_wrong_side_of_the_equals_sign_is_not_echoed() -> None:
    secret = "kX9vQ2mZ7pL4tR8wB1nC6yH3sD5fG0jA"
    with pytest.raises(InputError) as caught:
        check(OPERATIONS["enableKey"], {secret: ""})
    assert secret not in str(caught.value)


def test_every_secret_field_is_in_the_table() -> None:
    every = {item for row in OPERATIONS.values() for item in (*row.request, *row.answer)}
    assert every >= table.SECRETS


def test_the_sister_interface_has_what_was_seen_in_use() -> None:
    assert {row.path for row in SISTER.values()} == {
        "/keyCompute/encrypt", "/keyCompute/decrypt", "/get/hmaccompute", "/get/messageDigest", "/cmkManage/createKey",
        "/manageCertificate/importCertificateForUK", "/certificateCompute/certificatePublicKeyVerifyForUsbKey",
    }  # fmt: skip
    assert {row.group for row in SISTER.values()} == {Group.SISTER}
