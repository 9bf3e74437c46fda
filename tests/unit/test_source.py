from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kms_resources import source
from kms_resources.errors import InputError
from kms_resources.nodes import Broken, Mapping_, Scalar, Sequence
from kms_resources.source import parse, read_file


def found(text: str | bytes) -> list[tuple[str, int, int]]:
    data = text.encode() if isinstance(text, str) else text
    return [(problem.id, problem.position.line, problem.position.column) for problem in parse(data, "x.yaml").problems]


def test_nodes_know_line_and_column_counted_from_one() -> None:
    root = parse(b"a: 1\nb:\n  - x\n  - {c: true}\n", "x.yaml").root

    assert isinstance(root, Mapping_)
    items = root.entries["b"]
    assert isinstance(items, Sequence)
    inner = items.items[1]
    assert isinstance(inner, Mapping_)
    assert str(root.names["b"]) == "x.yaml:2:1"
    assert str(inner.entries["c"].position) == "x.yaml:4:9"
    assert (root.entries["a"].value, items.items[0].value, inner.entries["c"].value) == (1, "x", True)  # type: ignore[union-attr]


def test_columns_count_characters_not_bytes() -> None:
    assert found("密钥: {名: no}") == [("odd-scalar", 1, 9)]


@pytest.mark.parametrize(
    "value",
    ["yes", "No", "ON", "off", "y", "N", "True", "FALSE", "0o7", "017", "08", "0x1F", "0b1", "1_000", "+1", "-0",
     "1:30", "190:20:30", "2027-06-30", "2027-06-30T10:00:00Z", ".inf", "-.INF", ".nan", "1e3", ".5", "1.", "=",
     "1,000", "1234567890123456789"],
)  # fmt: skip
def test_a_value_that_yaml_readers_disagree_about_is_refused(value: str) -> None:
    assert found(f"a: {value}\n") == [("odd-scalar", 1, 4)]
    assert found(f"a: '{value}'\n") == []


@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("false", False), ("0", 0), ("-12", -12), ("90", 90), ("1.5", 1.5), ("word", "word"), ("'1'", "1"),
     ("ap-guangzhou", "ap-guangzhou"), ("~", None), ("null", None), ("", None), ("1.2.3", "1.2.3"), ("-x", "-x"),
     ("971ba207-5323-4a04-a290-3a9e8b4c7343", "971ba207-5323-4a04-a290-3a9e8b4c7343"), ('"\\t"', "\t")],
)  # fmt: skip
def test_any_other_value_means_what_it_looks_like(written: str, value: object) -> None:
    root = parse(f"a: {written}\n".encode(), "x.yaml").root

    assert isinstance(root, Mapping_)
    scalar = root.entries["a"]
    assert isinstance(scalar, Scalar)
    assert (type(value), value) == (type(scalar.value), scalar.value)


def test_a_word_may_be_text_in_a_field_that_is_known_to_have_it() -> None:
    words = {"rotation": frozenset({"off"})}
    document = parse(b"rotation: off\nenabled: off\n", "x.yaml", words)

    assert [(problem.id, problem.position.line) for problem in document.problems] == [("odd-scalar", 2)]


def test_a_duplicate_name_is_refused_with_both_positions() -> None:
    problem = parse(b"a: 1\nb: 2\na: 3\n", "x.yaml").problems[0]

    assert (
        str(problem)
        == 'x.yaml:3:1: a: "a" stands here a second time; the first is at x.yaml:1:1; allowed: each name once'
    )


def test_the_first_of_two_duplicates_is_kept() -> None:
    root = parse(b"a: 1\na: {b: 2}\n", "x.yaml").root

    assert isinstance(root, Mapping_)
    assert root.entries["a"].value == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x 1\n", [("anchor", 1, 4)]),
        ("a: &x {}\nb: *x\n", [("anchor", 1, 4), ("anchor", 2, 4)]),
        ("<<: {a: 1}\n", [("merge-key", 1, 1)]),
        ("a: !!python/object:os.system x\n", [("tag", 1, 4)]),
        ("a: !x [1]\n", [("tag", 1, 4)]),
        ("? [a, b]\n: 1\n", [("name-not-text", 1, 3)]),
        ("1: x\n", [("name-not-text", 1, 1)]),
        ("a: 1\n---\nb: 2\n", [("several-documents", 2, 1)]),
        ("a: x\n  b c\n", [("odd-scalar", 1, 4)]),
        ("a:\n\tb: 1\n", [("tab", 2, 1)]),
        ("%YAML 1.1\n---\na: 1\n", [("directive", 1, 1)]),
        ("a: \u200bx\n", [("hidden-character", 1, 4)]),
        ("a: 1\rb: 2\n", [("hidden-character", 1, 5)]),
        ("", [("empty-file", 1, 1)]),
        ("# remark\n", [("empty-file", 1, 1)]),
        ("a: b: c\n", [("syntax", 1, 5)]),
        (b"a: 1\n\xe5\xaf b\n", [("not-utf-8", 2, 1)]),
        (b"\xff\xfea\x00", [("not-utf-8", 1, 1)]),
        ("[" * 1000, [("too-deep", 1, 33)]),
    ],
)
def test_what_is_not_part_of_the_subset_is_refused_where_it_stands(
    text: str | bytes, expected: list[tuple[str, int, int]]
) -> None:
    assert expected == found(text)


def test_problems_before_a_syntax_error_are_reported_with_it() -> None:
    assert found("a: no\nb: c: d\n") == [("odd-scalar", 1, 4), ("syntax", 2, 5)]


def test_a_refused_value_holds_its_place_in_a_list() -> None:
    root = parse(b"a: [1, no, 3]\n", "x.yaml").root

    assert isinstance(root, Mapping_)
    items = root.entries["a"]
    assert isinstance(items, Sequence)
    assert [Scalar, Broken, Scalar] == [type(item) for item in items.items]


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_text() -> None:
    assert found(b"\xef\xbb\xbfa: 1\n") == []


def test_an_odd_value_of_a_secret_field_is_not_shown() -> None:
    assert "0123" not in " ".join(map(str, parse(b"password: 0123\ntoken: [0x12]\n", "x.yaml").problems))


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(source, "MAX_BYTES", 10)
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: 12345678\n")

    assert [problem.id for problem in read_file(path).problems] == ["too-large"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.yaml: cannot be read: no such file"):
        read_file(tmp_path / "absent.yaml")


@pytest.mark.parametrize("loader", [source._LOADER, source.yaml.SafeLoader])
def test_characters_that_only_the_parser_refuses_are_a_problem_too(
    monkeypatch: pytest.MonkeyPatch, loader: object
) -> None:
    monkeypatch.setattr(source, "_HIDDEN", re.compile("(?!)"))
    monkeypatch.setattr(source, "_LOADER", loader)

    assert found("a: \x01\n") == [("syntax", 1, 1)]


def test_the_slow_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: 'x'\nb: no\nc:\n  - 1\n  - {d: e}\nf: x\n  y\n"
    fast = parse(text.encode(), "x.yaml")
    monkeypatch.setattr(source, "_LOADER", source.yaml.SafeLoader)

    assert fast == parse(text.encode(), "x.yaml")


@given(st.text() | st.text(alphabet="ab:-[]{}#&*!|>'\"%@`?, \n\t0:~<=", max_size=40))
@example("? ")
@example("- - ? : -")
@example("a: |\n")
@example("\ud7ff\U0010ffff")
def test_no_text_makes_the_parser_raise(text: str) -> None:
    document = parse(text.encode(), "x.yaml")

    assert (document.root is not None) or document.problems


@given(st.binary())
def test_no_bytes_make_the_parser_raise(data: bytes) -> None:
    document = parse(data, "x.yaml")

    assert (document.root is not None) or document.problems
