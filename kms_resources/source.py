"""From YAML text to nodes that know file, line and column, in a subset of YAML that everybody reads alike.

Refused: duplicate keys, anchors, aliases, merge keys, tags, directives, several documents, values that YAML readers
disagree about (`scalars`), tabs, characters that an editor does not show, files that are too large or nested too
deeply. The parser stops at its first syntax error; everything else is collected, so that one run shows all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from kms_resources import scalars
from kms_resources.errors import InputError
from kms_resources.nodes import Broken, Document, Mapping_, Node, Scalar, Sequence
from kms_resources.problems import Path, Position, Problem
from kms_resources.redact import is_secret_name, label, show

MAX_BYTES = 10_000_000
MAX_DEPTH = 32

# libyaml where PyYAML was built with it: ten times faster, same events.
_LOADER: Any = getattr(yaml, "CLoader", yaml.SafeLoader)

# Control characters, line ends that only YAML knows (they would shift every line number after them), marks that turn
# the direction of text (a reviewer would see another file than the parser) and byte order marks inside the text.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
    r"|\r(?!\n)"
)
_TAB = re.compile(r"\t+")


def read_file(path: FilePath, words: Mapping[str, frozenset[str]] | None = None) -> Document:
    """Read and parse a file; raises `InputError` only if it cannot be read at all. For `words` see `parse`."""
    name = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError("cannot be read", where=name, why=(error.strerror or type(error).__name__).lower()) from None
    return parse(data, name, words)


def parse(data: bytes, file: str, words: Mapping[str, frozenset[str]] | None = None) -> Document:
    """Parse YAML; never raises, whatever the bytes are.

    `words` names, per field, the words that are text there although YAML 1.1 takes them for booleans.
    """

    def refused(line: int, column: int, id_: str, message: str, allowed: str = "") -> Document:
        return Document(file, None, (Problem(Position(file, line, column), (), id_, message, allowed),))

    if len(data) > MAX_BYTES:
        return refused(1, 1, "too-large", "the file is too large", f"at most {MAX_BYTES // 1_000_000} MB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        return refused(line, column, "not-utf-8", "the text is not UTF-8", "UTF-8 without exception")
    text = text.removeprefix("\ufeff")
    hidden = list(_hidden_characters(text, file))
    if any(problem.id == "hidden-character" for problem in hidden):
        return Document(file, None, tuple(hidden))
    builder = _Builder(file, words or {})
    builder.problems += hidden
    builder.run(text)
    if builder.root is None and not builder.problems:
        return refused(1, 1, "empty-file", "the file is empty", "version, targets and keys")
    return Document(file, builder.root, tuple(builder.problems))


def _hidden_characters(text: str, file: str) -> Iterator[Problem]:
    if not _TAB.search(text) and not _HIDDEN.search(text):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if match := _TAB.search(line):
            position = Position(file, number, match.start() + 1)
            yield Problem(position, (), "tab", "there is a tab", r"spaces; inside double quotes \t")
        if match := _HIDDEN.search(line):
            code = f"U+{ord(match.group()):04X}"
            position = Position(file, number, match.start() + 1)
            yield Problem(position, (), "hidden-character", f"there is a character that editors do not show, {code}")


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is not closed yet."""

    node: Sequence | Mapping_
    name: str = ""
    """The name that was read last."""
    value_next: bool = False
    """Whether its value comes next; otherwise a name does."""
    dropping: bool = False
    """Whether that value is thrown away, because its name was refused."""


@dataclass
class _Builder:
    file: str
    words: Mapping[str, frozenset[str]]
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    documents: int = 0

    def run(self, text: str) -> None:
        loader = None
        try:
            loader = _LOADER(text)
            takers = self.takers()
            while (event := loader.get_event()) is not None:
                taker = takers.get(type(event))
                if taker is not None and not taker(event):
                    self.root = None
                    return
        except yaml.MarkedYAMLError as error:
            self.syntax_error(error)
            self.root = None
        except yaml.YAMLError:
            # A reader error: characters that `_hidden_characters` let pass and the parser does not know.
            self.problem(Position(self.file, 1, 1), "syntax", "the text holds characters that YAML does not allow")
            self.root = None
        finally:
            if loader is not None:
                loader.dispose()

    def takers(self) -> Mapping[type, Callable[[Any], bool]]:
        """What deals with which kind of event; False ends the parsing."""
        return {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.open,
            yaml.SequenceStartEvent: self.open,
            yaml.MappingEndEvent: self.close,
            yaml.SequenceEndEvent: self.close,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
        }

    def close(self, _: Any) -> bool:
        self.stack.pop()
        return True

    def alias(self, event: Any) -> bool:
        position = self.at(event)
        self.problem(position, "anchor", "an alias (*name) is not allowed", "the value itself, written out")
        self.place(Broken(position))
        return True

    def document(self, event: Any) -> bool:
        self.documents += 1
        if event.version or event.tags:
            self.problem(self.at(event), "directive", "a directive (%) is not allowed", "the file without that line")
        if self.documents > 1:
            self.problem(self.at(event), "several-documents", "a second document begins here", "one document per file")
            return False
        return True

    def open(self, event: Any) -> bool:
        position = self.at(event)
        if event.anchor is not None or event.tag is not None:
            self.no_anchor_or_tag(event, position)
        if len(self.stack) >= MAX_DEPTH:
            self.problem(position, "too-deep", "the nesting is too deep", f"at most {MAX_DEPTH} levels")
            return False
        node: Sequence | Mapping_
        node = Mapping_(position, {}, {}) if isinstance(event, yaml.MappingStartEvent) else Sequence(position, [])
        self.place(node)
        self.stack.append(_Frame(node))
        return True

    def scalar(self, event: Any) -> bool:
        position = self.at(event)
        text: str = event.value
        if event.anchor is not None or event.tag is not None:
            self.no_anchor_or_tag(event, position)
        if event.tag is not None:
            self.place(Broken(position))
        elif event.style:  # "" or None for a plain one, depending on the parser
            self.place(Scalar(position, text, text))
        else:
            value, why, allowed = scalars.read_plain(text)
            if why:
                self.place(self.odd(position, text, why, allowed))
            elif isinstance(value, str) and position.line != event.end_mark.line + 1:
                self.problem(
                    position,
                    "odd-scalar",
                    "an unquoted value goes over several lines; is a colon missing?",
                    "one line, quotes, or a block that begins with > or |",
                )
                self.place(Broken(position))
            else:
                self.place(Scalar(position, value, text))
        return True

    def odd(self, position: Position, text: str, why: str, allowed: str) -> Node:
        """An unquoted scalar that readers disagree about."""
        frame = self.stack[-1] if self.stack else None
        if text == "<<" and frame and isinstance(frame.node, Mapping_) and not frame.value_next:
            self.problem(position, "merge-key", "a merge key (<<) is not allowed", "the fields themselves, written out")
            return Broken(position)
        if is_secret_name(self.field()):
            return Scalar(position, text, text)  # `stack.exposure` refuses it; here it would be shown
        if frame and frame.value_next and text in self.words.get(frame.name, ()):
            return Scalar(position, text, text)
        self.problem(position, "odd-scalar", f"{show(text)} {why}", allowed)
        return Broken(position)

    def place(self, node: Node) -> None:
        """Put a node where it belongs."""
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if isinstance(frame.node, Sequence):
            frame.node.items.append(node)
        elif frame.value_next:
            if not frame.dropping:
                frame.node.entries[frame.name] = node
            frame.value_next = False
        else:
            self.begin_entry(frame, frame.node.names, node)

    def begin_entry(self, frame: _Frame, names: dict[str, Position], node: Node) -> None:
        frame.name = node.text if isinstance(node, Scalar) else "?"
        frame.value_next = True
        frame.dropping = True
        if isinstance(node, Broken):
            return
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.problem(node.position, "name-not-text", "a name must be text", "a word, or quotes around it")
        elif frame.name in names:
            again = f"{show(frame.name)} stands here a second time; the first is at {names[frame.name]}"
            self.problem(node.position, "duplicate-key", again, "each name once")
        else:
            names[frame.name] = node.position
            frame.dropping = False

    def no_anchor_or_tag(self, event: Any, position: Position) -> None:
        if event.anchor is not None:
            self.problem(position, "anchor", "an anchor (&name) is not allowed", "the value itself, written out")
        if event.tag is not None:
            self.problem(position, "tag", "a tag (!name) is not allowed", "the value without it")

    def syntax_error(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        position = Position(self.file, mark.line + 1, mark.column + 1) if mark else Position(self.file, 1, 1)
        if any(found.id == "tab" and found.position.line == position.line for found in self.problems):
            return
        # The parser quotes single characters and handles of tags; nothing longer may be repeated here.
        said = re.sub(r"'[^' ]{2,}'", "…", f"{error.context or ''}: {error.problem or ''}".strip(": "))
        self.problems.append(Problem(position, (), "syntax", f"this is not YAML ({said})"))

    def problem(self, position: Position, id_: str, message: str, allowed: str = "") -> None:
        self.problems.append(Problem(position, self.path(), id_, message, allowed))

    def field(self) -> str:
        """The name of the field that the next value belongs to, lists in between left out."""
        mappings = (frame for frame in reversed(self.stack) if isinstance(frame.node, Mapping_))
        return next((frame.name for frame in mappings), "")

    def path(self) -> Path:
        parts = []
        for depth, frame in enumerate(self.stack, 1):
            inner = depth < len(self.stack)
            if isinstance(frame.node, Sequence):
                parts.append(str(len(frame.node.items) - inner))
            elif inner or frame.value_next:
                parts.append(label(frame.name))
        return tuple(parts)

    def at(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(self.file, mark.line + 1, mark.column + 1)
