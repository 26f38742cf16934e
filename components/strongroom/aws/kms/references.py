"""What files cannot tell about keys: whether the one that a store names exists, and lies where its secrets do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from strongroom.aws.iam.grants import SERVICES
from strongroom.aws.iam.limits import LimitError
from strongroom.aws.kms.plan import of_key
from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of keys, and of stores that use them."""
    environment, source = scope.environment, sources.environment
    names = sources.in_environment("aws", "keys")
    keys = environment.aws.keys if environment.aws else {}
    for store_name, store in environment.stores.items():
        if store.kind not in SERVICES or (name := store.value.kms_key) is None:
            continue
        loc: Loc = ("stores", store_name, store.kind)
        if name not in names:
            yield source.problem(
                (*loc, "kms_key"),
                f"there is no key '{name}'",
                did_you_mean(name, names, f"declared in `aws.keys`: {', '.join(names) or 'none'}"),
            )
        elif key := keys.get(name):
            missing = [region for region in getattr(store.value, "replicas", ()) if region not in key.replicas]
            if missing:
                yield source.problem(
                    (*loc, "replicas"),
                    f"copies in {', '.join(missing)} would have another key: '{name}' is not there",
                    f"add the region to `aws.keys.{name}.replicas`",
                )
    for name, key in keys.items():
        loc = ("aws", "keys", name)
        if scope.name == "aws":
            # AWS KMS, "CreateAlias": what begins with alias/aws/ is for AWS's own keys.
            yield source.problem(
                loc, "would have an alias below `alias/aws/`, which is AWS's own", "rename the environment", at_key=True
            )
        if environment.aws and environment.aws.region in key.replicas:
            yield source.problem((*loc, "replicas"), "names the environment's own region", "leave it out")
        try:
            of_key(scope, name, key)
        except LimitError as error:
            what, _, remedy = str(error).partition(": ")
            yield source.problem(loc, what, remedy, at_key=True)
