"""What files cannot tell about keys: whether the one that a store names exists, and lies where its secrets do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strongroom.aws.iam.grants import SERVICES
from strongroom.aws.iam.limits import LimitError
from strongroom.aws.kms.plan import of_key
from strongroom.aws.names import partition_of
from strongroom.aws.spec import Aws
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of keys, and of stores that use them."""
    yield from _stores(scope, sources)
    yield from _keys(scope, sources)


def _stores(scope: Scope, sources: Sources) -> Iterator[Problem]:
    environment, source = scope.environment, sources.environment
    names = sources.in_environment("aws", "keys")
    keys = environment.aws.keys if environment.aws else {}
    for store_name, store in environment.stores.items():
        if store.kind not in SERVICES:
            continue
        loc: Loc = ("stores", store_name, store.kind)
        for found in _misplaced(environment.aws, getattr(store.value, "replicas", ())):
            yield source.problem((*loc, "replicas"), *found)
        if (name := store.value.kms_key) is None:
            continue
        if name not in names:
            yield source.problem(
                (*loc, "kms_key"),
                f"there is no key '{name}'",
                did_you_mean(name, names, f"declared in `aws.keys`: {', '.join(names) or 'none'}"),
            )
        elif key := keys.get(name):
            there = {*key.replicas, environment.aws.region if environment.aws else ""}
            missing = [region for region in getattr(store.value, "replicas", ()) if region not in there]
            if missing:
                yield source.problem(
                    (*loc, "replicas"),
                    f"copies in {', '.join(missing)} would have another key: '{name}' is not there",
                    f"add the region to `aws.keys.{name}.replicas`",
                )


def _keys(scope: Scope, sources: Sources) -> Iterator[Problem]:
    environment, source = scope.environment, sources.environment
    for name, key in environment.aws.keys.items() if environment.aws else ():
        loc: Loc = ("aws", "keys", name)
        if scope.name == "aws":
            # AWS KMS, "CreateAlias": what begins with alias/aws/ is for AWS's own keys.
            yield source.problem(
                loc, "would have an alias below `alias/aws/`, which is AWS's own", "rename the environment", at_key=True
            )
        for found in _misplaced(environment.aws, key.replicas):
            yield source.problem((*loc, "replicas"), *found)
        try:
            of_key(scope, name, key)
        except LimitError as error:
            yield source.problem(loc, *error.flaw, at_key=True)


def _misplaced(aws: Aws | None, replicas: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with further regions, and the remedy."""
    if aws is None:  # a problem of its own
        return
    for region in replicas:
        if region == aws.region:
            yield "names the environment's own region", "leave it out"
        elif (found := partition_of(region)) != aws.partition:
            yield (
                f"{region} is a region of {found}, and this account is in {aws.partition}",
                f"name regions of {aws.partition}",
            )
