"""Keys of the instance screen, its filter and its dialogs."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

INSTANCES = Scope(
    "instances",
    "Instances",
    (
        Key("instances-toggle", "space", "toggle_row", "select", "Select this instance, or no longer; ends a range"),
        Key("instances-range", "v", "range", "range", "Begin a range here; space selects from here to the cursor"),
        Key("instances-page", "p", "select_page", "page", "Select all instances that are on the screen"),
        Key("instances-all", "asterisk", "select_matching", "all matching", "Select all that the filter matches"),
        Key("instances-none", "x", "select_nothing", "none", "Select nothing, which means all of the version"),
        Key("instances-filter", "slash", "filter", "filter", "Filter: business key, activity, variables, start …"),
        Key("instances-check", "c,enter", "check", "check", "Check what each selected instance would do, and why"),
        Key("instances-details", "i", "details", "instance", "Details of this instance: activities, variables, calls"),
        Key("instances-columns", "o", "columns", "columns", "Choose the columns"),
        Key("instances-sort", "s", "sort", "sort", "Sort by id, by start, by business key"),
        Key("instances-copy-id", "y", "copy_id", "copy id", "Copy the instance's id to the clipboard"),
        Key("instances-fault", "m", "fault", "mapping", "Go to the mapping that is at fault for this instance"),
    ),
)

FILTER = Scope(
    "filter",
    "Filter of instances",
    (
        Key("filter-accept", "enter", "accept", "apply", "Apply the filter", palette=False),
        Key("filter-leave", "escape", "leave", "leave", "Leave the filter as it was", palette=False),
        Key("filter-complete", "tab", "complete", "complete", "Take the completion that is marked", palette=False),
        Key("filter-next", "down", "next_completion", "next", "Next completion", palette=False),
        Key("filter-previous", "up", "previous_completion", "previous", "Completion before", palette=False),
    ),
)

COLUMNS = Scope(
    "columns",
    "Columns",
    (Key("columns-toggle", "space", "toggle_row", "show or hide", "Show or hide this column", palette=False),),
)

CHECK = Scope(
    "check",
    "Check",
    (
        Key("check-toggle", "space", "toggle_group", "select", "Select all instances of this line, or none of them"),
        Key("check-only", "o", "only_group", "only these", "Select the instances of this line and no others"),
        Key("check-mapping", "m,enter", "mapping", "mapping", "Go to the mapping that is at fault"),
        Key("check-rehearse", "t", "rehearse", "rehearse", "Ask the engine for its verdict; nothing is migrated"),
        Key("check-cancel", "x", "cancel", "cancel", "Cancel the rehearsal; the verdicts up to now stay"),
        Key("check-confirm", "full_stop", "go_on", "confirm", "Go on to confirm what is selected"),
        Key("check-instances", "comma", "go_back", "instances", "Back to the instances", palette=False),
        Key("check-details", "i", "details", "details", "The whole cause, its remedy and its instances"),
    ),
)

SCOPE_CHOICE = Scope(
    "scope-choice",
    "Which instances",
    (
        Key(
            "scope-filtered", "f", "choose('filtered')", "in the filter", "Those that the filter matches", palette=False
        ),
        Key("scope-all", "a", "choose('all')", "all", "All instances of the version", palette=False),
    ),
)
