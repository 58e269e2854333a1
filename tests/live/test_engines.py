"""The engines that the other live tests stand on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engines import demo, rest
from tests.engines.build import KINDS
from tests.engines.launcher import RunningEngine, alive, answers, start
from tests.engines.shared import RUNNING
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = {"camunda-7.24": "7.24.0", "camunda-7.24-auth": "7.24.0", "operaton": "1.0.3", "camunda-7.17": "7.17.0"}

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
             targetNamespace="tests">
  <process id="{key}" isExecutable="true">
    <startEvent id="start" />
    <sequenceFlow id="f1" sourceRef="start" targetRef="count" />
    <serviceTask id="count" camunda:class="testengine.CountingDelegate" />
    <sequenceFlow id="f2" sourceRef="count" targetRef="fail" />
    <serviceTask id="fail" camunda:asyncBefore="true" camunda:delegateExpression="${{failingDelegate}}" />
    <sequenceFlow id="f3" sourceRef="fail" targetRef="wait" />
    <userTask id="wait">
      <extensionElements>
        <camunda:executionListener event="start" class="testengine.CountingListener" />
      </extensionElements>
    </userTask>
  </process>
</definitions>
"""


def test_each_engine_answers_its_version(live_engine: RunningEngine) -> None:
    assert live_engine.version == VERSIONS[live_engine.name]
    assert answers(live_engine.url) == VERSIONS[live_engine.name]


def test_delegates_listeners_and_jobs_are_counted_by_key(live_engine: RunningEngine) -> None:
    key = f"smoke-{os.getpid()}-{live_engine.name}"
    rest.forget_calls(live_engine.url, key)
    (definition_id,) = rest.deploy(live_engine.url, {"smoke.bpmn": PROCESS.format(key=key)})

    ids = rest.start_instances(live_engine.url, definition_id, 3, business_key_prefix="k", variables={"fail": False})
    one = rest.start_instance(live_engine.url, definition_id, variables={"fail": True})

    assert len(set(ids)) == 3
    assert rest.get(live_engine.url, f"/process-instance/{ids[2]}")["businessKey"] == "k2"
    assert rest.definitions_of(live_engine.url, [*ids, one, "nobody"]) == dict.fromkeys([*ids, one], definition_id)
    wait_until(
        lambda: (
            rest.get(live_engine.url, "/incident/count", processDefinitionId=definition_id)["count"] == 1
            and all(rest.activities_of(live_engine.url, each) == ["wait"] for each in ids)
        ),
        "three wait, one has an incident",
    )
    assert rest.activities_of(live_engine.url, one) == ["fail"]
    assert rest.calls(live_engine.url, key) == 4 + 3


def test_users_see_what_they_may(camunda_724_auth: RunningEngine) -> None:
    url = camunda_724_auth.url
    key = f"smoke-{os.getpid()}-auth"
    (definition_id,) = rest.deploy(url, {"smoke.bpmn": PROCESS.format(key=key)}, user="admin")
    rest.start_instances(url, definition_id, 2)

    with pytest.raises(rest.RestError) as refused:
        rest.get(url, "/version")
    counts = {
        user: rest.get(url, "/process-instance/count", user=user, processDefinitionId=definition_id)["count"]
        for user in ("admin", "operator", "reader", "nobody")
    }
    may_migrate = {
        user: rest.get(
            url, "/authorization/check", user=user,
            permissionName="MIGRATE_INSTANCE", resourceName="ProcessDefinition", resourceType=6, resourceId=key,
        )["authorized"]
        for user in ("operator", "reader", "nobody")
    }  # fmt: skip

    assert (refused.value.status, refused.value.body) == (401, None)
    assert counts == {"admin": 2, "operator": 2, "reader": 2, "nobody": 0}
    assert may_migrate == {"operator": True, "reader": False, "nobody": False}


@pytest.mark.usefixtures("engine_tools")
def test_an_engine_takes_its_settings_and_stops(tmp_path: Path) -> None:
    settings = {
        "test.invocations-per-batch-job": 5,
        "test.batch-jobs-per-seed": 10,
        "test.batch-poll-time": 2,
        "test.history-level": "none",
        "test.job-executor": False,
    }
    engine = start("camunda-7.24", folder=tmp_path, properties=settings)
    try:
        assert engine.pid is not None
        assert alive(engine.pid)
        assert rest.change_settings(engine.url, invocationsPerBatchJob=3) == {
            "invocationsPerBatchJob": 5,
            "batchJobsPerSeed": 10,
            "batchPollTime": 2,
        }
        (definition_id,) = rest.deploy(engine.url, {"smoke.bpmn": PROCESS.format(key="smoke")})
        instance_id = rest.start_instance(engine.url, definition_id, variables={"fail": False})
        assert rest.get(engine.url, "/history/process-instance/count") == {"count": 0}
        assert rest.activities_of(engine.url, instance_id) == ["fail"]
        assert rest.execute_jobs(engine.url, instance_id) == {"executed": 1, "failed": 0}
        assert rest.activities_of(engine.url, instance_id) == ["wait"]
        rest.start_instances(engine.url, definition_id, 2, variables={"fail": False})
        rest.set_job_executor(engine.url, active=True)
        wait_until(lambda: rest.get(engine.url, "/job/count")["count"] == 0, "the job executor has run both jobs")
    finally:
        engine.stop()

    assert not alive(engine.pid)
    assert answers(engine.url) is None


@pytest.mark.usefixtures("engine_tools")
def test_an_engine_for_a_person_has_the_demo_and_ends_with_its_killed_parent(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.engines", "run", "operaton", "--demo"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as parent:
        try:
            assert parent.stdout is not None
            said = next(line for line in parent.stdout if " runs at " in line)
            found = re.search(r"runs at (\S+) \(process (\d+)\)", said)
            assert found is not None, said
            url, pid = found.group(1), int(found.group(2))
            keys = [(one["key"], one["version"]) for one in rest.get(url, "/process-definition")]
            assert ("loan-approval", 3) in keys
            assert (
                rest.get(url, "/process-instance/count", processDefinitionKey="loan-approval")["count"] > demo.INSTANCES
            )
            assert alive(pid)
        finally:
            parent.kill()

    wait_until(lambda: not alive(pid), "the engine ends after its parent")


@pytest.mark.parametrize(
    ("ci", "outcome"),
    [("", "1 live tests were skipped: there is no Java"), ("true", "Failed: no live engine: there is no Java")],
)
def test_without_java_a_live_test_is_skipped_aloud_and_fails_in_ci(ci: str, outcome: str) -> None:
    test = f"{__file__}::{test_each_engine_answers_its_version.__name__}[operaton]"
    environment = {name: value for name, value in os.environ.items() if name != RUNNING}

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test],
        env=environment | {"CI": ci, "JAVA_HOME": "/nowhere"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert outcome in run.stdout
    assert (run.returncode == 0) == (ci == "")


def test_every_kind_has_its_version_here() -> None:
    assert VERSIONS.keys() == KINDS.keys()
