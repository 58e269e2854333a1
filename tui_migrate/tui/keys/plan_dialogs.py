"""Keys of the plan screen's dialogs."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

SUGGESTIONS = Scope(
    "suggestions",
    "Suggestions",
    (
        Key(
            "suggestions-toggle",
            "space",
            "toggle_row",
            "accept or refuse",
            "Accept or refuse this suggestion",
            palette=False,
        ),
        Key("suggestions-all", "a", "toggle_all", "all or none", "Accept all, or none", palette=False),
    ),
)

REGENERATE = Scope(
    "regenerate",
    "Regenerate",
    (
        Key(
            "regenerate-other",
            "t",
            "other",
            "with or without triggers",
            "Generate with the other choice about event triggers",
            palette=False,
        ),
    ),
)

DETAILS = Scope(
    "details",
    "Details",
    (Key("details-trigger", "t", "trigger", "event trigger", "Switch update event trigger", palette=False),),
)

PICKER = Scope(
    "picker",
    "Choosing a definition",
    (
        Key("picker-choose", "enter", "accept", "choose", "Choose the definition under the cursor", palette=False),
        Key("picker-next", "down", "cursor_down", "next", "Next definition", palette=False),
        Key("picker-previous", "up", "cursor_up", "previous", "Definition before", palette=False),
        Key("picker-page-down", "pagedown", "page_down", "page down", "One page down", palette=False),
        Key("picker-page-up", "pageup", "page_up", "page up", "One page up", palette=False),
    ),
)
