"""`kms-rules.yaml`: all that is wrong in one run, each with its place, and a schema that says the same."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.rules import RULES, Config, InvalidRulesError, RuleSeverity, load_config, read_config, usual_config
from kms_resources.rules.schema import rules_schema

ROOT = Path(__file__).resolve().parents[3]
VALIDATOR = jsonschema.Draft202012Validator(rules_schema())
RIGHT = '{rule: no-rotation, key: orders, reason: Archive only, until: "2026-12-31"}'

WORDS = st.sampled_from([*list(RULES)[:5], "off", "mandatory", "owner", "", "2026-12-31", "x.y", "orders"])
VALUES = st.one_of(WORDS, st.integers(-1, 5000), st.booleans(), st.none(), st.lists(WORDS, max_size=2))
SETTINGS = st.one_of(
    VALUES, st.dictionaries(st.sampled_from(["severity", "days", "tag", "accounts", "x"]), VALUES, max_size=3)
)
FIELDS = st.sampled_from(["rule", "key", "path", "file", "reason", "until", "x"])
DOCUMENTS = st.fixed_dictionaries(
    {"version": st.sampled_from([1, 1, 1, 2])},
    optional={
        "rules": st.dictionaries(st.sampled_from([*RULES, "x"]), SETTINGS, max_size=4),
        "ignore": st.lists(st.dictionaries(FIELDS, VALUES, max_size=6), max_size=2),
    },
)


@given(DOCUMENTS)
def test_what_jsonschema_does_not_take_is_refused(document: dict[str, Any]) -> None:
    try:
        read_config(json.dumps(document).encode(), "x.yaml")
    except InvalidRulesError as error:
        structural = [one for one in error.problems if one.id not in {"no-day", "boundless-ignore"}]
        assert VALIDATOR.is_valid(document) == (not structural), structural
    else:
        assert VALIDATOR.is_valid(document)


def test_the_schema_for_editors_is_the_one_of_the_code() -> None:
    jsonschema.Draft202012Validator.check_schema(rules_schema())
    assert rules_schema() == json.loads((ROOT / "schema/rules.schema.json").read_text(encoding="utf-8")), "make docs"
    for example in rules_schema()["examples"]:
        VALIDATOR.validate(example)


def test_without_a_file_everything_is_as_usual(tmp_path: Path) -> None:
    assert usual_config(tmp_path) == Config()
    assert {setting.severity for setting in Config().settings.values()} == set(RuleSeverity)


def test_a_file_in_the_usual_place_is_read(tmp_path: Path) -> None:
    (tmp_path / "kms-rules.yaml").write_text(f"version: 1\nignore: [{RIGHT}]\n", encoding="utf-8")
    (one,) = usual_config(tmp_path).ignored
    assert (one.rule, one.key, one.reason, str(one.until)) == ("no-rotation", "orders", "Archive only", "2026-12-31")


def test_parameters_keep_their_defaults_beside_those_that_are_given() -> None:
    config = read_config(
        b"version: 1\nrules: {no-owner-tag: {severity: mandatory}, expiring-material: {days: 60}}\n", "x"
    )
    assert config.settings["no-owner-tag"].severity is RuleSeverity.MANDATORY
    assert config.settings["no-owner-tag"].values == {"tag": "owner"}
    assert config.settings["expiring-material"].values == {"days": 60}
    assert config.settings["expiring-material"].severity is RuleSeverity.ADVISORY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 2\n", '1:10: version: 2 is not possible here; allowed: 1'),
        ("rules: {}\n", "1:1: version: this field is missing; allowed: 1"),
        ("version: 1\nrules: {no-rotatoin: advisory}\n",
         f'2:9: rules.no-rotatoin: "no-rotatoin" is no field here; did you mean "no-rotation"?; allowed: '
         f"{', '.join(RULES)}"),
        ("version: 1\nrules: {no-rotation: loud}\n",
         '2:22: rules.no-rotation: "loud" is not possible here; allowed: off or advisory or mandatory or the fields '
         "severity"),
        ("version: 1\nrules: {no-rotation: null}\n",
         "2:22: rules.no-rotation: there is no value; allowed: off or advisory or mandatory or the fields severity"),
        ("version: 1\nrules: {expiring-material: {days: 9999}}\n",
         "2:35: rules.expiring-material.days: 9999 is not possible here; allowed: a whole number from 0 to 3650"),
        ("version: 1\nrules: {decrypt-to-other-account: {accounts: [\"x\"]}}\n",
         '2:47: rules.decrypt-to-other-account.accounts.0: "x" is not possible here; allowed: the number of an '
         "account, in quotes"),
        ('version: 1\nignore:\n  - {rule: no-rotation, key: a, until: "2026-12-31"}\n',
         "3:5: ignore.0.reason: this field is missing; allowed: a sentence that tells the next reader why"),
        ('version: 1\nignore:\n  - {rule: no-rotation, key: a, reason: " ", until: "2026-12-31"}\n',
         '3:41: ignore.0.reason: " " is not possible here; allowed: a sentence that tells the next reader why'),
        ("version: 1\nignore:\n  - {rule: no-rotation, key: a, reason: Why}\n",
         '3:5: ignore.0.until: this field is missing; allowed: a day in quotes, such as "2027-03-31"'),
        ('version: 1\nignore:\n  - {rule: no-rotation, key: a, reason: Why, until: "2026-02-30"}\n',
         '3:53: ignore.0.until: "2026-02-30" is no day of the calendar; allowed: such as 2027-03-31, in quotes'),
        ('version: 1\nignore:\n  - {rule: no-rotation, reason: Why, until: "2026-12-31"}\n',
         "3:5: ignore.0: it names neither a key nor a path, so it would accept everything that the rule finds; "
         "allowed: key or path"),
        ("version: 1\nignore:\n  - {rule: nothing, key: a, reason: Why, until: \"2026-12-31\"}\n",
         f'3:12: ignore.0.rule: "nothing" is not possible here; allowed: {", ".join(RULES)}'),
        ("version: 1\n\trules: {}\n", r'2:1: there is a tab; allowed: spaces; inside double quotes \t'),
        ("- a\n", "1:1: a list is not possible here; allowed: the fields version, rules, ignore"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(InvalidRulesError) as caught:
        read_config(text.encode(), "kms-rules.yaml")
    assert str(caught.value) == f"kms-rules.yaml:{expected}"


def test_all_problems_of_a_file_are_said_in_one_run() -> None:
    text = (
        "version: 1\nrules: {no-rotation: loud}\nignore:\n"
        '  - {rule: no-rotation, key: a, until: "2026-12-31"}\n'
        '  - {rule: no-rotation, reason: Why, until: "2026-12-31"}\n'
        '  - {rule: no-rotation, key: a, reason: Why, until: "2026-02-30"}\n'
    )
    with pytest.raises(InvalidRulesError) as caught:
        read_config(text.encode(), "kms-rules.yaml")
    assert [one.position.line for one in caught.value.problems] == [2, 4, 5, 6]
    assert caught.value.exit_code == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"nowhere\.yaml: cannot be read: no such file or directory"):
        load_config(tmp_path / "nowhere.yaml")
