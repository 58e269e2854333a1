"""Keys of the screens that bring all old versions of a process to the newest."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

VERSIONS = Scope(
    "versions",
    "All old versions",
    (
        Key("versions-open", "enter", "open", "open plan", "Open this version's plan to edit it; esc comes back"),
        Key(
            "versions-toggle",
            "space",
            "take_or_leave",
            "take or leave",
            "Send this version or these instances, or not",
        ),
        Key("versions-suggestions", "s", "take_suggestions", "suggestions", "Map the best suggestions in all plans"),
        Key("versions-rehearse", "t", "rehearse", "rehearse", "Ask the engine for its verdict; nothing is migrated"),
        Key("versions-details", "i", "details", "details", "All that is to be said about this line"),
        Key(
            "versions-failing",
            "x",
            "leave_failing",
            "leave failing",
            "Leave out all that would fail, or take them",
        ),
    ),
)

VERSIONS_RESULT = Scope(
    "versions-result",
    "All old versions, result",
    (
        Key("versions-result-open", "enter", "open", "open run", "Open this run: its batches, failures, account"),
        Key("versions-result-next", "W", "go_on", "go on", "Go on: send the next wave, or begin the next version"),
        Key("versions-result-stop", "E", "stop", "stop here", "Leave the rest unsent and account for it"),
        Key("versions-result-export", "e", "export", "export", "Export one account of all as CSV, JSON or JUnit"),
        Key("versions-result-runs", "J", "go('runs')", "runs", "Runs in the journal of this machine", palette=False),
    ),
)
