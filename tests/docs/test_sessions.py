"""What the pages show is what happens: their sessions and programs run against the emulator, from top to bottom."""

from pathlib import Path

from kms_resources.stack import check_text
from tests.docs.pages import README, ROOT, Block, blocks, section_blocks
from tests.docs.sessions import Desk, exchanges, fits, is_session, open_desk

USING = ROOT / "docs" / "using-keys.md"


def test_the_page_about_using_keys_shows_what_happens(tmp_path: Path) -> None:
    stack, *rest = blocks(USING)
    with open_desk(tmp_path, stack.text) as desk:
        assert "\n".join(differences(desk, rest)) == ""


def test_the_section_of_the_readme_shows_what_happens(tmp_path: Path) -> None:
    found = [block for block in section_blocks(README, "Using keys") if block.language != "yaml"]
    with open_desk(tmp_path, readme_stack(), name="prod") as desk:
        assert "\n".join(differences(desk, found)) == ""


def test_what_the_readme_adds_to_its_stack_is_valid_there() -> None:
    report = check_text(readme_stack().encode(), "stacks/prod.yaml")
    assert report.problems == ()


def test_a_session_that_shows_something_else_is_found() -> None:
    session = Block("", "$ echo one\ntwo\n$ echo three\nth…e\n")
    assert [(command, fits(shown, command.removeprefix("echo "))) for command, shown in exchanges(session)] == [
        ("echo one", False),
        ("echo three", True),
    ]


def test_what_stands_for_anything_does_not_reach_over_the_end_of_a_line() -> None:
    assert fits("a…b", "a and b")
    assert not fits("a…b", "a\nb")


def readme_stack() -> str:
    """The README's first stack with what the section about using keys adds to it; the Chinese one has the same."""
    added = [block.text for block in section_blocks(README, "Using keys") if block.language == "yaml"]
    return "\n".join([blocks(README)[0].text, *added])


def differences(desk: Desk, found: list[Block]) -> list[str]:
    """What was typed, what the page shows and what was printed, where the two differ."""
    wrong = []
    program = ""
    for block in found:
        if is_session(block):
            wrong += [_compare(desk, command, shown) for command, shown in exchanges(block)]
        elif block.language == "python":
            program = block.text
            desk.project.write(program, "page.py")
        elif block.language == "text" and program:
            wrong.append(_compare(desk, "python page.py", block.text))
            program = ""
    return [text for text in wrong if text]


def _compare(desk: Desk, command: str, shown: str) -> str:
    printed = desk.type(command)
    return "" if fits(shown, printed) else f"$ {command}\nshown:\n{shown}printed:\n{printed}"
