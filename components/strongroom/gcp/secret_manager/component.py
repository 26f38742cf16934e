"""Secrets of GCP Secret Manager as a component, each with the policy that says who may use it."""

import json
from datetime import UTC, datetime
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from strongroom.gcp import provider
from strongroom.gcp.rotation.schedule import next_time
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class GcpReplicaArgs(TypedDict):
    """A location that holds a copy."""

    location: str
    """Such as `europe-west3`."""
    kms_key: NotRequired[str]
    """The full name of the key that encrypts it, in the same location. Default: a key of Google's own."""


class GcpRotationArgs(TypedDict):
    """When somebody is told that a secret is due."""

    topic: str
    """The full name of the topic, on which Secret Manager may publish already."""
    period_seconds: int
    """How often, at least 3600."""
    next_time: str
    """When next, in UTC: `2027-01-04T03:00:00Z`. At least five minutes ahead when it changes."""


class GcpSecretArgs(TypedDict):
    """A secret without a value: that is written by `strongroom values`, or by who rotates it."""

    secret_id: str
    """Its id, such as `prod--payments--stripe`. A change makes another secret."""
    access: dict[str, list[str]]
    """Role -> members of IAM. Whoever is not named here has no access by the secret's own policy."""
    replicas: NotRequired[list[GcpReplicaArgs]]
    """The only locations that hold copies. Default: Google chooses. A change makes another secret."""
    kms_key: NotRequired[str]
    """The full name of the key in `global` that encrypts it, where Google chooses. Default: a key of Google's own."""
    labels: NotRequired[dict[str, str]]
    """Labels. Default: none."""
    annotations: NotRequired[dict[str, str]]
    """Annotations. Default: none."""
    version_destroy_ttl_seconds: NotRequired[int]
    """How long a destroyed version can be restored, at least a day. Default: it cannot."""
    ttl_seconds: NotRequired[int]
    """After which time Google deletes it with all its values, at least 60. Default: never."""
    version_aliases: NotRequired[dict[str, int]]
    """Alias -> number of a version that is there. Default: none."""
    rotation: NotRequired[GcpRotationArgs]
    """When somebody is told that it is due. Default: nobody is."""


class GcpSecretsArgs(TypedDict):
    """Secrets of one project."""

    project: pulumi.Input[str]
    """The project's id."""
    secrets: dict[str, GcpSecretArgs]
    """The secrets by a short name of their own, such as `payments.stripe`."""
    protect_data: NotRequired[bool]
    """Whether they are protected from deletion and replacement. Default true."""


class GcpSecrets(pulumi.ComponentResource):
    """Secrets of GCP Secret Manager. Their values are no resources: they would be in the state.

    The policy of each is written as a whole, one resource a secret: what somebody adds by hand is gone with the next
    deployment, whatever the role. Rights on the project, folder or organisation are not in it, and stay.
    """

    ids: pulumi.Output[dict[str, str]]
    """The full name of each secret, by its short name."""

    def __init__(self, name: str, args: GcpSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:GcpSecrets", name, None, opts)
        protect = args.get("protect_data", True)
        self.secrets = {
            short: gcp.secretmanager.Secret(
                f"{name}-{short}",
                project=args["project"],
                opts=leaf(self, protect=protect),
                **_inputs(secret),
            )
            for short, secret in args["secrets"].items()
        }
        for short, secret in args["secrets"].items():
            gcp.secretmanager.SecretIamPolicy(
                f"{name}-{short}-access",
                project=args["project"],
                secret_id=self.secrets[short].secret_id,
                policy_data=policy(secret["access"]),
                opts=leaf(self),
            )
        self.ids = pulumi.Output.all(**{short: secret.id for short, secret in self.secrets.items()})
        self.register_outputs({"ids": self.ids})


def policy(access: dict[str, list[str]]) -> str:
    """The policy as the API has it; the same text for the same access."""
    bindings = [{"members": sorted(members), "role": role} for role, members in sorted(access.items())]
    return json.dumps({"bindings": bindings}, separators=(",", ":"))


def _inputs(secret: GcpSecretArgs) -> dict[str, Any]:
    rotation, aliases = secret.get("rotation"), secret.get("version_aliases", {})
    destroy, ttl = secret.get("version_destroy_ttl_seconds"), secret.get("ttl_seconds")
    return {
        "secret_id": secret["secret_id"],
        "replication": _replication(secret),
        "labels": secret.get("labels"),
        "annotations": secret.get("annotations"),
        "version_destroy_ttl": f"{destroy}s" if destroy else None,
        "ttl": f"{ttl}s" if ttl else None,
        "version_aliases": {alias: str(number) for alias, number in aliases.items()} or None,
        "topics": [{"name": rotation["topic"]}] if rotation else None,
        "rotation": rotation
        and {"rotation_period": f"{rotation['period_seconds']}s", "next_rotation_time": rotation["next_time"]},
    }


def _replication(secret: GcpSecretArgs) -> dict[str, Any]:
    if replicas := secret.get("replicas"):
        return {
            "user_managed": {
                "replicas": [{"location": r["location"], **_encryption(r.get("kms_key"))} for r in replicas]
            }
        }
    return {"auto": _encryption(secret.get("kms_key"))}


def _encryption(key: str | None) -> dict[str, Any]:
    return {"customer_managed_encryption": {"kms_key_name": key}} if key else {}


def deploy(plan: Plan, stage: Stage) -> None:
    """The secrets of a plan: a component for each store."""
    now = datetime.now(UTC)
    for (store, place, protect), secrets in plan.grouped(GcpSecret, lambda s: (s.store, s.place, s.protect)):
        made = GcpSecrets(
            f"{plan.environment}-{store}",
            {
                "project": place.project,
                "secrets": {f"{s.team}.{s.name}": args_of(s, now) for s in secrets},
                "protect_data": protect,
            },
            provider.options(stage, place),
        )
        stage.rights.append(made)  # each secret has its own policy


def args_of(record: GcpSecret, now: datetime) -> GcpSecretArgs:
    """The arguments for a record. `now` decides which of a rotation's times is the next one."""
    args: GcpSecretArgs = {
        "secret_id": record.path,
        "access": {binding.role: list(binding.members) for binding in record.access},
        "labels": dict(record.labels),
        "annotations": dict(record.annotations),
        "version_aliases": dict(record.version_aliases),
    }
    if record.replicas:
        args["replicas"] = [
            {"location": r.location, "kms_key": r.key} if r.key else {"location": r.location} for r in record.replicas
        ]
    if record.kms_key:
        args["kms_key"] = record.kms_key
    if record.version_destroy_ttl_seconds:
        args["version_destroy_ttl_seconds"] = record.version_destroy_ttl_seconds
    if record.ttl_seconds:
        args["ttl_seconds"] = record.ttl_seconds
    if due := record.rotation:
        args["rotation"] = {
            "topic": due.topic,
            "period_seconds": due.period_seconds,
            "next_time": next_time(due.starts_at, due.period_seconds, now),
        }
    return args
