"""Random processes that come to an end whatever happens in them, each with a changed version, and random steps in them.

Built of blocks with one way in and one way out, so that no token runs in a circle: an engine must survive its tests.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.bpmn_pieces import (
    AFTER,
    BEFORE,
    COMPENSATE,
    FAIL,
    START,
    TIMER,
    boundary,
    caught,
    compensable,
    looped,
    messaged,
    ordered,
    user,
)
from tests.engines import rest

CALLED = START + user("called") + '<sequenceFlow id="f" sourceRef="start" targetRef="called"/>'


@dataclass
class Version:
    """The content of one scope in one of the two versions."""

    parts: list[str] = field(default_factory=list)
    flows: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def xml(self) -> str:
        written = [f'<sequenceFlow id="{one}" sourceRef="{a}" targetRef="{b}"/>' for one, a, b in self.flows]
        return "".join((*self.parts, *written))


class Mixer:
    """Makes a process and a changed version of it.

    Args:
        seed: Decides everything.
    """

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self._number = 0

    def mixture(self) -> tuple[str, str]:
        """Return the content of the two processes."""
        versions = Version([START]), Version([START])
        last = self._sequence(versions, "start", self.chance.choice((2, 3, 3, 4)), 0)
        self._end(versions, last)
        return versions[0].xml, versions[1].xml

    def _id(self) -> str:
        self._number += 1
        return f"a{self._number}"

    def _likely(self, share: float) -> bool:
        return self.chance.random() < share

    def _sequence(self, versions: tuple[Version, Version], first: str, length: int, depth: int) -> str:
        """Append blocks after an element and return the id of the last one."""
        last = first
        for _ in range(length):
            enter, leave = self._block(versions, depth)
            self._flow(versions, last, enter)
            last = leave
        return last

    def _end(self, versions: tuple[Version, Version], last: str) -> None:
        one = self._id()
        self._both(versions, f'<endEvent id="{one}"/>')
        self._flow(versions, last, one)

    def _flow(self, versions: tuple[Version, Version], source: str, target: str) -> None:
        name = f"{source}_{target}"
        versions[0].flows.append((name, source, target))
        versions[1].flows.append((name + "x" * self._likely(0.15), source, target))

    def _both(self, versions: tuple[Version, Version], old: str, new: str | None = None) -> None:
        versions[0].parts.append(old)
        versions[1].parts.append(old if new is None else new)

    def _block(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        blocks = [self._task, self._task, self._loop, self._service, self._catch, self._race, self._call]
        if depth < 2:
            blocks += [self._fork, self._fork, self._sub, self._sub]
        return self.chance.choice(blocks)(versions, depth)

    def _attributes(self) -> tuple[str, str]:
        chosen = " ".join(one for one in (BEFORE, AFTER) if self._likely(0.2))
        return chosen, chosen if self._likely(0.7) else ""

    def _task(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        one = self._id()
        old, new = self._attributes()
        self._both(versions, user(one, old), user(one, new))
        if self._likely(0.4):
            event = boundary(f"{one}_t", one, TIMER, f'cancelActivity="{"true" if self._likely(0.5) else "false"}"')
            self._both(versions, event, "" if self._likely(0.3) else event)
        if self._likely(0.4):
            undo = compensable(one)
            self._both(versions, undo, "" if self._likely(0.3) else undo)
        return one, one

    def _loop(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        one = self._id()
        old, new = self._attributes()
        inner_old, inner_new = self._attributes()
        order = 'isSequential="true"' if self._likely(0.3) else ""
        loop = looped(f"{order} {inner_old}")
        changed = "" if self._likely(0.2) else looped(f"{order} {inner_new}")
        self._both(versions, user(one, old, inside=loop), user(one, new, inside=changed))
        if self._likely(0.3):
            undo = compensable(one)
            self._both(versions, undo, "" if self._likely(0.3) else undo)
        return one, one

    def _service(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        one = self._id()
        if self._likely(0.5):
            task = f'<serviceTask id="{one}" camunda:type="external" camunda:topic="extras-mixture"/>'
            self._both(versions, task)
        else:
            task = f'<serviceTask id="{one}" {FAIL} {{0}}/>'
            self._both(versions, task.format(BEFORE), task.format(BEFORE if self._likely(0.6) else ""))
        return one, one

    def _catch(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        one = self._id()
        if self._likely(0.5):
            self._both(versions, caught(one, self.chance.choice((messaged("m1"), TIMER))))
        else:
            self._both(versions, f'<receiveTask id="{one}" messageRef="m1"/>')
        return one, one

    def _race(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        one, first, second, merged = (self._id() for _ in range(4))
        self._both(versions, f'<eventBasedGateway id="{one}"/>' + caught(first, messaged("m1")) + caught(second, TIMER))
        self._both(versions, f'<exclusiveGateway id="{merged}"/>')
        for event in (first, second):
            self._flow(versions, one, event)
            self._flow(versions, event, merged)
        return one, merged

    def _call(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        one = self._id()
        inside = looped() if self._likely(0.3) else ""
        self._both(versions, f'<callActivity id="{one}" calledElement="{{key}}-called">{inside}</callActivity>')
        return one, one

    def _fork(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        fork, join = self._id(), self._id()
        kind = "parallelGateway" if self._likely(0.8) else "inclusiveGateway"
        renamed = join if self._likely(0.8) else f"{join}x"
        self._both(versions, f'<{kind} id="{fork}"/>')
        self._both(versions, f'<{kind} id="{join}"/>', f'<{kind} id="{renamed}"/>')
        for _ in range(self.chance.choice((2, 2, 3))):
            last = self._sequence(versions, fork, 1, depth + 1)
            versions[0].flows.append((f"{last}_{join}", last, join))
            versions[1].flows.append((f"{last}_{join}", last, renamed))
        if renamed != join:
            after = self._id()
            self._both(versions, f'<exclusiveGateway id="{after}"/>')
            versions[0].flows.append((f"{join}_{after}", join, after))
            versions[1].flows.append((f"{join}_{after}", renamed, after))
            return fork, after
        return fork, join

    def _sub(self, versions: tuple[Version, Version], depth: int) -> tuple[str, str]:
        one, start = self._id(), self._id()
        inner = Version([f'<startEvent id="{start}"/>']), Version([f'<startEvent id="{start}"/>'])
        self._end(inner, self._sequence(inner, start, self.chance.choice((1, 2)), depth + 1))
        if self._likely(0.4):
            self._both(inner, self._event_sub_process(messaged("m1"), 'isInterrupting="false"'))
        if self._likely(0.3):
            undo = self._event_sub_process(COMPENSATE, "")
            self._both(inner, undo, "" if self._likely(0.3) else undo)
        loop = looped() if self._likely(0.25) else ""
        changed = "" if self._likely(0.2) else loop
        old, new = self._attributes()
        renamed = one if self._likely(0.85) else f"{one}x"
        self._both(
            versions,
            f'<subProcess id="{one}" {old}>{loop}{ordered(inner[0].xml)}</subProcess>',
            f'<subProcess id="{renamed}" {new}>{changed}{ordered(inner[1].xml)}</subProcess>',
        )
        if renamed == one:
            return one, one
        before, after = self._id(), self._id()
        self._both(versions, f'<exclusiveGateway id="{before}"/><exclusiveGateway id="{after}"/>')
        for version, inside in zip(versions, (one, renamed), strict=True):
            version.flows += [(f"{before}_in", before, inside), (f"{after}_out", inside, after)]
        return before, after

    def _event_sub_process(self, definition: str, attributes: str) -> str:
        one, start, task = self._id(), self._id(), self._id()
        return (
            f'<subProcess id="{one}" triggeredByEvent="true">'
            f'<startEvent id="{start}" {attributes}>{definition}</startEvent>'
            f'{user(task)}<sequenceFlow id="{start}_{task}" sourceRef="{start}" targetRef="{task}"/></subProcess>'
        )


def step(url: str, instance_id: str, chance: random.Random) -> bool:
    """Do one thing in an instance, if there is one to do and the engine lets it be done."""
    choices = [
        *(("task", one) for one in rest.get(url, "/task", processInstanceId=instance_id)),
        *(("job", one) for one in rest.get(url, "/job", processInstanceId=instance_id)),
        *(("external", one) for one in rest.get(url, "/external-task", processInstanceId=instance_id)),
        *(
            ("message", one)
            for one in rest.get(url, "/event-subscription", processInstanceId=instance_id, eventType="message")
        ),
    ]
    for called in rest.get(url, "/process-instance", superProcessInstance=instance_id):
        choices += [("task", one) for one in rest.get(url, "/task", processInstanceId=called["id"])]
    if not choices:
        return False
    kind, one = chance.choice(choices)
    if kind == "task":
        rest.post(url, f"/task/{one['id']}/complete", {})
    elif kind == "external":
        topic = {"topicName": one["topicName"], "lockDuration": 60_000, "processInstanceId": instance_id}
        rest.post(url, "/external-task/fetchAndLock", {"workerId": "mixture", "maxTasks": 100, "topics": [topic]})
        rest.post(url, f"/external-task/{one['id']}/complete", {"workerId": "mixture"})
    elif kind == "message":
        rest.post(
            url, f"/execution/{one['executionId']}/messageSubscriptions/{one['eventName']}/trigger", {"variables": {}}
        )
    else:
        rest.execute_jobs(url, instance_id)
    return True
