"""The characters of the screens: one set for UTF-8 terminals, one of plain ASCII. Every glyph is one cell wide.

No character that has an emoji form is used: some terminals draw those two cells wide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_migrate.bpmn.model import Activity

_TYPES: Mapping[str, str] = {
    "userTask": "user",
    "serviceTask": "service",
    "sendTask": "send",
    "receiveTask": "receive",
    "scriptTask": "script",
    "businessRuleTask": "rule",
    "manualTask": "manual",
    "callActivity": "call",
    "subProcess": "sub-process",
    "transaction": "transaction",
    "adHocSubProcess": "sub-process",
    "multiInstanceBody": "body",
    "exclusiveGateway": "exclusive",
    "inclusiveGateway": "inclusive",
    "parallelGateway": "parallel",
    "complexGateway": "exclusive",
    "eventBasedGateway": "event-based",
    "startEvent": "start",
    "endEvent": "end",
    "noneEndEvent": "end",
    "noneStartEvent": "start",
    "intermediateNoneThrowEvent": "intermediate",
    "intermediateThrowEvent": "intermediate",
    "intermediateCatchEvent": "intermediate",
    "boundaryEvent": "intermediate",
}
"""Kind of symbol by the engine's type property, or by the BPMN element where the type says nothing of its own."""

_EVENT_WORDS: Mapping[str, str] = {
    "timer": "timer",
    "message": "message",
    "signal": "signal",
    "conditional": "conditional",
    "error": "error",
    "escalation": "escalation",
    "compensation": "compensation",
    "cancel": "cancel",
    "terminate": "terminate",
    "link": "link",
}
"""Kind of symbol of an event by a word in the engine's type property, for example `boundaryTimer`."""


class Glyphs(Struct, frozen=True):
    """One set of characters."""

    ascii: bool
    mapped: str
    unmapped: str
    error: str
    advice: str
    note: str
    possible: str
    impossible: str
    cursor: str
    counterpart: str
    marked: str
    marked_cursor: str
    opened: str
    closed: str
    incident: str
    added: str
    removed: str
    changed: str
    moved: str
    star: str
    ellipsis: str
    swap: str
    step: str
    ticked: str
    unticked: str
    bar_full: str
    bar_empty: str
    off_top: str
    off_bottom: str
    head: str
    separator: str
    arrow: str
    kinds: Mapping[str, str]

    def kind(self, activity: Activity) -> str:
        """Return the symbol for the kind of an activity."""
        return self.kinds[kind_of(activity)]


def kind_of(activity: Activity) -> str:
    """Return the word for an activity's kind; the keys of `Glyphs.kinds` and of the legend in the help."""
    if activity.is_body:
        return "body"
    if activity.tag == "subProcess" and activity.behavior == "EventSubProcessActivityBehavior":
        return "event-sub-process"
    if activity.tag.endswith("Event"):
        lowered = activity.type.lower()
        for word, kind in _EVENT_WORDS.items():
            if word in lowered:
                return kind
        if activity.trigger is not None:
            return activity.trigger
    return _TYPES.get(activity.type) or _TYPES.get(activity.tag) or "task"


_LETTERS = {
    "task": "A",
    "user": "U",
    "service": "S",
    "send": "N",
    "receive": "R",
    "script": "C",
    "rule": "B",
    "manual": "H",
    "call": "K",
    "timer": "T",
    "message": "M",
    "signal": "G",
    "conditional": "?",
    "error": "E",
    "escalation": "L",
    "link": "Z",
}

UNICODE = Glyphs(
    ascii=False,
    mapped="✓",
    unmapped="▲",
    error="✗",
    advice="!",
    note="i",
    possible="◎",
    impossible="·",
    cursor="›",
    counterpart="‹",
    marked="•",
    marked_cursor="»",
    opened="▾",
    closed="▸",
    incident="⚑",
    added="+",
    removed="−",
    changed="~",
    moved="⇅",
    star="*",
    ellipsis="…",
    swap="⇄",
    step="›",
    ticked="[x]",
    unticked="[ ]",
    bar_full="█",
    bar_empty="░",
    off_top="↑",
    off_bottom="↓",
    head=">",
    separator="·",
    arrow="→",
    kinds={
        **_LETTERS,
        "sub-process": "□",
        "event-sub-process": "◌",
        "transaction": "▣",
        "body": "≡",
        "exclusive": "◇",
        "inclusive": "◈",
        "parallel": "◆",
        "event-based": "⬠",
        "start": "○",
        "intermediate": "◎",
        "end": "●",
        "compensation": "«",
        "cancel": "×",
        "terminate": "⊗",
    },
)

ASCII = Glyphs(
    ascii=True,
    mapped="v",
    unmapped="^",
    error="x",
    advice="!",
    note="i",
    possible="o",
    impossible=".",
    cursor=">",
    counterpart="<",
    marked="*",
    marked_cursor="&",
    opened="-",
    closed="+",
    incident="f",
    added="+",
    removed="-",
    changed="~",
    moved="%",
    star="*",
    ellipsis="..",
    swap="<>",
    step=">",
    ticked="[x]",
    unticked="[ ]",
    bar_full="#",
    bar_empty=".",
    off_top="^",
    off_bottom="v",
    head=">",
    separator="-",
    arrow="->",
    kinds={
        **_LETTERS,
        "sub-process": "P",
        "event-sub-process": "e",
        "transaction": "p",
        "body": "=",
        "exclusive": "X",
        "inclusive": "O",
        "parallel": "+",
        "event-based": "*",
        "start": "(",
        "intermediate": "|",
        "end": ")",
        "compensation": "r",
        "cancel": "q",
        "terminate": "#",
    },
)

KIND_WORDS: Mapping[str, str] = {
    "task": "task",
    "user": "user task",
    "service": "service task",
    "send": "send task",
    "receive": "receive task",
    "script": "script task",
    "rule": "business rule task",
    "manual": "manual task",
    "call": "call activity",
    "sub-process": "sub process",
    "event-sub-process": "event sub process",
    "transaction": "transaction",
    "body": "multi-instance body",
    "exclusive": "exclusive gateway",
    "inclusive": "inclusive gateway",
    "parallel": "parallel gateway",
    "event-based": "event-based gateway",
    "start": "start event",
    "intermediate": "intermediate event",
    "end": "end event",
    "timer": "timer event",
    "message": "message event",
    "signal": "signal event",
    "conditional": "conditional event",
    "error": "error event",
    "escalation": "escalation event",
    "compensation": "compensation event",
    "cancel": "cancel event",
    "terminate": "terminate event",
    "link": "link event",
}
"""What each symbol stands for, in the order of the help's legend."""


def glyphs_for(ascii_only: bool) -> Glyphs:
    """Return the set for this terminal."""
    return ASCII if ascii_only else UNICODE
