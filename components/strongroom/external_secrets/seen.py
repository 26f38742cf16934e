"""Vault as the stack itself sees it, for stores of clusters that say no other address."""

from collections.abc import Iterator

import pulumi

from strongroom.errors import StrongroomError
from strongroom.external_secrets.providers import VaultProvider
from strongroom.plan.plan import Plan
from strongroom.stage import Stage


def from_here() -> tuple[str | None, str]:
    """The address and the namespace by which the stack reaches Vault. Not VAULT_ADDR: it may be a tunnel of whoever
    runs the command, and no cluster is at its end."""
    config = pulumi.Config("vault")
    return config.get("address"), config.get("namespace") or ""


def check(plan: Plan, stage: Stage) -> None:  # noqa: ARG001  what all deployers take
    """Looks whether clusters are told where Vault is, before anything is registered. Raises StrongroomError."""
    address, _ = from_here()
    for cluster in sorted(set(_left_open(plan))):
        if not (address or "").startswith("https://"):
            raise StrongroomError(
                f"cluster {cluster}: its stores have no address of Vault that is encrypted (vault:address of the stack "
                f"is {address or 'not set'}); nothing was touched. Say where the cluster sees Vault, in "
                f"`clusters.{cluster}.external_secrets.vault.server`"
            )


def _left_open(plan: Plan) -> Iterator[str]:
    """The clusters with something that reads from Vault, and are not told where that is."""
    for record in plan.records:
        provider = getattr(getattr(record, "source", record), "provider", None)
        if isinstance(provider, VaultProvider) and provider.server is None:
            yield str(getattr(record, "place", ""))
