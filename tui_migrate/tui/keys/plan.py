"""Keys of the plan screen."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

PLAN = Scope(
    "plan",
    "Plan",
    (
        Key("plan-map", "m,enter", "map", "map", "Map this activity: choose its target, or replace the one it has"),
        Key("plan-suggestions", "s", "suggestions", "suggest", "List suggestions for unmapped activities to accept"),
        Key("plan-remove", "x", "remove", "unmap", "Remove the mapping of this row, of the marked rows, of a scope"),
        Key("plan-remove-scope", "ctrl+x", "remove_scope", "unmap scope", "Remove all mappings inside this scope"),
        Key("plan-trigger", "t", "trigger", "trigger", "Switch update event trigger on or off"),
        Key("plan-details", "i", "details", "details", "Details: errors, flags, both activities side by side"),
        Key("plan-next-problem", "n", "next_problem", "problem", "Next problem"),
        Key("plan-previous-problem", "N", "previous_problem", "previous problem", "Previous problem"),
        Key("plan-undo", "u", "undo", "undo", "Undo the last edit"),
        Key("plan-redo", "U", "redo", "redo", "Redo what was undone"),
        Key("plan-mark", "space", "mark", "mark", "Mark this row for what is done to several at once"),
        Key("plan-arrow", "a", "arrow", "arrow", "Show or hide the arrow of this activity"),
        Key("plan-all-arrows", "A", "all_arrows", "all arrows", "Show or hide the arrows of all mappings"),
        Key("plan-link", "l", "link", "link", "Link the two sides, or let them move independently"),
        Key(
            "plan-reset",
            "z",
            "reset_view",
            "reset view",
            "Reset the view: all nodes open, no filter, both sides linked",
        ),
        Key("plan-filter", "f", "filter", "filter", "Show all, problems, differences, or what has instances"),
        Key("plan-search", "slash", "search", "search", "Search the activities of this side"),
        Key("plan-other-pane", "tab,shift+tab", "other_pane", "other side", "Go to the other side"),
        Key("plan-close", "left", "close_node", "close", "Close this node, or go to the one around it", palette=False),
        Key("plan-open", "right", "open_node", "open", "Open this node, or go to its first child", palette=False),
        Key("plan-source", "left_square_bracket", "choose_source", "source", "Choose another source definition"),
        Key("plan-target", "right_square_bracket", "choose_target", "target", "Choose another target definition"),
        Key("plan-swap", "w", "swap", "swap", "Swap source and target"),
        Key("plan-regenerate", "R", "regenerate", "regenerate", "Generate the plan anew; says first what would change"),
        Key("plan-export", "e", "export", "export", "Export the plan to a file"),
        Key("plan-import", "I", "import_plan", "import", "Import a plan from a file"),
        Key("plan-copy-id", "y", "copy_id", "copy id", "Copy the activity's id to the clipboard"),
    ),
)
