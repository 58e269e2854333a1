from __future__ import annotations

from tui_migrate.bpmn.model import ProcessModel
from tui_migrate.bpmn.reader import read_model
from tui_migrate.operations.outline import outline, outline_changes, outline_hash, rules_hash, text_hash

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">'
)
BODY = """
<process id="p" isExecutable="true">
  <startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
  <userTask id="a" name="Ask"/>
  <boundaryEvent id="b" attachedToRef="a">
    <timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>
  </boundaryEvent>
  <sequenceFlow id="f2" sourceRef="a" targetRef="e"/><endEvent id="e"/>
</process>
"""


def model(body: str = BODY, definition_id: str = "p:1:x") -> ProcessModel:
    return read_model(f"{HEAD}{body}</definitions>".encode(), process="p", definition_id=definition_id)


def changed(old: str, new: str) -> tuple[str, ...]:
    assert old in BODY
    return outline_changes(outline(model()), outline(model(BODY.replace(old, new))))


def test_what_the_rules_do_not_read_does_not_count() -> None:
    other = BODY.replace('name="Ask"', 'name="Other" camunda:assignee="mary"').replace("P1D", "P2D")
    assert rules_hash(model(other, "p:7:y")) == rules_hash(model())
    assert text_hash(other.encode()) != text_hash(BODY.encode())


def test_document_order_does_not_count() -> None:
    start = '<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="a"/>'
    moved = BODY.replace(start, "").replace("</process>", f"{start}</process>")
    assert rules_hash(model(moved)) == rules_hash(model())


def test_what_the_rules_read_counts_and_is_said() -> None:
    assert changed('<userTask id="a"', '<userTask id="a" camunda:asyncBefore="true"') == (
        "activity 'a' changed: now async before",
    )
    assert changed(
        "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>", "<signalEventDefinition/>"
    )
    assert changed('"e"', '"end"') == ("activity 'e' is gone (noneEndEvent)", "activity 'end' is new (noneEndEvent)")
    assert (
        "activity 'a' changed: no longer userTask, UserTaskActivityBehavior; now "
        in changed("userTask", "receiveTask")[0]
    )


def test_the_hash_is_that_of_the_outline() -> None:
    assert outline_hash(outline(model())) == rules_hash(model())
    assert rules_hash(model()).startswith("sha256:")
    assert len(rules_hash(model())) == len("sha256:") + 64


def test_every_attribute_that_a_rule_reads_is_in_the_outline() -> None:
    """A new attribute of the model has to be looked at here: is it one that a rule reads?"""
    from tui_migrate.bpmn.model import Activity

    read = {
        "id", "behavior", "type", "flow_scope", "event_scope", "is_scope", "is_compensation_handler", "async_before",
        "async_after", "incoming", "outgoing", "trigger", "timeout_listeners",
    }  # fmt: skip
    not_read = {
        "name",
        "tag",
        "attached_to",
        "interrupting",
        "details",
        "documentation",
        "listeners",
        "mappings",
        "line",
    }
    assert set(Activity.__struct_fields__) == read | not_read
