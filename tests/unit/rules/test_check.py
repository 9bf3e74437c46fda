"""What is accepted, until when, and where findings stand."""

from datetime import date
from pathlib import Path

import pytest

from kms_resources.rules import Config, Findings, Places, check, check_all, read_config
from kms_resources.stack import load_stack
from tests.unit.rules.support import FILE, LINES, TODAY, findings, stack_of, whole

TWO = "keys:\n  orders: {target: guangzhou, spec: SM4}\n  ledger: {target: guangzhou, spec: SM4}\n"
ONLY = "version: 1\nrules: {no-owner-tag: off}\nignore:\n"


def entry(**fields: str) -> str:
    given = {"rule": "no-rotation", "reason": "Archive only", "until": "2026-12-31", **fields}
    return "  - {" + ", ".join(f'{name}: "{value}"' for name, value in given.items()) + "}\n"


def left(result: Findings) -> list[str]:
    return [one.key for one in result.found]


def test_findings_stand_from_the_top_of_the_file_to_its_end_and_name_their_place() -> None:
    result = findings(TWO, "version: 1\nrules: {no-owner-tag: mandatory}\n")
    assert [str(one) for one in result.found] == [
        f"{FILE}:{LINES + 2}:3: mandatory no-owner-tag: keys.orders.tags: the key has no tag owner",
        f"{FILE}:{LINES + 2}:3: advisory no-rotation: keys.orders.rotation: this SM4 key never gets new material",
        f"{FILE}:{LINES + 3}:3: mandatory no-owner-tag: keys.ledger.tags: the key has no tag owner",
        f"{FILE}:{LINES + 3}:3: advisory no-rotation: keys.ledger.rotation: this SM4 key never gets new material",
    ]
    assert (len(result.mandatory), len(result.advisory), result.clean) == (2, 2, False)
    assert result.summary == "4 findings, 2 mandatory"


@pytest.mark.parametrize("where", [{"key": "orders"}, {"path": "keys.orders"}, {"path": "keys.orders.rotation"}])
def test_a_finding_is_accepted_by_key_or_by_path(where: dict[str, str]) -> None:
    result = findings(TWO, ONLY + entry(**where))
    assert left(result) == ["ledger"]
    assert [(one.finding.key, one.ignore.reason) for one in result.accepted] == [("orders", "Archive only")]
    assert result.notes == ()
    assert result.summary == "1 finding, 1 accepted"


def test_an_entry_counts_on_its_last_day_and_not_on_the_next() -> None:
    assert left(findings(TWO, ONLY + entry(key="orders", until="2026-06-01"))) == ["ledger"]
    result = findings(TWO, ONLY + entry(key="orders", until="2026-05-31"))
    assert left(result) == ["orders", "ledger"]
    assert [str(one) for one in result.problems] == [
        "kms-rules.yaml:4:5: ignore.0: no-rotation was accepted until 2026-05-31, and that day is over; allowed: "
        "a later day with a reason that still holds, or the stack put right and no entry"
    ]
    assert not result.clean


def test_an_entry_that_accepts_nothing_is_reported() -> None:
    result = findings(TWO, ONLY + entry(key="orders") + entry(key="gone"))
    assert [str(one) for one in result.notes] == [
        "kms-rules.yaml:5:5: note: ignore.1: nothing that no-rotation finds is accepted by this entry; take it out"
    ]
    assert result.clean


def test_an_entry_for_another_file_neither_counts_here_nor_is_it_unused() -> None:
    result = findings(TWO, ONLY + entry(key="orders", file="stacks/prod.yaml"))
    assert left(result) == ["orders", "ledger"]
    assert result.notes == ()


def test_an_entry_that_one_of_several_stacks_needs_is_of_use() -> None:
    one, other = stack_of(TWO), stack_of("keys: {cold: {target: guangzhou, spec: SM4}}\n", "stacks/prod.yaml")
    config = read_config((ONLY + entry(key="cold")).encode(), "kms-rules.yaml")
    result = check_all([one, other], config, TODAY)
    assert left(result) == ["orders", "ledger"]
    assert result.notes == ()


def test_an_entry_for_one_rule_does_not_accept_what_another_finds() -> None:
    result = findings(TWO, "version: 1\nignore:\n" + entry(key="orders"))
    assert [one.rule for one in result.found if one.key == "orders"] == ["no-owner-tag"]


ONE_HAND = """\
keys:
  a:
    target: hangzhou
    spec: AES_256
    rotation: {every_days: 30}
    tags: {owner: x}
    policy:
      all: {principals: [role/a], actions: [policy, decrypt]}
"""


def test_the_places_of_a_stack_in_a_file_are_read_from_it(tmp_path: Path) -> None:
    file = tmp_path / "dev.yaml"
    file.write_text(whole(ONE_HAND), encoding="utf-8")
    (one,) = check(load_stack(file), Config(), TODAY).found
    assert (one.position.line, one.position.column) == (LINES + 8, 26)


def test_the_places_of_another_text_are_never_taken(tmp_path: Path) -> None:
    file = tmp_path / "dev.yaml"
    file.write_text(whole(ONE_HAND), encoding="utf-8")
    stack = load_stack(file)
    file.write_text("# another line\n" + whole(ONE_HAND), encoding="utf-8")
    assert [one.position.line for one in check(stack, Config(), TODAY).found] == [LINES + 2]
    file.unlink()
    assert [one.position.line for one in check(stack, Config(), TODAY).found] == [LINES + 2]


def test_what_comes_from_the_defaults_stands_there() -> None:
    text = (
        "defaults: {deletion: {window_days: 7}, tags: {owner: x}, rotation: {every_days: 30}}\n"
        "keys: {cold: {target: north, spec: SM4, deletion: {policy: schedule}, deletion_protection: true}}\n"
    )
    (one,) = findings(text).found
    assert one.path == ("keys", "cold", "deletion", "window_days")
    assert one.position.line == LINES + 2


def test_no_rule_depends_on_the_day_but_those_that_are_about_days() -> None:
    stack, places = stack_of(TWO)
    early, late = (check(stack, Config(), day, places=places) for day in (date(2000, 1, 1), date(2999, 1, 1)))
    assert early == late


def test_places_without_any_text_are_those_of_the_keys() -> None:
    stack, _ = stack_of(TWO, "nowhere/at-all.yaml")
    assert Places(stack).at(("keys", "ledger", "policy", "x")).line == LINES + 3
    assert Places(stack).at(("access_points", "x")).line == 1
