"""The steps of the proof: a workload uses what was deployed, and is refused what it was not granted.

Each step does the real thing, returns a sentence of evidence without a value, or raises ProofError.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import hvac.exceptions
import psycopg
import psycopg.errors

from strongroom.spec.names import duration
from strongroom.vault.kv.plan import KvSecret
from strongroom_sandbox.process import wait_until
from strongroom_sandbox.proof.leaks import SHORTEST, all_files, encodings, find
from strongroom_sandbox.proof.world import ProofError, World

WORKLOAD: Final = "payments/checkout"
SECRET: Final = "payments/stripe"  # noqa: S105  the name of a secret
OTHERS_SECRET: Final = "identity/session-signing"  # noqa: S105
CREDENTIALS: Final = "payments.orders-db"
STRANGER: Final = "stranger"
"""Who has no business here: a service account beside the workload's, and a namespace with one of the same name."""
PATIENCE_SECONDS: Final = 15.0


def logs_in(world: World) -> str:
    """With the token that its pods get of the cluster, and gets exactly the policies that the plan derived."""
    role = world.role(WORKLOAD)
    token = world.sandbox.service_accounts.token(role.namespace, role.service_account, role.audience)
    login = _log_in(world, token)
    policies = tuple(sorted(login["policies"]))
    if policies != tuple(sorted(role.policies)):
        raise ProofError(f"the token has the policies {policies}, planned are {role.policies}")
    world.workload.token = login["client_token"]
    world.seen |= {"the workload's token": login["client_token"], "its service account's token": token}
    account = f"{role.namespace}/{role.service_account}"
    lifetime = _ttl(login["lease_duration"])
    return f"service account {account} at auth/{role.mount}, token for {lifetime}, policies {', '.join(policies)}"


def is_not_impersonated(world: World) -> str:
    """Nobody logs in as the workload with another's token, or with its own for somebody else."""
    role, accounts, issuer = world.role(WORKLOAD), world.sandbox.service_accounts, world.sandbox.issuer
    namespace, name, audience = role.namespace, role.service_account, role.audience
    for other in ((namespace, STRANGER), (STRANGER, name)):
        accounts.ensure(*other)
    attempts = {
        "another namespace": accounts.token(STRANGER, name, audience),
        "another service account": accounts.token(namespace, STRANGER, audience),
        "another audience": accounts.token(namespace, name, f"another-{audience}"),
        "no audience": accounts.token(namespace, name),
        # A cluster lists audiences, also where there is one.
        "another issuer": issuer.token(f"system:serviceaccount:{namespace}:{name}", "", {"aud": [audience]}),
    }
    for what, token in attempts.items():
        world.seen[f"a token of {what}"] = token
        try:
            _log_in(world, token)
        except (hvac.exceptions.Forbidden, hvac.exceptions.InvalidRequest):
            continue
        raise ProofError(f"the token of {what} was accepted")
    return f"refused the tokens of {', '.join(attempts)}"


def reads_its_secret(world: World) -> str:
    """Whose values were made in the store and never passed through Pulumi."""
    secret = world.secret(SECRET)
    path = f"{secret.mount}/data/{secret.path}"
    data = _ask(world, "read", path)["data"]
    if set(data["data"]) != set(secret.fields) or not all(data["data"].values()):
        raise ProofError(f"{path} has the fields {sorted(data['data'])}, declared are {sorted(secret.fields)}")
    lengths = ", ".join(f"{name} ({len(value)} characters)" for name, value in sorted(data["data"].items()))
    return f"{path}, version {data['metadata']['version']}: {lengths}"


def gets_database_credentials(world: World) -> str:
    """That read real rows, cannot write, and end by themselves."""
    role = world.database_role(CREDENTIALS)
    lease = _ask(world, "read", f"{world.database_mount}/creds/{CREDENTIALS}")
    user, password = lease["data"]["username"], lease["data"]["password"]
    world.seen["the database password that was issued"] = password
    world.database_user = user
    postgres = world.sandbox.postgres
    with psycopg.connect(
        host=postgres.host,
        port=postgres.port(),
        dbname=postgres.database,
        user=user,
        password=password,
        autocommit=True,
    ) as database:
        found = database.execute("SELECT count(*), sum(amount_cent) FROM orders").fetchone()
        try:
            database.execute("INSERT INTO customers (name, country) VALUES ('Mallory', 'XX')")
        except psycopg.errors.InsufficientPrivilege as error:
            refusal = error.diag.message_primary
        else:
            raise ProofError("PostgreSQL accepted an INSERT from readonly credentials")
    longest = _renewable_for(world, lease["lease_id"])
    planned = (role.default_ttl_seconds, role.max_ttl_seconds)
    if lease["lease_duration"] != planned[0] or not planned[1] - 60 <= longest <= planned[1]:
        raise ProofError(f"lease {lease['lease_duration']} s, renewable to {longest} s; planned are {planned} s")
    count, cents = found or (0, 0)
    return (
        f"SELECT: {count} orders, {cents / 100:.2f} in all; INSERT: {refusal}; "
        f"lease {_ttl(lease['lease_duration'])}, at most {_ttl(planned[1])}"
    )


def finds_the_first_password_worthless(world: World) -> str:
    """What Pulumi's state holds (encrypted) of the database is a password that PostgreSQL no longer takes."""
    postgres, user = world.sandbox.postgres, world.connection.username
    try:
        psycopg.connect(
            host=postgres.host,
            port=postgres.port(),
            dbname=postgres.database,
            user=user,
            password=postgres.first_password,
            connect_timeout=5,
        ).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" not in str(error):
            raise ProofError(f"PostgreSQL does not answer: {error}") from None
        return f"PostgreSQL refuses {user} with its first password; the server alone knows the new one"
    raise ProofError(f"PostgreSQL still accepts the first password of {user}")


def is_refused_the_rest(world: World) -> str:
    """Another team's secret, deleting its own, and policies."""
    own, other = world.secret(SECRET), world.secret(OTHERS_SECRET)
    attempts = [
        ("read", f"{other.mount}/data/{other.path}"),
        ("delete", f"{own.mount}/data/{own.path}"),
        ("list", "sys/policies/acl"),
        ("update", f"sys/policies/acl/{world.role(WORKLOAD).policies[0]}"),
    ]
    for operation, path in attempts:
        try:
            _ask(world, operation, path)
        except hvac.exceptions.Forbidden:
            continue
        raise ProofError(f"{operation} {path} was allowed")
    return "; ".join(f"{operation} {path}" for operation, path in attempts)


def leaves_no_credentials(world: World) -> str:
    """When the workload's token ends, so do the credentials that were issued for it."""
    world.workload.auth.token.revoke_self()
    world.requests.append(("update", "auth/token/revoke-self", True))
    with world.sandbox.postgres.superuser() as database:
        # The server ends the leases of a token after it has answered.
        if not wait_until(lambda: not _exists(database, world.database_user), PATIENCE_SECONDS):
            raise ProofError(f"PostgreSQL still has the role {world.database_user}")
    return f"the token was revoked, and PostgreSQL has no role {world.database_user} any more"


def is_on_record(world: World) -> str:
    """Every one of these requests, allowed or refused, is in the audit log."""
    recorded = _audited(world)
    if absent := list(Counter(world.requests) - recorded):
        raise ProofError(f"not in the audit log as often as it was sent: {absent[0]}")
    refused = sum(not allowed for _, _, allowed in world.requests)
    log = world.audit_log
    return f"{len(world.requests)} requests, {refused} of them refused, are among the {recorded.total()} in {log}"


def leaks_nothing(world: World) -> str:
    """State, event log, console output and settings hold no secret value of the sandbox."""
    values = _all_values(world) | world.seen
    leaks = find(values, world.searched)
    if leaks:
        raise ProofError("; ".join(map(str, leaks)))
    searched = list(all_files(world.searched))
    size = sum(file.stat().st_size for file in searched) // 1024
    short = sum(len(value) < SHORTEST for value in values.values())
    sought = f"{len(values) - short} values, each in {len(encodings(''))} encodings"
    sought += f" ({short} of fewer than {SHORTEST} characters were not sought)" if short else ""
    return f"{sought}, in {len(searched)} files of {size} KiB: none found"


STEPS: Final[tuple[tuple[str, Callable[[World], str]], ...]] = (
    ("logs in as itself", logs_in),
    ("is not impersonated", is_not_impersonated),
    ("reads its secret", reads_its_secret),
    ("gets database credentials", gets_database_credentials),
    ("first password is worthless", finds_the_first_password_worthless),
    ("is refused the rest", is_refused_the_rest),
    ("leaves no credentials", leaves_no_credentials),
    ("is on record", is_on_record),
    ("nothing leaked", leaks_nothing),
)
"""What it shows, in a word or two, and the step."""


def _log_in(world: World, token: str) -> dict[str, Any]:
    """A login in the workload's role; it is remembered whether it was allowed."""
    role = world.role(WORKLOAD)
    request = ("update", f"auth/{role.mount}/login")
    client = world.sandbox.vault.workload_client()
    try:
        answer = client.auth.kubernetes.login(role=role.name, jwt=token, use_token=False, mount_point=role.mount)
    except (hvac.exceptions.Forbidden, hvac.exceptions.InvalidRequest):
        world.requests.append((*request, False))
        raise
    world.requests.append((*request, True))
    granted: dict[str, Any] = answer["auth"]
    return granted


def _ask(world: World, operation: str, path: str) -> dict[str, Any]:
    """One request of the workload; it is remembered whether it was allowed."""
    method = {"read": "get", "list": "list", "delete": "delete", "update": "post"}[operation]
    try:
        answer = world.workload.adapter.request(method, f"v1/{path}", json={"policy": ""} if method == "post" else None)
    except hvac.exceptions.Forbidden:
        world.requests.append((operation, path, False))
        raise
    world.requests.append((operation, path, True))
    return answer if isinstance(answer, dict) else {}


def _renewable_for(world: World, lease_id: str) -> int:
    """Seconds that the server grants when asked for a lifetime far too long."""
    renewed = world.workload.sys.renew_lease(lease_id=lease_id, increment=10 * 365 * 86400)
    world.requests.append(("update", "sys/leases/renew", True))
    return int(renewed["lease_duration"])


def _exists(database: psycopg.Connection, role: str) -> bool:
    found = database.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    return found is not None


def _audited(world: World) -> Counter[tuple[str, str, bool]]:
    with world.audit_log.open("rb") as log:
        log.seek(world.audit_from)
        lines = log.read().splitlines()
    entries = [json.loads(line) for line in lines if line.endswith(b"}")]
    return Counter(
        (entry["request"]["operation"], entry["request"]["path"].rstrip("/"), not entry.get("error"))
        for entry in entries
        if entry["type"] == "response"
    )


def _all_values(world: World) -> dict[str, str]:
    """Every secret value that exists in the sandbox, by name. Only the root token can see them all."""
    server = world.sandbox.vault
    root = server.root_client()
    values = {name: path.read_text() for name, path in world.sandbox.secret_files().items()}
    values |= {f"{server.title}'s {name.replace('_', ' ')}": text for name, text in server.keys.items()}
    for secret in world.plan.of(KvSecret):
        at = {"path": secret.path, "mount_point": secret.mount}
        about = root.secrets.kv.v2.read_secret_metadata(**at)["data"]
        for number in (int(text) for text, version in about["versions"].items() if not version["destroyed"]):
            stored = root.secrets.kv.v2.read_secret_version(**at, version=number, raise_on_deleted_version=False)
            which = "" if number == about["current_version"] else f" (version {number})"
            # A deleted version gives no data; it can be undeleted, but not looked for.
            values |= {f"{secret.key}/{name}{which}": text for name, text in (stored["data"]["data"] or {}).items()}
    return values


def _ttl(seconds: int) -> str:
    return "24h" if seconds == 86400 else duration(seconds)
