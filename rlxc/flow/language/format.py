"""The one form of a text: its words and comments are kept, blanks and line ends are set anew."""

from __future__ import annotations

from lark import Token, Tree

from rlxc.flow.language.grammar import parse, words_and_comments
from rlxc.flow.language.layout import INDENT, is_comment, laid_out, position, without_comments
from rlxc.flow.language.source import FlowText, parts, rules


def formatted(text: str, name: str = "<text>") -> str:
    """The text in the one form, which has itself as its form. Raises RlxcError, with the place, if it is no flow."""
    source = FlowText(text, name)
    tree = parse(source)
    return Formatter(words_and_comments(source)).whole(tree)


class Formatter:
    """Goes through the words of a text along its tree, and writes lines."""

    def __init__(self, words: list[Token]):
        self._words = words
        self._next = 0
        self._lines: list[str] = []
        self._depth = 0

    def whole(self, tree: Tree[Token]) -> str:
        """The text of a tree."""
        self._comments()
        self._keep_blank_line()
        self._statement(tree)
        self._comments()
        return "\n".join(self._lines) + "\n"

    def _statement(self, tree: Tree[Token], before: str = "", carried: list[Token] | None = None) -> None:
        """A statement with its blocks. `before` begins its line; comments that are `carried` stand in its block."""
        blocks = rules(tree, "block", "when")
        end = blocks[0].meta.start_pos if blocks else tree.meta.end_pos
        words = self._until(end)
        if before:
            # A comment before this line would part the brace from its `else`.
            carried = [*(carried or []), *filter(is_comment, words)]
            words = without_comments(words)
        lines = laid_out(words, self._depth, " {" if blocks else "")
        lines[0] = INDENT * self._depth + before + lines[0].lstrip()
        self._lines += lines
        for block in blocks[:1]:
            self._block(block, carried or [])
        for other in blocks[1:]:
            self._otherwise(other)

    def _otherwise(self, tree: Tree[Token]) -> None:
        """What follows an `else`: a block, or another `when`."""
        comments = list(filter(is_comment, self._until(tree.meta.start_pos)))
        self._lines.pop()
        if tree.data == "when":
            self._statement(tree, "} else ", comments)
        else:
            self._lines.append(INDENT * self._depth + "} else {")
            self._block(tree, comments)

    def _block(self, tree: Tree[Token], carried: list[Token]) -> None:
        """What a block holds after the brace, and the brace at its end."""
        self._next += 1
        self._depth += 1
        self._lines += [INDENT * self._depth + str(comment).rstrip() for comment in carried]
        for statement in parts(tree):
            self._comments()
            self._keep_blank_line()
            self._statement(statement)
        self._comments()
        self._next += 1
        self._depth -= 1
        self._lines.append(INDENT * self._depth + "}")

    def _comments(self) -> None:
        """The comments that come next: behind the line before if they are there, or else on lines of their own."""
        while self._next < len(self._words) and is_comment(self._words[self._next]):
            comment = self._words[self._next]
            text = str(comment).rstrip()
            if self._gap() == 0 and not self._lines[-1].lstrip().startswith("#"):
                self._lines[-1] += f"  {text}"
            else:
                self._keep_blank_line()
                self._lines.append(INDENT * self._depth + text)
            self._next += 1

    def _keep_blank_line(self) -> None:
        """An empty line where the text has one or more, but not at the start of a block."""
        if self._gap() > 1 and not self._lines[-1].endswith("{"):
            self._lines.append("")

    def _gap(self) -> int:
        """How many lines the next word is below the one before; 1 for the first."""
        if self._next == 0:
            return 1
        before, word = self._words[self._next - 1], self._words[self._next]
        return (word.line or 0) - (before.end_line or 0)

    def _until(self, end: int) -> list[Token]:
        """The next words, up to a position in the text."""
        start = self._next
        while self._next < len(self._words) and position(self._words[self._next]) < end:
            self._next += 1
        return self._words[start : self._next]
