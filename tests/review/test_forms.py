"""Every form of the report: JSON by its schema, SARIF with places of HEAD, a safe comment, text of any width."""

import json
from pathlib import Path

import jsonschema
import pytest

from kms_resources.review import Options, Report, review
from kms_resources.review.as_json import as_json, document
from kms_resources.review.markdown import LONGEST, MARKER, markdown
from kms_resources.review.roles import read_trust
from kms_resources.review.sarif import sarif
from kms_resources.review.snapshot import assemble
from kms_resources.review.sources import from_files
from kms_resources.review.text import text

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir())
SCHEMA = json.loads((Path(__file__).parents[2] / "schema" / "report.schema.json").read_text(encoding="utf-8"))
HEAD = """version: 1
targets:
  hz: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
keys:
"""


def report_of(name: str) -> Report:
    folder = CASES / name
    args = json.loads((folder / "case.json").read_text(encoding="utf-8"))["args"]
    given = dict(zip(args[::2], args[1::2], strict=True))
    trust = read_trust(folder / given["--trust"]) if "--trust" in given else {}
    options = Options(given.get("--account", ""), given.get("--deployer", ""), trust)
    return review(*from_files(folder / "base.yaml", folder / "head.yaml"), options)


def report_between(base: str, head: str, **given: str) -> Report:
    sides = [
        assemble(name, [("", f"{name}.yaml", (HEAD + body).encode())])
        for name, body in (("base", base), ("head", head))
    ]
    return review(sides[0], sides[1], Options(**given))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_json_keeps_to_its_schema(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(document(report_of(name)))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_input_gives_the_same_bytes(name: str) -> None:
    one, other = report_of(name), report_of(name)
    for form in (as_json, markdown, sarif, text):
        assert form(one) == form(other)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [40, 72, 100])
def test_no_line_of_the_text_is_wider_than_asked(name: str, width: int) -> None:
    lines = text(report_of(name), width=width).splitlines()
    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("name", NAMES)
def test_colour_changes_nothing_but_the_colour(name: str) -> None:
    report = report_of(name)
    bare = text(report, colour=True)
    for code in {part.split("m")[0] for part in bare.split("\x1b[")[1:]}:
        bare = bare.replace(f"\x1b[{code}m", "")
    assert [line.rstrip() for line in bare.splitlines()] == text(report).splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_sarif_points_into_head_at_lines_that_exist(name: str) -> None:
    report = report_of(name)
    found = json.loads(sarif(report))["runs"][0]
    lines = (CASES / name / "head.yaml").read_text(encoding="utf-8").splitlines()
    for result in found["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith("head.yaml")
        assert 1 <= place["region"]["startLine"] <= len(lines)
        assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_shows_a_gain_at_its_statement() -> None:
    found = json.loads(sarif(report_of("05-decrypt-for-one-user")))["runs"][0]["results"]
    gain = next(one for one in found if one["ruleId"] == "gain/decrypt")
    line = gain["locations"][0]["physicalLocation"]["region"]["startLine"]
    head = (CASES / "05-decrypt-for-one-user" / "head.yaml").read_text(encoding="utf-8").splitlines()
    assert head[line - 1].strip().startswith("app:")
    assert gain["level"] == "warning"


def test_a_fingerprint_outlives_lines_added_above() -> None:
    def prints(report: Report) -> set[str]:
        results = json.loads(sarif(report))["runs"][0]["results"]
        return {one["partialFingerprints"]["kmsReview/v1"] for one in results}

    base = "  orders: {target: hz, spec: AES_256}\n"
    head = "  orders: {target: hz, spec: AES_256, enabled: false}\n"
    assert prints(report_between(base, head)) == prints(report_between(base, f"\n\n{head}"))


@pytest.mark.parametrize("name", NAMES)
def test_a_comment_begins_with_its_marker_and_has_it_once(name: str) -> None:
    shown = markdown(report_of(name))
    assert shown.startswith(f"{MARKER}\n")
    assert shown.count(MARKER) == 1
    assert shown.count("<details") == shown.count("</details>")


def test_what_a_stack_says_never_becomes_markup() -> None:
    key = "  orders: {target: hz, spec: AES_256}\nciphertexts:\n"
    base = key + "  db: {key: orders, plaintext: {from_env: DB}, context: {app: '<img src=x> | [a](b) `c`'}}\n"
    shown = markdown(report_between(base, base.replace("'<img src=x> | [a](b) `c`'", "'*me*'")))
    line = next(line for line in shown.splitlines() if "img src" in line)
    assert r"app=\<img src=x\> \| \[a\](b) \`c\` → app=\*me\*" in line


def test_a_comment_that_would_be_too_long_says_what_is_left_out() -> None:
    keys = [f"  key-{number}: {{target: hz, spec: AES_256}}\n" for number in range(900)]
    gone = "".join(key.replace("}\n", ", enabled: false}\n") for key in keys)
    shown = markdown(report_between("".join(keys), gone))
    assert len(shown) <= LONGEST + 500
    assert "subjects are too long for a comment" in shown
    assert "… and 800 more" in shown
