"""Each link between a delivery and its value, broken in one way: the missing piece is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from strongroom.aws.iam.plan import AwsSecretPolicy, AwsWorkloadRole
from strongroom.azure.identity.plan import AzureIdentity, AzureRoleAssignment
from strongroom.azure.key_vault.plan import AzureSecret
from strongroom.external_secrets.cluster.records import ClusterExternalSecret, ClusterSecretStore
from strongroom.external_secrets.generators.records import Generator
from strongroom.external_secrets.reachability.follow import broken, broken_for_namespaces
from strongroom.external_secrets.records import ExternalSecret, SecretStore, ServiceAccount
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.kubernetes.access.plan import SecretRole
from strongroom.plan.plan import Plan
from strongroom.plan.record import Record
from strongroom.plan.stored import StoredSecret
from strongroom.vault.auth.jwt.plan import JwtRole
from strongroom.vault.auth.kubernetes.plan import KubernetesRole
from strongroom.vault.database.plan import DatabaseRole
from strongroom.vault.kv.plan import KvSecret
from strongroom.vault.policy.plan import Policy
from strongroom.vault.policy.render import PathRule
from support import external_secrets_operator as operator
from support.deliveries import ENVIRONMENT, project
from support.projects import ProjectFolder

Change = Callable[[Any], Record | None]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The sound plan; nobody changes it."""
    return project(tmp_path_factory.mktemp("project")).plan("prod")


def _changed(plan: Plan, kind: type[Record], change: Change, **which: str) -> Plan:
    """The plan with the records of a kind changed, or without those of which nothing is left."""
    chosen = [r for r in plan.of(kind) if all(str(getattr(r, name)) == value for name, value in which.items())]
    assert chosen, f"no {kind.__name__} is like {which}"
    kept = ((change(r) if r in chosen else r) for r in plan.records)
    return replace(plan, records=tuple(record for record in kept if record))


def _said(plan: Plan) -> set[str]:
    return {f"{secret.name}@{secret.place}: {message}" for secret, (message, _) in broken(plan)}


def _gone(_: Record) -> None:
    return None


def test_every_delivery_of_the_sound_plan_reaches_its_value(plan: Plan) -> None:
    assert len(plan.of(ExternalSecret)) == 9
    assert _said(plan) == set()


def _but(**changed: Any) -> Change:
    return lambda record: replace(record, **changed)


def _provider(**changed: Any) -> Change:
    return lambda store: replace(store, provider=replace(store.provider, **changed))


def _login(**changed: Any) -> Change:
    return lambda s: replace(s, provider=replace(s.provider, login=replace(s.provider.login, **changed)))


def _rules(*rules: PathRule) -> Change:
    return lambda policy: replace(policy, rules=rules)


ROLE = "arn:aws:iam::111122223333:role/strongroom/prod/prod.shop.web"
STRIPE = "kv-prod/data/shop/stripe"
OTHER = PathRule("legacy-prod/*", ("read",))
TAX = "tax@eu: the policies of role shop.web do not allow to read legacy-prod/shop/tax: no rule matches it"
ALLOW = PathRule(STRIPE, ("read",))
PRINCIPAL = (
    "principal://iam.googleapis.com/projects/665544332211/locations/global/workloadIdentityPools/"
    "acme-gke.svc.id.goog/subject/ns/shop/sa/web"
)
CLOSED = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"secretsmanager:GetSecretValue",'
    '"Resource":"*"}}'
)
NO_TOKEN = (
    "role prod.shop.web does not trust arn:aws:iam::111122223333:oidc-provider/eu.example/id/ABC for service account "
    "shop/web"
)
NO_OPERATOR = "role prod.shop.web does not trust arn:aws:iam::111122223333:role/external-secrets for it"
SUBJECT = "system:serviceaccount:shop"
NO_VALUE = "role prod.shop.web may not secretsmanager:GetSecretValue prod/shop/mail"
BOTH = ("eu", "us")
DENIED = "the policies of role shop.web do not allow to read kv-prod/data/shop/stripe"


@pytest.mark.parametrize(
    ("kind", "change", "which", "said"),
    [
        # the store
        (
            SecretStore,
            _gone,
            {"name": "web-gcp"},
            {"ads@eu: there is no SecretStore web-gcp in namespace shop of cluster eu"},
        ),
        (
            SecretStore,
            _but(namespace="other"),
            {"name": "web-gcp"},
            {"ads@eu: there is no SecretStore web-gcp in namespace shop of cluster eu"},
        ),
        (
            SecretStore,
            _but(workload="shop/batch"),
            {"name": "web-gcp"},
            {"ads@eu: SecretStore web-gcp in namespace shop of cluster eu reads as shop/batch"},
        ),
        # the identity: Vault
        (JwtRole, _gone, {}, {"stripe@us: there is no role shop.web of method jwt at auth/us-prod"}),
        (
            JwtRole,
            _but(subject="system:serviceaccount:shop:other"),
            {},
            {f"stripe@us: role shop.web admits {SUBJECT}:other, not service account shop/web"},
        ),
        (
            JwtRole,
            _but(claims=(("x", "y"),)),
            {},
            {f"stripe@us: role shop.web admits {SUBJECT}:web, not service account shop/web"},
        ),
        (
            JwtRole,
            _but(audiences=("vault-other",)),
            {},
            {"stripe@us: role shop.web admits tokens for vault-other, not for vault-prod"},
        ),
        (
            SecretStore,
            _login(method="kubernetes"),
            {"name": "web-kv", "place": "us"},
            {"stripe@us: there is no role shop.web of method kubernetes at auth/us-prod"},
        ),
        # the secret
        (GcpSecret, _gone, {"name": "ads"}, {"ads@eu: shop/ads is kept in no store"}),
        (GcpSecret, _but(fields=("other",)), {"name": "ads"}, {"ads@eu: shop/ads has no field key"}),
        (
            GcpSecret,
            _but(path="prod--shop--adverts"),
            {"name": "ads"},
            {"ads@eu: prod--shop--ads is not where shop/ads is kept, which is prod--shop--adverts"},
        ),
        (GcpSecret, _but(access=()), {"name": "ads"}, {f"ads@eu: {PRINCIPAL} has no role that reads shop/ads"}),
        (
            SecretStore,
            _provider(project="acme-dev"),
            {"name": "web-gcp"},
            {"ads@eu: shop/ads is not kept in project acme-dev"},
        ),
        # Azure
        (AzureIdentity, _gone, {}, {"maps@eu: there is no managed identity prod_shop_web"}),
        (
            AzureIdentity,
            _but(credentials=()),
            {},
            {f"maps@eu: identity prod_shop_web does not trust {SUBJECT}:web of https://eu.example/"},
        ),
        (AzureRoleAssignment, _gone, {}, {"maps@eu: identity prod_shop_web has no role that reads shop/maps"}),
        (
            AzureRoleAssignment,
            _but(role="/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"),
            {},
            {"maps@eu: identity prod_shop_web has no role that reads shop/maps"},
        ),
        (
            AzureSecret,
            _but(vault="acme-dev"),
            {},
            {"maps@eu: shop/maps is not kept in https://acme-prod-secrets.vault.azure.net"},
        ),
        (
            AzureSecret,
            _but(path="shop--cards"),
            {},
            {"maps@eu: shop--maps is not where shop/maps is kept, which is shop--cards"},
        ),
        (
            ServiceAccount,
            _but(azure_identity=None),
            {},
            {"maps@eu: service account shop/web does not name identity prod_shop_web"},
        ),
        # Kubernetes
        (SecretRole, _gone, {"namespace": "risk"}, {"scores@eu: no Role lets shop/web get Secret risk/scores"}),
        (
            SecretRole,
            _but(accounts=()),
            {"namespace": "risk"},
            {"scores@eu: no Role lets shop/web get Secret risk/scores"},
        ),
        (
            SecretStore,
            _provider(namespace="shop"),
            {"name": "web-cluster-risk"},
            {"scores@eu: shop/scores of cluster eu is not where risk/scores is kept"},
        ),
        # AWS, the secret
        (
            StoredSecret,
            _but(path="prod/shop/post"),
            {"name": "mail"},
            {f"mail@{c}: prod/shop/mail is not where shop/mail is kept, which is prod/shop/post" for c in BOTH},
        ),
        (
            StoredSecret,
            _but(fields=("username",)),
            {"name": "mail"},
            {"mail@eu: shop/mail has no field password", "mail@us: shop/mail has no field password"},
        ),
        (
            AwsSecretPolicy,
            _but(policy=CLOSED),
            {},
            {f"mail@{c}: {NO_VALUE}: the policy of shop/mail denies it" for c in BOTH},
        ),
        (
            ServiceAccount,
            _but(annotations=()),
            {},
            {f"{n}@eu: service account shop/web does not name role prod.shop.web" for n in ("mail", "sms")},
        ),
        # the policy of Vault
        (
            Policy,
            _rules(),
            {"name": "prod.shop.web"},
            {f"stripe@{c}: {DENIED}: no rule matches it" for c in BOTH} | {TAX},
        ),
        (
            Policy,
            _rules(replace(ALLOW, capabilities=("list",)), OTHER),
            {"name": "prod.shop.web"},
            {f"stripe@{c}: {DENIED}: {STRIPE} decides about it" for c in BOTH},
        ),
        (
            Policy,
            _rules(PathRule("+/data/shop/+", ("deny",)), OTHER),
            {"name": "prod.shop.web"},
            {f"stripe@{c}: {DENIED}: +/data/shop/+ decides about it" for c in BOTH},
        ),
        (
            Policy,
            _rules(replace(ALLOW, settings=('min_wrapping_ttl = "60s"',)), OTHER),
            {"name": "prod.shop.web"},
            {f"stripe@{c}: {DENIED}: {STRIPE} decides about it" for c in BOTH},
        ),
        (
            KvSecret,
            _but(path="shop/stripes"),
            {"name": "stripe"},
            {
                f"stripe@{c}: {STRIPE} is not where shop/stripe is kept, which is kv-prod/data/shop/stripes"
                for c in BOTH
            },
        ),
    ],
)
def test_one_broken_link_is_named(
    plan: Plan, kind: type[Record], change: Change, which: dict[str, str], said: set[str]
) -> None:
    assert _said(_changed(plan, kind, change, **which)) == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"namespace": "other"}, "role shop.web admits other/web, not service account shop/web"),
        ({"service_account": "other"}, "role shop.web admits shop/other, not service account shop/web"),
        ({"audience": "vault-dev"}, "role shop.web admits tokens for vault-dev, not for vault-prod"),
        ({"policies": ("prod.shop.web", "gone")}, "role shop.web names policy gone, which is not there"),
    ],
)
def test_a_role_of_kubernetes_auth_admits_exactly_the_token_that_is_shown(
    plan: Plan, changed: dict[str, Any], said: str
) -> None:
    assert _said(_changed(plan, KubernetesRole, _but(**changed))) == {f"stripe@eu: {said}", f"tax@eu: {said}"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("system:serviceaccount:shop:web", "system:serviceaccount:shop:other", f"eu: {NO_TOKEN}"),
        ('id/ABC:aud":"sts.amazonaws.com"', 'id/ABC:aud":"other"', f"eu: {NO_TOKEN}"),
        ('esoStoreName":"web-aws"', 'esoStoreName":"other"', f"us: {NO_OPERATOR}"),
        ('esoNamespace":"shop"', 'esoNamespace":"other"', f"us: {NO_OPERATOR}"),
        ('arn":"arn:aws:eks:us-east-1:111122223333:cluster/us"', 'arn":"other"', f"us: {NO_OPERATOR}"),
    ],
)
def test_a_role_of_aws_that_does_not_trust_who_asks_is_named(plan: Plan, old: str, new: str, said: str) -> None:
    (role,) = [role for role in plan.of(AwsWorkloadRole) if role.workload == "shop/web"]
    assert role.trust_policy.count(old) == 1
    changed = _but(trust_policy=role.trust_policy.replace(old, new))
    of_mail = [line for line in _said(_changed(plan, AwsWorkloadRole, changed, name=role.name)) if "mail@" in line]
    assert of_mail == [f"mail@{said}"]


def test_a_role_of_aws_that_may_not_read_or_is_not_there_is_named(plan: Plan) -> None:
    (role,) = [role for role in plan.of(AwsWorkloadRole) if role.workload == "shop/web"]
    assert role.inline_policy
    no_search = role.inline_policy.replace("ssm:GetParametersByPath", "ssm:DescribeParameters")
    assert _said(_changed(plan, AwsWorkloadRole, _but(inline_policy=no_search), name=role.name)) == {
        "sms@eu: role prod.shop.web may not ssm:GetParametersByPath /prod/shop/sms: no statement allows it"
    }
    gone = _said(_changed(plan, AwsWorkloadRole, _gone, name=role.name))
    assert gone == {f"{n}: there is no role {ROLE}" for n in ("mail@eu", "mail@us", "sms@eu")}


DYNAMIC = "the policies of role payments.checkout do not allow to read database-prod/creds/payments.orders-db"


@pytest.mark.parametrize(
    ("kind", "change", "which", "said"),
    [
        (Generator, _gone, {}, "there is no VaultDynamicSecret orders in namespace payments of cluster eu"),
        (DatabaseRole, _gone, {}, "there is nothing called payments.orders-db in database-prod"),
        (JwtRole, _gone, {"name": "payments.checkout"}, "there is no role payments.checkout of method jwt at"),
        (Policy, _rules(), {"name": "prod.payments.checkout"}, f"{DYNAMIC}: no rule matches it"),
    ],
)
def test_what_a_server_makes_on_demand_is_followed_too(
    tmp_path: Path, kind: type[Record], change: Change, which: dict[str, str], said: str
) -> None:
    folder = ProjectFolder(tmp_path, operator.FILES)
    folder.append(
        operator.PAYMENTS, "  - {workload: checkout, secret: orders-db, kubernetes_secret: orders, refresh: 30m}\n"
    )
    plan = folder.plan("prod")
    assert _said(plan) == set()
    assert any(line.startswith(f"orders@eu: {said}") for line in _said(_changed(plan, kind, change, **which)))


@pytest.mark.parametrize(
    ("kind", "change", "which", "said"),
    [
        (ClusterSecretStore, _gone, {}, "there is no ClusterSecretStore registries"),
        (ClusterSecretStore, _but(account_namespace="other"), {}, "role base.eso admits"),
        (Policy, _rules(), {"name": "prod.base.eso"}, "the policies of role base.eso do not allow to read"),
        (KvSecret, _gone, {"name": "registry"}, "base/registry is kept in no store"),
    ],
)
def test_what_many_namespaces_have_is_followed_as_the_stores_own_account(
    tmp_path: Path, kind: type[Record], change: Change, which: dict[str, str], said: str
) -> None:
    folder = ProjectFolder(tmp_path, operator.FILES).append(operator.ENVIRONMENT, operator.FOR_NAMESPACES)
    plan = folder.plan("prod")
    assert plan.of(ClusterExternalSecret)
    assert list(broken_for_namespaces(plan)) == []
    changed = _changed(plan, kind, change, **which)
    assert all(message.startswith(said) for _, (message, _) in broken_for_namespaces(changed))
    assert list(broken_for_namespaces(changed))


def test_a_broken_link_is_an_error_at_the_delivery(tmp_path: Path) -> None:
    # By hand one can take a right away: of all rules that match, one decides.
    folder = project(tmp_path)
    folder.replace(
        ENVIRONMENT,
        "vault:\n  auth:\n",
        """\
vault:
  policies:
    closed:
      reason: a team that reads nothing of the shop's any more
      rules: [{path: kv-prod/data/shop/stripe, capabilities: [deny]}]
      workloads: [shop/web]
  auth:
""",
    )
    message = f"{DENIED}: kv-prod/data/shop/stripe decides about it; grant the secret"
    assert folder.problems() == [
        f"catalog/shop.yaml:24:5: deliveries[0]: does not reach cluster {cluster}: {message}"
        for cluster in ("eu", "us")
    ]
