"""What is handed over: secret ids of AppRole, and the keys of authenticator apps."""

import json

from strongroom.errors import WrongInputError
from strongroom.handover.wrapping import HandoverError, Wrapped, wrapped
from strongroom.plan.plan import Plan
from strongroom.spec.problems import did_you_mean
from strongroom.vault.auth.approle.plan import AppRoleRole
from strongroom.vault.connection import Connection
from strongroom.vault.mfa.plan import MfaEnforcementRecord


def secret_id(server: Connection, plan: Plan, workload: str, ttl_seconds: int) -> Wrapped:
    """A new secret id of a workload. How long it waits, how often and from where it is good, its role says.

    Raises WrongInputError if the plan has no such role.
    """
    roles = {role.workload: role for role in plan.of(AppRoleRole)}
    if workload not in roles:
        raise WrongInputError(
            f"no workload {workload} of this stack logs in with AppRole; "
            + did_you_mean(workload, roles, f"those that do: {', '.join(roles) or 'none'}")
        )
    role = roles[workload]
    if ttl_seconds > role.secret_id_ttl_seconds:
        raise WrongInputError(
            f"the token would last {ttl_seconds} s, and the secret id in it {role.secret_id_ttl_seconds} s only; "
            "lower --wrap-ttl"
        )
    metadata = json.dumps({"workload": workload, "environment": plan.environment})
    return wrapped(server, f"auth/{role.mount}/role/{role.name}/secret-id", {"metadata": metadata}, ttl_seconds)


def totp_key(server: Connection, plan: Plan, mount: str, person: str, ttl_seconds: int) -> Wrapped:
    """A new key of a person's authenticator app; one that they have ends. `person` is the name by which the auth method
    at `mount` knows them.

    Raises WrongInputError if no second factor is demanded there; HandoverError if the person is not known yet.
    """
    asked = {"method_id": _totp_method(server, plan, mount), "entity_id": _entity(server, mount, person)}
    # The server tells nobody who has a key, and makes none for who has: its answer would be empty.
    server.write("identity/mfa/method/totp/admin-destroy", asked)
    return wrapped(server, "identity/mfa/method/totp/admin-generate", asked, ttl_seconds)


def _totp_method(server: Connection, plan: Plan, mount: str) -> str:
    enforced = [record for record in plan.of(MfaEnforcementRecord) if mount in record.mounts]
    if not enforced:
        places = sorted({place for record in plan.of(MfaEnforcementRecord) for place in record.mounts})
        raise WrongInputError(
            f"this stack demands no second factor at auth method {mount}; "
            + did_you_mean(mount, places, f"it does at: {', '.join(places) or 'none'}")
        )
    for record in enforced:
        found = server.read(f"identity/mfa/login-enforcement/{record.name}")
        if found is None:
            raise HandoverError(f"the server knows no MFA enforcement {record.name}; deploy the stack first")
        for method in found.get("mfa_method_ids") or ():
            if server.read(f"identity/mfa/method/totp/{method}") is not None:
                return str(method)
    raise WrongInputError(f"the second factor that is demanded at {mount} is no authenticator app")


def _entity(server: Connection, mount: str, person: str) -> str:
    method = (server.read("sys/auth") or {}).get(f"{mount}/")
    if method is None:
        raise HandoverError(f"the server has no auth method {mount}; deploy the stack first")
    asked = {"alias_name": person, "alias_mount_accessor": method["accessor"]}
    entity = server.write("identity/lookup/entity", asked)
    if entity is None:
        raise HandoverError(
            f"auth method {mount} knows nobody by the name {person!r} yet: declare a workload for a userpass user; of "
            "people, an identity provider's `sub` is known after their first try to log in"
        )
    return str(entity["id"])
