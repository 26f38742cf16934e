"""What the plan of an environment says about whom to expect, and what secrets are called."""

from collections.abc import Iterable
from typing import Final

from strongroom.aws.audit import names
from strongroom.aws.audit.patterns import Callers, Names, Watched
from strongroom.aws.audit.spec import AwsAudit
from strongroom.aws.iam.grants import iam_of, is_here, principals_of, role_pattern, rotators_of, verbs_of
from strongroom.aws.kms.key_ids import key_arn, stand_in
from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.place import place_of
from strongroom.aws.rotation.names import function_name_of
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.plan.scope import Scope, remembered

_MOST: Final = 4
"""Beginnings of names that patterns list; an environment has one, unless its stores have prefixes of their own."""


def regions_of(scope: Scope) -> tuple[str, ...]:
    """Where secrets of the environment are read, its own region first: events stay in the region of the request."""
    stores = [store.aws_secrets_manager for store in scope.environment.stores.values() if store.aws_secrets_manager]
    return tuple(dict.fromkeys([place_of(scope).region, *(region for store in stores for region in store.replicas)]))


def makes_key(audit: AwsAudit) -> bool:
    """Whether anything is encrypted with a key of the audit's own."""
    return audit.trail == "own" or not audit.topic_arns


def topic_regions(scope: Scope, audit: AwsAudit) -> tuple[str, ...]:
    """The further regions that have a topic of the audit's own."""
    return () if audit.topic_arns else regions_of(scope)[1:]


def keeps(scope: Scope, kind: str) -> bool:
    """Whether the environment has a store of that kind."""
    return any(store.kind == kind for store in scope.environment.stores.values())


@remembered
def expected_of(scope: Scope, audit: AwsAudit) -> Callers:
    """Whoever was declared: workloads, what rotates, operators, and those that the environment file names."""
    iam = iam_of(scope)
    granted = [
        arn for workload in scope.workloads if verbs_of(scope, workload) for arn in principals_of(scope, workload)
    ]
    rotating = [arn for secret in scope.stored.get(secrets_manager.KIND, ()) for arn in rotators_of(scope, secret)]
    here = [arn for arn in granted if is_here(scope, arn)]
    pattern = role_pattern(scope)
    own = pattern.removesuffix("*")
    named = [
        arn for arn in (*iam.operators, *iam.break_glass, *audit.expected, *here, *rotating) if not arn.startswith(own)
    ]
    elsewhere = sorted({arn.split(":")[4] for arn in granted if not is_here(scope, arn)})
    return _callers([pattern, *named], elsewhere)


def emergency_of(scope: Scope) -> Callers:
    """People for emergencies."""
    return _callers(iam_of(scope).break_glass)


def deployers_of(audit: AwsAudit) -> Callers:
    """Who runs `pulumi up`."""
    return _callers(audit.deployers)


def both(one: Callers, other: Callers) -> Callers:
    """Whoever is one of these or one of those."""
    return _callers([*one.roles, *other.roles, *one.users, *other.users], [*one.accounts, *other.accounts])


def _callers(arns: Iterable[str], accounts: Iterable[str] = ()) -> Callers:
    found = list(dict.fromkeys(arns))
    return Callers(
        roles=tuple(arn for arn in found if ":user/" not in arn),
        users=tuple(arn for arn in found if ":user/" in arn),
        accounts=tuple(dict.fromkeys(accounts)),
    )


def watched_in(scope: Scope, audit: AwsAudit, region: str) -> Watched:
    """What is watched in one region."""
    place = place_of(scope)
    at = (place.partition, region, place.account)
    home = region == place.region
    keys = {name: key.replicas for name, key in scope.environment.aws.keys.items()} if scope.environment.aws else {}
    if makes_key(audit):
        keys[names.KEY] = topic_regions(scope, audit)
    trail = names.trail_arn(place.partition, place.region, place.account, scope.name)
    return Watched(
        partition=place.partition,
        region=region,
        account=place.account,
        secrets=names_in(scope, secrets_manager.KIND),
        parameters=names_in(scope, parameter_store.KIND),
        key_arns=tuple(
            key_arn(place.partition, region, place.account, stand_in(name))
            for name, replicas in sorted(keys.items())
            if home or region in replicas
        ),
        trail=(names.trail_of(scope.name), trail) if audit.trail == "own" and home else (),
        bucket=names.bucket_of(scope.name, place.account) if audit.trail == "own" and not audit.bucket and home else "",
        topic_arn="" if audit.topic_arns else names.topic_arn(*at, scope.name),
        rules=names.rule_of(scope.name, ""),
        functions=function_name_of(scope.name, "") if home and _has_functions(scope) else "",
    )


def _has_functions(scope: Scope) -> bool:
    return any(rotator.aws_rotation or rotator.aws_application for rotator in scope.environment.rotators.values())


@remembered
def names_in(scope: Scope, kind: str) -> Names:
    """What secrets in stores of one kind are called; below the environment's name also those that do not exist."""
    room = secrets_manager if kind == secrets_manager.KIND else parameter_store
    full = [room.name_of(scope, key, scope.store_of(scope.secrets[key])[1].value) for key in scope.stored.get(kind, ())]
    beginnings, whole = {f"{scope.name}/"}, set()
    for name in full:
        parts = name.removeprefix("/").split("/")
        if scope.name not in parts:
            continue  # a problem of its own: strongroom.plan.qualified_names
        up_to = "/".join(parts[: parts.index(scope.name) + 1])
        if parts[-1] == scope.name and kind == secrets_manager.KIND:
            whole.add(up_to)
        else:
            beginnings.add(f"{up_to}/")
    if len(beginnings) + len(whole) > _MOST:
        return Names(beginnings=(f"{scope.name}/",), within=scope.name)
    return Names(beginnings=tuple(sorted(beginnings)), whole=tuple(sorted(whole)))
