"""The processes of the contract tests."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

PLACES = ("review", "sub", "message", "fail", "call", "join", "compensate")
"""Where an instance of `world` comes to stand, by its variable `at`."""

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="contract">\n'
)


def called(key: str) -> str:
    """A process with one user task, for a call activity."""
    return simple(key, "called-task")


def simple(key: str, *tasks: str, tag: str | None = None, name: str = "") -> str:
    """User tasks one after the other."""
    nodes = ["start", *tasks, "end"]
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{one}" targetRef="{other}"/>'
        for number, (one, other) in enumerate(pairwise(nodes))
    )
    user_tasks = "".join(f'<userTask id="{task}"/>' for task in tasks)
    version_tag = f' camunda:versionTag="{tag}"' if tag else ""
    return (
        f'{_HEAD}<process id="{key}" name="{name}" isExecutable="true"{version_tag}>'
        f'<startEvent id="start"/>{user_tasks}<endEvent id="end"/>{flows}</process></definitions>'
    )


def world(key: str, called_key: str, version: int) -> str:
    """A process with a branch for each place. In version 2 the task is renamed and the message event is gone."""
    review = "review" if version == 1 else "review2"
    message = (
        f'<intermediateCatchEvent id="message"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
        f"{_flow('message', 'end')}"
        if version == 1
        else f'<manualTask id="no-message"/>{_flow("no-message", "end")}'
    )
    branches = {
        "review": review,
        "sub": "sub",
        "message": "message" if version == 1 else "no-message",
        "fail": "fail",
        "call": "call",
        "join": "fork",
        "compensate": "pay",
    }
    flows = "".join(
        f'<sequenceFlow id="to-{place}" sourceRef="gateway" targetRef="{activity}">'
        f"<conditionExpression xsi:type=\"tFormalExpression\">${{at == '{place}'}}</conditionExpression></sequenceFlow>"
        for place, activity in branches.items()
        if place != "review"
    )
    return (
        f'{_HEAD}<message id="m" name="{key}-message"/>'
        f'<process id="{key}" name="Contract äöü" isExecutable="true" camunda:versionTag="tag{version}">'
        f'<startEvent id="start"/>{_flow("start", "gateway")}'
        f'<exclusiveGateway id="gateway" default="to-review"/>'
        f'<sequenceFlow id="to-review" sourceRef="gateway" targetRef="{review}"/>{flows}'
        f'<userTask id="{review}" name="Review"/>{_flow(review, "end")}'
        f'<boundaryEvent id="late" attachedToRef="{review}"><timerEventDefinition>'
        f'<timeDuration xsi:type="tFormalExpression">P30D</timeDuration></timerEventDefinition></boundaryEvent>'
        f"{_flow('late', 'end')}"
        f'<subProcess id="sub"><startEvent id="sub-start"/>{_flow("sub-start", "inner")}<userTask id="inner"/>'
        f'{_flow("inner", "sub-end")}<endEvent id="sub-end"/></subProcess>{_flow("sub", "end")}'
        f"{message}"
        f'<serviceTask id="fail" camunda:asyncBefore="true" camunda:delegateExpression="${{failingDelegate}}"/>'
        f"{_flow('fail', 'end')}"
        f'<callActivity id="call" calledElement="{called_key}"/>{_flow("call", "end")}'
        f'<parallelGateway id="fork"/>{_flow("fork", "joined")}{_flow("fork", "side")}'
        f'<userTask id="side"/>{_flow("side", "joined")}<parallelGateway id="joined"/>{_flow("joined", "end")}'
        f'<manualTask id="pay"/>{_flow("pay", "paid")}<userTask id="paid"/>{_flow("paid", "end")}'
        f'<boundaryEvent id="undo" attachedToRef="pay"><compensateEventDefinition/></boundaryEvent>'
        f'<userTask id="pay-back" isForCompensation="true"/>'
        f'<endEvent id="end"/>'
        f'<association id="a" sourceRef="undo" targetRef="pay-back" associationDirection="One"/>'
        f"</process></definitions>"
    )


def positions(place: str) -> tuple[Any, ...]:
    """Where the embedded engine shall put an instance for the same state."""
    from tui_migrate.sandbox.position import before, calling, completed

    return {
        "review": (),
        "sub": ("inner",),
        "message": ("message",),
        "fail": (before("fail", failure="failingDelegate was asked to fail"),),
        "call": (calling("call", "called-task"),),
        "join": ("joined", "side"),
        "compensate": (completed("pay"), "paid"),
    }[place]


def _flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="flow-{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'
