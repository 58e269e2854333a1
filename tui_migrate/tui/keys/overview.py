"""Keys of the overview."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

OVERVIEW = Scope(
    "overview",
    "Overview",
    (
        Key("overview-open", "enter", "open", "open plan", "Open the plan from this version to the newest"),
        Key("overview-search", "slash", "search", "search", "Search key, name, version, tag or tenant"),
        Key("overview-close", "left", "close_group", "close", "Show a key's newest version only", palette=False),
        Key("overview-open-group", "right", "open_group", "versions", "Show all versions of a key", palette=False),
        Key(
            "overview-newest",
            "B",
            "bring_to_newest",
            "bring all",
            "Bring all old versions of this key to the newest: one check, one confirmation, one account",
        ),
        Key("overview-batches", "b", "go('batches')", "batches", "Migration batches of this engine"),
        Key("overview-runs", "J", "go('runs')", "runs", "Runs in the journal of this machine"),
    ),
)
