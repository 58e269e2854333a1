"""The members of a query: those of the body of a POST, or those of the URL of a GET."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_migrate.sandbox.body import Kind
from tui_migrate.sandbox.exchange import Request


def query_of(request: Request, members: Mapping[str, Kind]) -> Mapping[str, Any]:
    """Return the members of a query as a JSON body has them; in the URL lists have commas and variables are texts.

    Args:
        request: A POST with a body, or a GET.
        members: What each member of the URL is.
    """
    return request.json() if request.method == "POST" else _url_query(request, members)


def _url_query(request: Request, members: Mapping[str, Kind]) -> dict[str, Any]:
    """Return the members of a query that stand in the URL."""
    body: dict[str, Any] = {}
    for name, kind in members.items():
        value = request.text(name)
        if value is None:
            continue
        if name == "variables":
            parts = [one.split("_", 2) for one in value.split(",")]
            body[name] = [{"name": one[0], "operator": one[1], "value": one[2]} for one in parts if len(one) == 3]
        elif kind == "texts":
            body[name] = value.split(",")
        elif kind == "flag":
            body[name] = value.lower() == "true"
        elif kind in {"text", "time"}:
            body[name] = value
    if request.query.get("sortBy"):
        body["sorting"] = [{"sortBy": request.query["sortBy"], "sortOrder": request.query.get("sortOrder")}]
    return body
