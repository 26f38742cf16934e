"""From a SecretStore in AWS to the value: the role, whom it trusts, what its policies and the secret's allow."""

from collections.abc import Iterator

from strongroom.access.aws.decide import Policies, decide
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import parse
from strongroom.aws.iam.arns import parameter_arn
from strongroom.aws.iam.plan import AwsWorkloadRole
from strongroom.aws.iam.trust import AUDIENCE, CLUSTER_TAG
from strongroom.aws.parameter_store.plan import AwsParameters
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.external_secrets.providers import AwsProvider
from strongroom.external_secrets.reachability.records import Missing, Records
from strongroom.external_secrets.records import IRSA_ROLE, ExternalSecret
from strongroom.plan.stored import StoredSecret

_SUFFIX = "-AbCdEf"
"""For the six characters that AWS puts behind the name of a secret."""


def follow(records: Records, provider: AwsProvider, secret: ExternalSecret, stored: StoredSecret) -> Iterator[Missing]:
    """What is missing."""
    role = records.aws_roles.get(provider.role)
    if role is None:
        yield f"there is no role {provider.role}", "it follows from a grant on a secret that AWS keeps"
        return
    asked = (provider, secret.namespace, secret.store)
    if asked not in records.trusted:
        records.trusted[asked] = _trusted(provider, secret, role)
    if not records.trusted[asked]:
        who = f"service account {secret.namespace}/{provider.service_account}" if provider.service_account else "it"
        yield f"role {role.name} does not trust {provider.shown_to} for {who}", "declare the cluster in `aws.iam`"
    account = records.accounts.get((secret.place.cluster, secret.namespace, provider.service_account or ""))
    if account and provider.service_account and (IRSA_ROLE, provider.role) not in account.annotations:
        yield (
            f"service account {secret.namespace}/{account.name} does not name role {role.name}",
            "one account, one role",
        )
    policies = Policies(identity=records.aws_policies(role), resource=records.aws_secret_policies.get(secret.secret))
    for action, arn, key in _requests(provider, secret, role):
        decision = decide(Request(Caller(provider.role, session="eso"), action, arn, says_all=True), policies)
        if decision.answer != "allowed":
            yield f"role {role.name} may not {action} {key}: {decision.why}", "grant `read` on the secret"
    if not isinstance(stored, AwsSecret | AwsParameters) or stored.place.region != provider.region:
        yield f"{secret.secret} is not kept in AWS in {provider.region}", "deliver it from its own store"
        return
    known = {stored.path} if isinstance(stored, AwsSecret) else {stored.parameter(field) for field in stored.fields}
    for key in sorted(set(secret.keys) - known - {stored.path}):
        yield f"{key} is not where {secret.secret} is kept, which is {stored.path}", "deliver it from its own store"


def _trusted(provider: AwsProvider, secret: ExternalSecret, role: AwsWorkloadRole) -> bool:
    if provider.service_account:
        action, issuer = "sts:AssumeRoleWithWebIdentity", provider.shown_to.partition(":oidc-provider/")[2]
        context = {
            f"{issuer}:aud": AUDIENCE,
            f"{issuer}:sub": f"system:serviceaccount:{secret.namespace}:{provider.service_account}",
        }
    else:
        action = "sts:AssumeRole"
        context = {
            "aws:RequestTag/esoStoreKind": "SecretStore",
            "aws:RequestTag/esoNamespace": secret.namespace,
            "aws:RequestTag/esoStoreName": secret.store or "",
            f"aws:PrincipalTag/{CLUSTER_TAG}": provider.cluster or "",
        }
    request = Request(Caller(provider.shown_to), action, provider.role, context, says_all=True)
    return decide(request, Policies(resource=parse("its trust policy", role.trust_policy))).answer == "allowed"


def _requests(provider: AwsProvider, secret: ExternalSecret, role: AwsWorkloadRole) -> Iterator[tuple[str, str, str]]:
    """What the operator asks for: action, ARN, and the name by which it does."""
    partition, account = role.place.partition, role.place.account
    for key in secret.keys:
        if provider.service == "SecretsManager":
            arn = f"arn:{partition}:secretsmanager:{provider.region}:{account}:secret:{key}{_SUFFIX}"
            yield "secretsmanager:GetSecretValue", arn, key
        else:
            action = "ssm:GetParametersByPath" if secret.whole else "ssm:GetParameter"
            yield action, parameter_arn(partition, provider.region, account, key), key
