"""A YAML text as a tree with places. Scalars stay the text they were written as: no numbers or times are guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import yaml

from pricing.rules.problems import Problem, Unreadable, nearest

MAX_TEXT: Final = 65_536
MAX_DEPTH: Final = 8
T = TypeVar("T")
_SHOWN: Final = 60


@dataclass(slots=True)
class Reader:
    """Goes on after a problem, so that a person is told all of them at once."""

    problems: list[Problem] = field(default_factory=list)

    def root(self, text: str) -> yaml.Node | None:
        """The document's tree; None where there is none, and then the problem is told."""
        if len(text) > MAX_TEXT:
            self._tell(1, 1, f"a rule of at most {MAX_TEXT} characters", f"{len(text)}", "split it into several rules")
            return None
        try:
            if self._is_fit(text):
                return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as e:
            mark = e.problem_mark or e.context_mark
            line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
            fix = "check indentation, colons and quotes there"
            self._tell(line, column, "YAML", e.problem or "something else", fix)
        except yaml.YAMLError as e:
            self._tell(1, 1, "text that YAML can hold", " ".join(str(e).split())[:_SHOWN], "remove odd characters")
        return None

    def at(self, node: yaml.Node, wanted: str, found: str, fix: str) -> None:
        """A problem at this node."""
        self._tell(node.start_mark.line + 1, node.start_mark.column + 1, wanted, found, fix)

    def scalar(self, node: yaml.Node | None, read: Callable[[str], T], wanted: str = "a single value") -> T | None:
        """What `read` makes of the node's text; None where there is no node or it cannot be read, which is told."""
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.at(node, wanted, shown_node(node), "write one value after the colon")
            return None
        try:
            return read(" ".join(node.value.split()))
        except Unreadable as e:
            self.at(node, e.wanted, shown(node.value), e.fix)
            return None

    def items(self, node: yaml.Node | None, wanted: str) -> Iterator[yaml.Node]:
        """The members of a list; a single value counts as a list of one."""
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif isinstance(node, yaml.ScalarNode):
            yield node
        elif node is not None:
            self.at(node, wanted, "a mapping", "begin each line with a hyphen")

    def section(self, node: yaml.Node | None, what: str, known: tuple[str, ...]) -> dict[str, yaml.Node]:
        """The values of a mapping by their names. Unknown and double names are told and left out."""
        found: dict[str, yaml.Node] = {}
        if node is None:
            return found
        if not isinstance(node, yaml.MappingNode):
            self.at(node, f"names with values under {what}", shown_node(node), f"the names are {', '.join(known)}")
            return found
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in known:
                fix = nearest(name, known, "correct or remove that line")
                self.at(key, f"under {what} one of {', '.join(known)}", shown_node(key), fix)
            elif name in found:
                self.at(key, f"{name} once", "it a second time", "remove one of them")
            else:
                found[name] = value
        return found

    def _is_fit(self, text: str) -> bool:
        """No aliases (a short text could stand for a huge one), no deep nesting, one document."""
        depth, documents = 0, 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            documents += isinstance(event, yaml.DocumentStartEvent)
            mark: Any = event.start_mark
            if isinstance(event, yaml.AliasEvent):
                self._tell(mark.line + 1, mark.column + 1, "values written out", f"*{event.anchor}", "write it again")
                return False
            if depth > MAX_DEPTH:
                self._tell(mark.line + 1, mark.column + 1, "a flat rule", "deep nesting", "see docs/rules.md")
                return False
            if documents > 1:
                self._tell(mark.line + 1, 1, "one rule in a text", "a second one", "put it into a text of its own")
                return False
        return True

    def _tell(self, line: int, column: int, wanted: str, found: str, fix: str) -> None:
        self.problems.append(Problem(line, column, wanted, found, fix))


def shown(text: str) -> str:
    """A value as a message may show it: short, on one line."""
    text = " ".join(text.split())
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…") if text else "nothing"


def shown_node(node: yaml.Node) -> str:
    """The same of any part of the tree."""
    if isinstance(node, yaml.ScalarNode):
        return shown(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
