"""Failures of many instances come together where only ids differ."""

from __future__ import annotations

from tui_migrate.operations.causes import cause_of


def test_ids_of_left_over_entities_make_no_cause_of_their_own() -> None:
    one = cause_of("Process instance contains not migrated incidents: [0f3c, 77aa]")
    assert one == cause_of("Process instance contains not migrated incidents: [0f3c, 77a"), "a job's text is cut"
    assert one == cause_of("Process instance contains not migrated incidents: [9]")
    assert one == "Process instance contains not migrated incidents"
    assert cause_of("Process instance contains not migrated event subscriptions: [1]") != one


def test_other_sentences_stay_as_they_are() -> None:
    sentence = "There is no migration instruction for this instance's activity"
    assert cause_of(sentence) == sentence
