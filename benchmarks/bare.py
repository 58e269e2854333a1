"""The smallest Textual apps that ours is held against: `python -m benchmarks.bare tree|options ROWS`."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult

FIRST = "bare row 0"
"""On the screen once the app is ready."""


class BareTree(App[None]):
    """One tree, all open."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> ComposeResult:
        from textual.widgets import Tree

        tree: Tree[None] = Tree("root")
        tree.root.expand()
        for row in range(self.rows):
            tree.root.add_leaf(f"bare row {row}")
        yield tree

    def key_q(self) -> None:
        self.exit()


class BareOptions(App[None]):
    """One list of options."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def compose(self) -> ComposeResult:
        from textual.widgets import OptionList

        yield OptionList(*(f"bare row {row}" for row in range(self.rows)))

    def key_q(self) -> None:
        self.exit()


if __name__ == "__main__":
    {"tree": BareTree, "options": BareOptions}[sys.argv[1]](int(sys.argv[2])).run()
