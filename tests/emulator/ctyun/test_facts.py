"""The table of operations, and that what does not run is published as a gap."""

import re
from pathlib import Path

import pytest

from kms_emulator.ctyun.actions import ACTIONS
from kms_emulator.ctyun.facts import OPERATIONS, PATHS, Field, Type, parse_fields
from kms_emulator.ctyun.tenant_facts import SERVICES

GAPS = Path(__file__).parents[3] / "docs" / "emulator-gaps.md"


def test_the_table_has_the_80_operations_of_the_navigation_tree() -> None:
    assert [entry.number for entry in OPERATIONS.values()] == list(range(1, 81))


def test_every_fact_has_a_mark() -> None:
    marks = {entry.path_mark for entry in OPERATIONS.values()}
    marks |= {field.mark for entry in OPERATIONS.values() for field in (*entry.request, *entry.answer)}
    assert all(re.fullmatch(r"S\d+|I\??", mark) for mark in marks)


def test_exactly_four_paths_are_sourced() -> None:
    sourced = {entry.path for entry in OPERATIONS.values() if entry.path_mark.startswith("S")}
    assert sourced == {
        "/v1/cmkManage/enableKey", "/v1/cmkManage/reEncrypt", "/v1/manageCertificate/describeCertificate",
        "/v1/manageCertificate/deleteCertificate",
    }  # fmt: skip


def test_a_field_is_listed_once_per_operation() -> None:
    for entry in OPERATIONS.values():
        names = [name for field in entry.request for name in field.names]
        assert len(names) == len(set(names)), entry.name


def test_cryptography_has_two_paths_and_all_else_one() -> None:
    # 13 operations under two groups each, and hmaccompute under its own third.
    assert len(PATHS) == (80 - 13) + 13 * 2 + 1


def test_the_notation_of_fields() -> None:
    assert list(parse_fields("one! two|three:N? [S4] four:L [I?]")) == [
        Field(("one",), Type.TEXT, True, "S4"), Field(("two", "three"), Type.NUMBER, False, "S4"),
        Field(("four",), Type.LIST, False, "I?"),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "complaint"), [("one", "one has no mark"), ("on-e [I]", "'on-e' is neither")])
def test_a_slip_in_the_table_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        list(parse_fields(text))


def test_every_one_of_the_80_operations_runs() -> None:
    assert list(ACTIONS) == list(OPERATIONS)
    assert len(set(ACTIONS.values())) == 80


def test_the_page_of_gaps_says_that_all_operations_run() -> None:
    section = GAPS.read_text(encoding="utf-8").partition("## CTYun")[2].partition("\n## ")[0]
    assert "All 80 operations" in section


def test_every_service_of_an_access_point_has_a_mark_and_a_path_of_its_own() -> None:
    assert all(re.fullmatch(r"S\d+|I\??", service.operation.path_mark) for service in SERVICES.values())
    assert not set(SERVICES) & set(PATHS)
    assert len(SERVICES) == 8
