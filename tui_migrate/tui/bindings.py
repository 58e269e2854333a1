"""The one registry of keys: bindings, help, palette and the documentation's tables are made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from tui_migrate.tui.keys.confirm import CONFIRM, MIGRATE, PAYLOAD, VARIABLE, VARIABLES
from tui_migrate.tui.keys.everywhere import DIALOG, EVERYWHERE, HELP, LIST, QUESTION, SEARCH, TOO_SMALL
from tui_migrate.tui.keys.instances import CHECK, COLUMNS, FILTER, INSTANCES, SCOPE_CHOICE
from tui_migrate.tui.keys.overview import OVERVIEW
from tui_migrate.tui.keys.plan import PLAN
from tui_migrate.tui.keys.plan_dialogs import DETAILS, PICKER, REGENERATE, SUGGESTIONS
from tui_migrate.tui.keys.result import BATCHES, GROUP, RESULT, RUNS, TEXT
from tui_migrate.tui.keys.versions import VERSIONS, VERSIONS_RESULT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.binding import BindingType

    from tui_migrate.tui.keys.key import Key, Scope

SCOPES: tuple[Scope, ...] = (
    EVERYWHERE,
    LIST,
    SEARCH,
    OVERVIEW,
    PLAN,
    SUGGESTIONS,
    DETAILS,
    REGENERATE,
    PICKER,
    INSTANCES,
    FILTER,
    COLUMNS,
    SCOPE_CHOICE,
    CHECK,
    CONFIRM,
    MIGRATE,
    PAYLOAD,
    VARIABLES,
    VARIABLE,
    RESULT,
    GROUP,
    TEXT,
    BATCHES,
    RUNS,
    VERSIONS,
    VERSIONS_RESULT,
    DIALOG,
    QUESTION,
    HELP,
    TOO_SMALL,
)
"""Every scope, in the order of the help. A new screen adds its own here."""


def scope(name: str) -> Scope:
    """Return the scope with this name.

    Raises:
        KeyError: No scope is called so.
    """
    return {entry.name: entry for entry in SCOPES}[name]


def bindings(*names: str) -> list[BindingType]:
    """Return what a class of Textual takes as its `BINDINGS` for the scopes with these names."""
    return [binding for name in names for binding in _bindings_of(scope(name))]


def _bindings_of(entry: Scope) -> Iterator[Binding]:
    for key in entry.keys:
        if key.keys:
            yield Binding(
                key.keys,
                key.action,
                key.label,
                show=False,
                tooltip=key.description,
                id=key.id,
                priority=key.priority,
            )


def key_of(binding_id: str) -> Key:
    """Return the key with this binding id.

    Raises:
        KeyError: No key is called so.
    """
    for entry in SCOPES:
        for key in entry.keys:
            if key.id == binding_id:
                return key
    raise KeyError(binding_id)
