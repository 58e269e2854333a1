"""Names that try to break a screen: markup, escape codes, line breaks, right-to-left, ten thousand characters …"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

HOSTILE_NAMES: dict[str, str] = {
    "markup": "Check [b]bold[/b] [/x] [@click=app.quit]go[/]",
    "unclosed": "Sign [urgent",
    "escape": "Pay \u009b31m red \u009b2J gone",
    "lines": "First line\nsecond\tline\rthird",
    "rtl": "\u202egnitrats\u202c אישור תביעה",
    "long": "x" * 10_000,
    "emoji": "Ship 👩‍👩‍👧‍👦 ✔️ ⏱️ 🚀",
    "cjk": "申請書の確認と承認を行う担当者の作業",
    "combining": "Z̸̢a̷͜l̵̨g̶͠o̴̡",
    "blank": "   ",
    "quotes": "\"'`$(rm -rf /)`'\"",
}
"""By the id of the activity that bears it."""


def hostile_bpmn(key: str = "hostile", *, renamed: bool = False) -> bytes:
    """Return a process of user tasks, one for each hostile name; the new version swaps two of them."""
    names = list(HOSTILE_NAMES.items())
    if renamed:
        names = [(f"{one}_new" if one in ("markup", "cjk") else one, f"{name} (new)") for one, name in names]
        names[2], names[5] = names[5], names[2]
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"'
        ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn">',
        f'<process id="{key}" name={quoteattr(HOSTILE_NAMES["markup"])} isExecutable="true"'
        f" camunda:versionTag={quoteattr('[red]' + HOSTILE_NAMES['rtl'])}>",
        '<startEvent id="start"/>',
    ]
    before = "start"
    for number, (activity_id, name) in enumerate(names):
        attribute = quoteattr(name, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})
        parts.append(f'<sequenceFlow id="f{number}" sourceRef="{before}" targetRef="{activity_id}"/>')
        parts.append(f'<userTask id="{activity_id}" name={attribute} camunda:formKey={attribute}>')
        parts.append(f"<documentation>{quoteattr(name)[1:-1]}</documentation></userTask>")
        before = activity_id
    parts += [f'<sequenceFlow id="last" sourceRef="{before}" targetRef="end"/>', '<endEvent id="end"/>']
    return "".join([*parts, "</process></definitions>"]).encode()
