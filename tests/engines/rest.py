"""The engine's REST API by the standard library only: the tests' own truth, independent of the client under test.

Each function takes the REST base (`…/engine-rest`) first. `user` logs in with a password equal to the name, as all
users of the test engines have it.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import TYPE_CHECKING, Any

from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECONDS = 120.0
IDS_OF_A_QUERY = 500


class RestError(Exception):
    """An answer that is no success.

    Args:
        status: The HTTP status.
        body: The answer's JSON where it is JSON, else its text.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def request(
    method: str,
    url: str,
    path: str,
    body: Any = None,
    *,
    user: str | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Any:
    """One request; `bytes` are sent as they are, anything else but None as JSON.

    Raises:
        RestError: The status is not a success.
    """
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = urllib.request.Request(f"{url}{path}", data, {"Accept": "application/json"}, method=method)
    if data is not None:
        sent.add_header("Content-Type", "application/json")
    if user is not None:
        sent.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{user}".encode()).decode())
    for name, value in (headers or {}).items():
        sent.add_header(name, value)
    try:
        with _OPENER.open(sent, timeout=seconds) as answer:
            return _content(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            raise RestError(error.code, _content(error.read())) from None


# Without a proxy: the engines of the tests are on this machine, whatever HTTP_PROXY says.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _content(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data.decode(errors="replace")


def new_key(prefix: str) -> str:
    """A process key that nobody else has on the engine, short enough to stand whole in ids (64 characters at most)."""
    return f"{prefix[:13]}-{uuid.uuid4().hex[:10]}"


def get(url: str, path: str, *, user: str | None = None, **parameters: object) -> Any:
    """`GET path?parameters`; true and false are written as the engine reads them."""
    query = {key: str(value).lower() if isinstance(value, bool) else value for key, value in parameters.items()}
    return request("GET", url, f"{path}?{urllib.parse.urlencode(query)}" if query else path, user=user)


def post(url: str, path: str, body: Any, *, user: str | None = None) -> Any:
    return request("POST", url, path, body, user=user)


def put(url: str, path: str, body: Any, *, user: str | None = None) -> Any:
    return request("PUT", url, path, body, user=user)


def delete(url: str, path: str, *, user: str | None = None) -> Any:
    return request("DELETE", url, path, user=user)


def deploy(url: str, files: Mapping[str, str], *, user: str | None = None, tenant_id: str | None = None) -> list[str]:
    """Deploys the files as one deployment.

    Returns:
        The ids of the definitions, in the order of the files.
    """
    boundary = uuid.uuid4().hex
    fields = {"deployment-name": next(iter(files)), **({"tenant-id": tenant_id} if tenant_id else {})}
    parts = [_part(boundary, f'name="{name}"', value) for name, value in fields.items()]
    parts += [_part(boundary, f'name="{name}"; filename="{name}"', xml) for name, xml in files.items()]
    answer = request(
        "POST", url, "/deployment/create",
        b"".join(parts) + f"--{boundary}--\r\n".encode(),
        user=user, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )  # fmt: skip
    order = list(files)
    definitions = (answer["deployedProcessDefinitions"] or {}).values()
    return [str(one["id"]) for one in sorted(definitions, key=lambda one: order.index(one["resource"]))]


def _part(boundary: str, disposition: str, content: str) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n".encode()


def start_instance(
    url: str,
    definition_id: str,
    *,
    business_key: str | None = None,
    variables: Mapping[str, object] | None = None,
    user: str | None = None,
) -> str:
    """Starts one instance by the engine's REST API and returns its id."""
    body = {
        "businessKey": business_key,
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
    }
    return str(post(url, f"/process-definition/{definition_id}/start", body, user=user)["id"])


def start_instances(
    url: str,
    definition_id: str,
    count: int,
    *,
    business_key_prefix: str | None = None,
    variables: Mapping[str, object] | None = None,
) -> list[str]:
    """Starts many instances inside the engine, which is a lot faster; business keys are prefix0, prefix1, …"""
    body = {
        "processDefinitionId": definition_id,
        "count": count,
        "businessKeyPrefix": business_key_prefix,
        "variables": variables,
    }
    return [str(one) for one in request("POST", extras_url(url), "/start", body, seconds=600)]


def definition_of(url: str, instance_id: str, *, user: str | None = None) -> str | None:
    """The definition that a running instance is on; None when it does not run."""
    return definitions_of(url, [instance_id], user=user).get(instance_id)


def definitions_of(url: str, instance_ids: Sequence[str], *, user: str | None = None) -> dict[str, str]:
    """The definition of each of these instances that still runs."""
    found: dict[str, str] = {}
    for first in range(0, len(instance_ids), IDS_OF_A_QUERY):
        body = {"processInstanceIds": list(instance_ids[first : first + IDS_OF_A_QUERY])}
        found.update({one["id"]: one["definitionId"] for one in post(url, "/process-instance", body, user=user)})
    return found


def activities_of(url: str, instance_id: str, *, user: str | None = None) -> list[str]:
    """The ids of the activities where the instance waits, sorted; the leaves of its tree, transitions too."""
    tree = get(url, f"/process-instance/{instance_id}/activity-instances", user=user)
    return sorted(_leaves(tree))


def _leaves(node: Mapping[str, Any]) -> list[str]:
    children = [leaf for child in node["childActivityInstances"] for leaf in _leaves(child)]
    children += [str(child["activityId"]) for child in node["childTransitionInstances"]]
    return children or [str(node["activityId"])]


def extras_url(url: str) -> str:
    """The base of the endpoints that only the test engines have."""
    return url.removesuffix("/engine-rest") + "/test"


def calls(url: str, process_definition_key: str) -> int:
    """How often the counting delegate and listener ran for a key since it was last forgotten."""
    return int(get(extras_url(url), "/calls").get(process_definition_key, 0))


def forget_calls(url: str, process_definition_key: str) -> None:
    delete(extras_url(url), f"/calls?processDefinitionKey={urllib.parse.quote(process_definition_key)}")


def set_job_executor(url: str, *, active: bool) -> None:
    post(extras_url(url), "/job-executor", {"active": active})


def change_settings(url: str, **settings: int) -> dict[str, int]:
    """Sets invocationsPerBatchJob, batchJobsPerSeed or batchPollTime (seconds) and returns all as they were."""
    before: dict[str, int] = put(extras_url(url), "/settings", settings)
    return before


def execute_jobs(url: str, instance_id: str) -> dict[str, int]:
    """Runs one round of an instance's jobs; returns the numbers of `executed` and `failed`."""
    numbers: dict[str, int] = request("POST", extras_url(url), f"/execute-jobs?processInstanceId={instance_id}")
    return numbers


def fail_jobs(url: str, instance_id: str) -> None:
    """Runs an instance's jobs until one has failed for good; the engine's own job executor may take some tries."""

    def has_incident() -> bool:
        if get(url, "/incident", processInstanceId=instance_id):
            return True
        execute_jobs(url, instance_id)
        return False

    wait_until(has_incident, "a job has failed for good")
