"""The records of a plan by what refers to them."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from strongroom.access.aws.statement import Policy as AwsPolicy
from strongroom.access.aws.statement import parse
from strongroom.access.vault_acl import Acl, AclRule
from strongroom.aws.iam.arns import role_arn
from strongroom.aws.iam.plan import AwsSecretPolicy, AwsWorkloadRole
from strongroom.azure.identity.plan import AzureIdentity, AzureRoleAssignment
from strongroom.external_secrets.generators.records import Generator
from strongroom.external_secrets.generators.reference import GeneratorRef
from strongroom.external_secrets.records import SecretStore, ServiceAccount
from strongroom.kubernetes.access.plan import SecretRole
from strongroom.plan.plan import Plan
from strongroom.plan.stored import StoredSecret
from strongroom.vault.auth.login_role import LoginRole
from strongroom.vault.policy.plan import Policy

Missing = tuple[str, str]
"""The piece that a delivery lacks, and the remedy."""


class Records:
    """A plan, to be followed. Each index is made when it is first asked for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._acls: dict[tuple[str, ...], Acl] = {}
        self._documents: dict[str, tuple[AwsPolicy, ...]] = {}
        self.trusted: dict[tuple[object, ...], bool] = {}
        """Whether roles of AWS trust who asks for a SecretStore: the same for all that comes from it."""

    @cached_property
    def stores(self) -> dict[tuple[str, str, str], SecretStore]:
        """SecretStores by cluster, namespace and name."""
        return {(r.place.cluster, r.namespace, r.name): r for r in self.plan.of(SecretStore)}

    @cached_property
    def accounts(self) -> dict[tuple[str, str, str], ServiceAccount]:
        """Service accounts that are ours, by cluster, namespace and name."""
        return {(r.place.cluster, r.namespace, r.name): r for r in self.plan.of(ServiceAccount)}

    @cached_property
    def generators(self) -> dict[tuple[str, str, GeneratorRef], Generator]:
        """Generators by cluster, namespace, and how they are referred to."""
        return {(r.place.cluster, r.namespace, r.reference): r for r in self.plan.of(Generator)}

    @cached_property
    def engines(self) -> dict[str, set[str]]:
        """What is called how in each mount of an engine."""
        found: dict[str, set[str]] = defaultdict(set)
        for record in self.plan.records:
            if (mount := getattr(record, "mount", None)) and (name := getattr(record, "name", None)):
                found[mount].add(name)
        return found

    @cached_property
    def secrets(self) -> dict[str, StoredSecret]:
        """Stored secrets, by `team/secret`."""
        return {r.key: r for r in self.plan.of(StoredSecret)}

    @cached_property
    def login_roles(self) -> dict[tuple[str, str], LoginRole]:
        """Roles of Vault's auth methods, by mount and name."""
        return {(r.mount, r.name): r for r in self.plan.of(LoginRole)}

    @cached_property
    def policies(self) -> dict[str, Policy]:
        """Policies of Vault by name."""
        return {r.name: r for r in self.plan.of(Policy)}

    def acl(self, names: tuple[str, ...]) -> Acl:
        """What a token with these policies may do."""
        if names not in self._acls:
            self._acls[names] = Acl(self._rules(names))
        return self._acls[names]

    def _rules(self, names: tuple[str, ...]) -> Iterator[AclRule]:
        for name in names:
            for rule in self.policies[name].rules if name in self.policies else ():
                wraps = any("wrapping_ttl" in line for line in rule.settings)
                yield AclRule(rule.path, frozenset(rule.capabilities), wraps)

    @cached_property
    def aws_roles(self) -> dict[str, AwsWorkloadRole]:
        """Roles of AWS by ARN."""
        return {role_arn(r.place.partition, r.place.account, r.path, r.name): r for r in self.plan.of(AwsWorkloadRole)}

    @cached_property
    def aws_secret_policies(self) -> dict[str, AwsPolicy]:
        """Policies that hang on secrets of AWS, by `team/secret`."""
        return {r.secret: parse(f"the policy of {r.secret}", r.policy) for r in self.plan.of(AwsSecretPolicy)}

    def aws_policies(self, role: AwsWorkloadRole) -> tuple[AwsPolicy, ...]:
        """What a role of AWS may do."""
        if role.name not in self._documents:
            documents = [role.inline_policy] if role.inline_policy else list(role.managed_policies)
            self._documents[role.name] = tuple(parse(f"the policy of {role.name}", text) for text in documents)
        return self._documents[role.name]

    @cached_property
    def azure_identities(self) -> dict[str, AzureIdentity]:
        """Managed identities by name."""
        return {r.name: r for r in self.plan.of(AzureIdentity)}

    @cached_property
    def azure_roles(self) -> dict[tuple[str | None, str], set[str]]:
        """The roles of managed identities on secrets, by name of the identity and `team/secret`: the last part of their
        ids."""
        found: dict[tuple[str | None, str], set[str]] = defaultdict(set)
        for assignment in self.plan.of(AzureRoleAssignment):
            found[assignment.identity, assignment.secret].add(assignment.role.rpartition("/")[2])
        return found

    @cached_property
    def secret_roles(self) -> dict[tuple[str, str], list[SecretRole]]:
        """Roles of Kubernetes by cluster and namespace."""
        found: dict[tuple[str, str], list[SecretRole]] = defaultdict(list)
        for role in self.plan.of(SecretRole):
            found[role.place.cluster, role.namespace].append(role)
        return found
