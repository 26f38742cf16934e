"""Whose tokens the operator may make, as a component."""

from typing import TypedDict

import pulumi

from strongroom.external_secrets.operator import documents
from strongroom.external_secrets.operator.plan import AccountTokens
from strongroom.external_secrets.operator.roles import make_role
from strongroom.external_secrets.operator.settings import RELEASE
from strongroom.kubernetes import provider
from strongroom.plan.plan import Plan
from strongroom.stage import Stage


class ExternalSecretsAccountArgs(TypedDict):
    """A service account that the operator reads as."""

    namespace: str
    """Its namespace."""
    service_account: str
    """Its name."""


class ExternalSecretsAccountTokensArgs(TypedDict):
    """The service accounts of one cluster."""

    operator_namespace: str
    """Where the operator runs."""
    accounts: dict[str, ExternalSecretsAccountArgs]
    """The accounts by a short name of their own, such as `payments.checkout`."""


class ExternalSecretsAccountTokens(pulumi.ComponentResource):
    """The operator may ask for tokens of these service accounts, and of no other: as those it logs in at stores."""

    roles: pulumi.Output[list[str]]
    """The Roles as `namespace/name`."""

    def __init__(
        self, name: str, args: ExternalSecretsAccountTokensArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:ExternalSecretsAccountTokens", name, None, opts)
        made = []
        for short, account in args["accounts"].items():
            namespace, service_account = account["namespace"], account["service_account"]
            found = documents.role(
                namespace, documents.token_role(service_account), documents.token_rules(service_account)
            )
            make_role(self, f"{name}-{short}", found, (RELEASE, args["operator_namespace"]))
            made.append(f"{namespace}/{found['metadata']['name']}")
        self.roles = pulumi.Output.from_input(made)
        self.register_outputs({"roles": self.roles})


def deploy(plan: Plan, stage: Stage) -> None:
    """The rights of a plan: a component for each cluster."""
    for (place, namespace), accounts in plan.grouped(AccountTokens, lambda a: (a.place, a.operator_namespace)):
        component = ExternalSecretsAccountTokens(
            f"{plan.environment}-{place}-account-tokens",
            {
                "operator_namespace": namespace,
                "accounts": {
                    f"{account.namespace}.{account.service_account}": {
                        "namespace": account.namespace,
                        "service_account": account.service_account,
                    }
                    for account in accounts
                },
            },
            provider.options(stage, place),
        )
        stage.rights.append(component)
