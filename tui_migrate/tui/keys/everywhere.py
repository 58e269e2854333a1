"""Keys that hold on every screen, and those of every list."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

EVERYWHERE = Scope(
    "everywhere",
    "Everywhere",
    (
        Key("app-help", "question_mark,f1", "help", "help", "Help: all keys of this screen, and what the signs mean"),
        Key("app-palette", "colon,ctrl+p", "command_palette", "commands", "All commands that apply now", palette=False),
        Key("app-back", "escape,backspace", "back", "back", "Back to where this screen was opened from"),
        Key("app-next-step", "full_stop", "next_step", "next", "Go to the next step"),
        Key("app-previous-step", "comma", "previous_step", "previous", "Go to the previous step"),
        Key("app-plan", "1", "go('plan')", "plan", "Go to step 1, the plan"),
        Key("app-instances", "2", "go('instances')", "instances", "Go to step 2, the instances"),
        Key("app-confirm", "3", "go('confirm')", "confirm", "Go to step 3, confirm"),
        Key("app-result", "4", "go('result')", "result", "Go to step 4, the result"),
        Key("app-overview", "0", "go('overview')", "overview", "Go to the overview of process definitions"),
        Key("app-read-again", "r", "read_again", "read again", "Read again from the engine what this screen shows"),
        Key("app-theme", "", "next_theme", "theme", "Change the theme: dark, light, the terminal's own colours"),
        Key("app-ascii", "", "toggle_ascii", "ASCII", "Switch between line-drawing signs and plain ASCII"),
        Key("app-save-screen", "", "save_screen", "save screen", "Save a picture of this screen as SVG"),
        Key("app-redraw", "ctrl+l", "redraw", "redraw", "Draw the whole screen anew, where others have written on it"),
        Key("app-shell", "ctrl+z", "suspend_process", "shell", "Go to the shell; fg there comes back"),
        Key("app-quit", "q,ctrl+q,ctrl+c", "quit", "quit", "Quit; asks first if edits would be lost"),
    ),
)

LIST = Scope(
    "list",
    "Lists and trees",
    (
        Key("list-up", "up,k", "cursor_up", "up", "One row up", palette=False),
        Key("list-down", "down,j", "cursor_down", "down", "One row down", palette=False),
        Key("list-page-up", "pageup,ctrl+u", "page_up", "page up", "One page up", palette=False),
        Key("list-page-down", "pagedown,ctrl+d", "page_down", "page down", "One page down", palette=False),
        Key("list-first", "home,g", "first", "first", "First row", palette=False),
        Key("list-last", "end,G", "last", "last", "Last row", palette=False),
    ),
)

DIALOG = Scope(
    "dialog",
    "Dialogs",
    (
        Key("dialog-close", "escape", "close", "close", "Close the dialog, nothing is done", palette=False),
        Key("dialog-accept", "enter", "accept", "accept", "Accept what the dialog asks", palette=False),
        Key("dialog-redraw", "ctrl+l", "app.redraw", "redraw", "Draw the whole screen anew", palette=False),
        Key(
            "dialog-shell",
            "ctrl+z",
            "app.suspend_process",
            "shell",
            "Go to the shell; fg there comes back",
            palette=False,
        ),
    ),
)

QUESTION = Scope(
    "question",
    "Questions",
    (
        Key("question-yes", "y", "accept", "yes", "Yes", palette=False),
        Key("question-no", "n,escape,backspace,q", "close", "no", "No", palette=False),
    ),
)

TOO_SMALL = Scope(
    "too-small",
    "Terminal too small",
    (Key("too-small-quit", "q,ctrl+q,ctrl+c", "quit", "quit", "Quit", palette=False),),
)

HELP = Scope(
    "help",
    "Help",
    (
        Key(
            "help-close", "escape,question_mark,f1,q,backspace,enter", "close", "close", "Close the help", palette=False
        ),
    ),
)

SEARCH = Scope(
    "search",
    "Search field",
    (
        Key("search-accept", "enter", "accept", "keep", "Keep what was found", palette=False),
        Key("search-leave", "escape", "leave", "leave", "Give the search up", palette=False),
        Key("search-next", "down", "next_match", "next", "Next match", palette=False),
        Key("search-previous", "up", "previous_match", "previous", "Match before", palette=False),
    ),
)
