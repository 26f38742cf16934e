"""Full names of secrets in stores that no mount separates: every name says its environment."""

from collections.abc import Collection

from strongroom.plan.scope import Key, Scope


def full_name(scope: Scope, secret: Key, prefix: str | None) -> str:
    """The name of a secret with the store's prefix, by default `<environment>/`: `prod/payments/stripe`."""
    return f"{f'{scope.name}/' if prefix is None else prefix}{scope.secret_path(secret)}"


def misplaced(name: str, environment: str, environments: Collection[str]) -> tuple[str, str] | None:
    """Why a name does not belong to an environment, and the remedy; None if it does.

    A name has its own environment among its parts, and no other: so no two environments ever share one, whatever the
    prefixes and paths are.
    """
    named = [part for part in name.split("/") if part in environments]
    if named == [environment]:
        return None
    if not named:
        return (
            f"'{name}' does not say its environment, so that another one could have the same name",
            "leave the store's `prefix` at its default, or write {{ environment }} as a part of the path",
        )
    if set(named) == {environment}:
        return f"'{name}' says its environment twice", "leave it out of the store's `prefix`, or out of the path"
    other = next(part for part in named if part != environment)
    return (
        f"'{name}' has '{other}' as one of its parts, which is another environment",
        "write {{ environment }} where the environment belongs",
    )
