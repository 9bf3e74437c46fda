"""Each example runs against the emulator and prints what its README promises."""

import re
from pathlib import Path

import pytest

from tools import examples

ONE_SCREEN = 60


@pytest.mark.parametrize("name", examples.names())
def test_an_example_prints_what_its_readme_promises(name: str) -> None:
    result = examples.run(name)
    assert result.returncode == 0, result.stdout
    assert result.stdout == examples.promised(name)


@pytest.mark.parametrize("name", examples.names())
def test_an_example_fits_on_one_screen_and_names_its_document(name: str) -> None:
    folder = examples.EXAMPLES / name
    scripts = [folder / script for script in examples.SCRIPTS if (folder / script).is_file()]
    assert len(scripts) == 1
    assert len(scripts[0].read_text(encoding="utf-8").splitlines()) <= ONE_SCREEN
    assert re.search(r"https?://|github", (folder / "README.md").read_text(encoding="utf-8"))


def test_the_overview_lists_every_example() -> None:
    overview = (examples.EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in examples.names() if f"]({name}/" not in overview] == []
    assert Path("examples") == Path(examples.EXAMPLES.name)
