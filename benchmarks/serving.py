"""Starts a server of `benchmarks.server` and asks it what it was asked."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import BenchmarkError


@dataclass(frozen=True)
class Served:
    """A running server."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/engine-rest"

    def request(self, method: str, path: str, body: str | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status >= 300:
                raise BenchmarkError(f"{method} {path}: {answer.status} {content[:200]!r}")
            return content
        finally:
            connection.close()

    def log(self) -> list[dict[str, Any]]:
        """The requests so far, in the order in which they arrived."""
        found: list[dict[str, Any]] = json.loads(self.request("GET", "/log"))
        return sorted(found, key=lambda entry: entry["arrived"])

    def forget(self) -> None:
        self.request("DELETE", "/log")

    def delay(self, seconds: float) -> None:
        self.request("PUT", "/delay", str(seconds))


@contextlib.contextmanager
def served(scenario: str) -> Iterator[Served]:
    """A server for as long as the block runs."""
    argv = [sys.executable, "-m", "benchmarks.server", scenario]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.strip():
                raise BenchmarkError(f"the server of scenario {scenario} did not start")
            yield Served(int(line))
        finally:
            process.kill()


def engine_seconds(log: list[dict[str, Any]]) -> float:
    """How long the engine itself worked on these requests, one after the other."""
    return sum(float(entry["seconds"]) for entry in log)


def round_trips(log: list[dict[str, Any]]) -> list[int]:
    """How many requests each round trip had: a new one begins with what was asked after an answer had come."""
    trips: list[list[dict[str, Any]]] = []
    for entry in log:
        if not trips or entry["arrived"] >= min(one["answered"] for one in trips[-1]):
            trips.append([])
        trips[-1].append(entry)
    return [len(trip) for trip in trips]
