"""Users, their lock-out after wrong passwords, and their authorizations, where an engine has them switched on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field

from tui_migrate.sandbox.errors import Refusal

FIRST_LOCK = timedelta(seconds=3)
ANY: Final = "*"
RESOURCES: Final = {6: "ProcessDefinition", 8: "ProcessInstance", 13: "Batch"}
_BATCH_PERMISSIONS = frozenset({"CREATE_BATCH_MIGRATE_PROCESS_INSTANCES", "READ_HISTORY", "DELETE_HISTORY"})
_DEFINITION_PERMISSIONS = frozenset(
    {
        "READ_INSTANCE", "UPDATE_INSTANCE", "DELETE_INSTANCE", "CREATE_INSTANCE", "MIGRATE_INSTANCE", "READ_HISTORY",
        "SUSPEND", "SUSPEND_INSTANCE", "RETRY_JOB", "DELETE_HISTORY", "READ_TASK", "UPDATE_TASK",
    }
)  # fmt: skip
_ALWAYS = frozenset({"READ", "UPDATE", "CREATE", "DELETE", "ALL"})


class Grant(Struct, frozen=True):
    """One permission on a resource (`ProcessDefinition` by key, `Batch` by id), or on all of its kind."""

    permission: str
    resource: str
    resource_id: str = ANY


class User(Struct):
    """A user; without grants (None) an administrator, who may everything."""

    name: str
    password: str
    grants: tuple[Grant, ...] | None = None
    failures: int = 0
    locked_until: datetime | None = None


class Security(Struct):
    """Basic authentication and authorizations of an engine."""

    users: dict[str, User] = field(default_factory=dict)

    def add(self, name: str, password: str, grants: Iterable[Grant] | None = None) -> User:
        """Make a user known; None for grants is an administrator."""
        user = User(name, password, None if grants is None else tuple(grants))
        self.users[name] = user
        return user

    def verify(self, name: str, password: str, now: datetime) -> bool:
        """Return whether a password is right; a wrong one locks its user, each further one twice as long."""
        user = self.users.get(name)
        if user is None or (user.locked_until is not None and now < user.locked_until):
            return False
        if user.password == password:
            user.failures, user.locked_until = 0, None
            return True
        user.locked_until = now + FIRST_LOCK * 2**user.failures
        user.failures += 1
        return False


def check_permission(user: User | None, wanted: Collection[Grant]) -> None:
    """Refuse a user who has none of the wanted grants; no user at all stands for an engine without authorizations.

    Raises:
        Refusal: 403 with the missing authorizations.
    """
    if any(is_allowed(user, one.permission, one.resource, one.resource_id) for one in wanted):
        return
    assert user is not None
    texts = " or ".join(
        f"'{one.permission}' permission on resource '"
        + (one.resource if one.resource_id == ANY else f"{one.resource_id}' of type '{one.resource}")
        + "'"
        for one in wanted
    )
    missing = [
        {
            "permissionName": one.permission,
            "resourceName": one.resource,
            "resourceId": None if one.resource_id == ANY else one.resource_id,
        }
        for one in wanted
    ]
    single = missing[0] if len(missing) == 1 else dict.fromkeys(missing[0])
    plural = "the following permission" if len(missing) == 1 else "one of the following permissions"
    verb = "does not have " + plural
    raise Refusal(
        403,
        "AuthorizationException",
        f"The user with id '{user.name}' {verb}: {texts}",
        code=0,
        userId=user.name,
        **single,
        missingAuthorizations=missing,
    )


def is_allowed(user: User | None, permission: str, resource: str, resource_id: str = ANY) -> bool:
    """Return whether a user has a permission; no user at all stands for an engine without authorizations."""
    if user is None or user.grants is None:
        return True
    return any(
        grant.resource == resource
        and grant.permission in {permission, "ALL"}
        and grant.resource_id in {ANY, resource_id}
        for grant in user.grants
    )


def is_known_permission(permission: str, resource: str) -> bool:
    """Return whether a resource has such a permission."""
    special = {"Batch": _BATCH_PERMISSIONS, "ProcessDefinition": _DEFINITION_PERMISSIONS}.get(resource, frozenset())
    return permission in _ALWAYS or permission in special
