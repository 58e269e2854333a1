"""Keys of the confirm screen and its dialogs."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

CONFIRM = Scope(
    "confirm",
    "Confirm",
    (
        Key("confirm-migrate", "enter", "migrate", "migrate", "Look again at the engine, ask, and migrate"),
        Key("confirm-payload", "v", "payload", "payload", "Show the exact request; copy or save it, take it as curl"),
        Key("confirm-command", "Y", "command", "command", "Copy the tui-migrate command that does the same"),
        Key("confirm-asynchronous", "a", "asynchronous", "asynchronous", "Migrate in a batch, or in one transaction"),
        Key("confirm-listeners", "l", "listeners", "listeners", "Skip custom listeners, or run them"),
        Key("confirm-mappings", "o", "mappings", "IO mappings", "Skip input and output mappings, or run them"),
        Key("confirm-variables", "V", "variables", "variables", "Variables that the migration sets"),
        Key("confirm-waves", "w", "waves", "waves", "Most instances of one batch, and how many may fail"),
        Key("confirm-canary", "n", "canary", "canary", "Send a few instances first, then stop and look"),
        Key("confirm-annotation", "t", "annotation", "annotation", "Text for the audit log, such as a ticket"),
        Key("confirm-check", "c", "check", "check", "Check what each instance would do, and why"),
        Key("confirm-export", "e", "export", "export plan", "Export the plan to a file"),
        Key("confirm-details", "i", "details", "warnings", "All that is wrong with the plan, dangerous, or unmapped"),
        Key("confirm-fault", "m", "fault", "fault", "Go back to the first mapping that is at fault"),
    ),
)

MIGRATE = Scope(
    "migrate",
    "The last question",
    (
        Key("migrate-yes", "y", "agree", "migrate", "Migrate, where the profile asks for a yes", palette=False),
        Key("migrate-no", "n,q,backspace", "close", "not now", "Nothing is sent", palette=False),
    ),
)

PAYLOAD = Scope(
    "payload",
    "Payload",
    (
        Key("payload-copy", "y", "copy", "copy", "Copy the request's body", palette=False),
        Key("payload-save", "s", "save", "save", "Save the request's body to a file", palette=False),
        Key(
            "payload-curl", "u", "curl", "curl", "Save the body and copy the curl command that sends it", palette=False
        ),
        Key("payload-next", "n", "next_wave", "next wave", "Show the next wave's request", palette=False),
    ),
)

VARIABLES = Scope(
    "variables",
    "Variables",
    (
        Key("variables-add", "a", "add", "add", "Add a variable", palette=False),
        Key("variables-edit", "enter,e", "edit", "edit", "Change this variable", palette=False),
        Key("variables-remove", "x", "remove", "remove", "Remove this variable", palette=False),
        Key("variables-close", "escape", "close", "done", "Close the list", palette=False),
    ),
)

VARIABLE = Scope(
    "variable",
    "One variable",
    (
        Key("variable-type-next", "down", "next_type", "type", "Next type", palette=False),
        Key("variable-type-previous", "up", "previous_type", "type before", "Type before", palette=False),
    ),
)
