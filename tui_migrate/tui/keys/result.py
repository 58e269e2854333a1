"""Keys of the result screen and its dialogs. Capitals change the engine, and ask before."""

from __future__ import annotations

from tui_migrate.tui.keys.key import Key, Scope

RESULT = Scope(
    "result",
    "Result",
    (
        Key("result-suspend", "S", "suspend", "suspend", "Suspend the batch, or resume it"),
        Key("result-retry", "T", "retry", "retry", "Try all failed jobs of the batch again"),
        Key("result-drop", "D", "drop", "drop", "Give one failed job up; its instances stay where they are"),
        Key("result-cancel", "X", "cancel", "cancel", "Cancel safely: suspend, let running jobs finish, delete"),
        Key("result-wave", "W", "next_wave", "send wave", "Send the next wave, which the run asks about"),
        Key("result-stop", "E", "stop", "stop here", "Leave the other waves unsent and account for the rest"),
        Key("result-details", "i,enter", "details", "details", "Instances and whole cause of this line, stack traces"),
        Key("result-fault", "m", "fault", "fault", "Go back to the mapping that is at fault"),
        Key("result-failed", "f", "take_failed", "failed again", "Select the failed instances for the next run"),
        Key("result-export", "e", "export", "export", "Export the account as CSV, JSON or JUnit"),
        Key("result-link", "b", "link", "link", "Copy the address of the batch's page in Cockpit"),
        Key("result-return", "w", "return_plan", "return plan", "Open the plan that takes the migrated ones back"),
    ),
)

GROUP = Scope(
    "group",
    "Instances of one line",
    (
        Key("group-trace", "i,enter", "trace", "stack trace", "The whole stack trace of the failed job", palette=False),
        Key("group-retry", "T", "retry", "retry", "Try this failed job again", palette=False),
        Key("group-drop", "D", "drop", "drop", "Give this failed job up", palette=False),
        Key("group-copy", "y", "copy", "copy id", "Copy the instance's id", palette=False),
    ),
)

TEXT = Scope(
    "text",
    "A text",
    (Key("text-copy", "y", "copy", "copy", "Copy the whole text", palette=False),),
)

BATCHES = Scope(
    "batches",
    "Batches",
    (
        Key("batches-open", "enter", "open", "watch", "Watch this batch, and act on it"),
        Key("batches-ended", "h", "ended", "ended ones", "Show or hide the batches that have ended"),
        Key("batches-link", "l", "link", "link", "Copy the address of the batch's page in Cockpit"),
        Key("batches-copy-id", "y", "copy_id", "copy id", "Copy the batch's id to the clipboard"),
        Key("batches-runs", "J", "go('runs')", "runs", "Runs in the journal of this machine"),
    ),
)

RUNS = Scope(
    "runs",
    "Runs",
    (
        Key("runs-open", "enter", "open", "open", "Open this run; an open one is taken up and watched on"),
        Key("runs-export", "e", "export", "export", "Export the run's account as CSV, JSON or JUnit"),
        Key("runs-return", "w", "return_plan", "return plan", "Open the plan that takes the migrated ones back"),
        Key("runs-plan", "v", "plan", "plan", "Show what the run sent, and all that happened in it"),
        Key("runs-copy-id", "y", "copy_id", "copy id", "Copy the run's id to the clipboard"),
        Key("runs-batches", "b", "go('batches')", "batches", "Migration batches of this engine"),
    ),
)
