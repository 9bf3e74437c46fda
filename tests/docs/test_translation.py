"""The two READMEs are in step, section by section."""

import json
import re
from pathlib import Path

import pytest

from tests.docs.pages import CHINESE, README, ROOT, anchors, blocks, headings, links, prose, read, tables
from tools.generate_docs import FILES, PART, PARTS, WORDS

CODE = re.compile(r"`[^`]+`")


def levels(page: Path) -> list[str]:
    """The levels of its headings."""
    return [line.split(" ")[0] for line in headings(page)]


def parts(page: Path) -> list[tuple[str, list[str]]]:
    """The sections in order: level of the heading, and what stands in code marks outside of generated parts."""
    text = PART.sub("", prose(page))
    pieces = re.split(r"^(#+) .*$", text, flags=re.MULTILINE)
    return [(level, sorted(CODE.findall(body))) for level, body in zip(pieces[1::2], pieces[2::2], strict=True)]


def test_headings_have_the_same_order_and_levels() -> None:
    assert levels(README) == levels(CHINESE)


def test_blocks_of_code_are_the_same() -> None:
    assert blocks(README) == blocks(CHINESE)


def test_tables_have_the_same_rows_and_columns() -> None:
    shapes = [[[len(row) for row in table] for table in tables(page)] for page in (README, CHINESE)]
    assert shapes[0] == shapes[1]


def test_the_first_column_of_hand_written_tables_names_the_same_things() -> None:
    for ours, theirs in zip(tables(README), tables(CHINESE), strict=True):
        assert [CODE.findall(row[0]) for row in ours] == [CODE.findall(row[0]) for row in theirs]


def test_generated_parts_stand_in_the_same_order() -> None:
    assert [match[2] for match in PART.finditer(read(README))] == [match[2] for match in PART.finditer(read(CHINESE))]


def test_every_section_names_the_same_things_in_code_marks() -> None:
    ours, theirs = parts(README), parts(CHINESE)
    different = [(title, a, b) for title, (_, a), (_, b) in zip(headings(README), ours, theirs, strict=True) if a != b]
    assert different == []


def test_links_lead_to_the_same_pages() -> None:
    def outside(page: Path) -> list[str]:
        found = (link.replace(".zh-CN", "") for link in links(page) if not link.startswith("#"))
        return sorted(link for link in found if not link.startswith("README"))

    assert outside(README) == outside(CHINESE)
    assert len(anchors(README)) == len(anchors(CHINESE))


@pytest.mark.parametrize("name", [name for name in FILES if ".zh-CN." in name])
def test_every_word_of_the_generated_parts_has_its_chinese(name: str) -> None:
    chinese = json.loads(read(WORDS))
    asked: set[str] = set()

    def word(text: str) -> str:
        asked.add(text)
        return text

    for match in PART.finditer(read(ROOT / name)):
        PARTS[match[2]](word)
    assert asked - chinese.keys() == set()


def test_no_chinese_word_is_left_over() -> None:
    asked: set[str] = set()

    def word(text: str) -> str:
        asked.add(text)
        return text

    for part in PARTS.values():
        part(word)
    assert json.loads(read(WORDS)).keys() - asked == set()


def test_the_capabilities_are_in_step_too() -> None:
    ours, theirs = ROOT / "docs" / "capabilities.md", ROOT / "docs" / "capabilities.zh-CN.md"
    assert levels(ours) == levels(theirs)
    assert [match[2] for match in PART.finditer(read(ours))] == [match[2] for match in PART.finditer(read(theirs))]
