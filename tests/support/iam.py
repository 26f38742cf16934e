"""Asks the evaluator what derived documents allow, as AWS would be asked."""

from typing import Any

from strongroom.access.aws.decide import Policies, decide
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import Policy, parse
from strongroom.aws.iam.limits import Documents
from strongroom.aws.kms.key_ids import keys_in, with_ids

ACCOUNT, OTHER_ACCOUNT, REGION = "111122223333", "444455556666", "eu-central-1"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/strongroom/prod/prod.shop.web"
READ = "secretsmanager:GetSecretValue"


def secret(name: str, *, account: str = ACCOUNT, region: str = REGION, random: str = "AbCdEf") -> str:
    """The ARN of a secret that exists."""
    return f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-{random}"


def parameter(name: str, *, account: str = ACCOUNT, region: str = REGION) -> str:
    """The ARN of a parameter that exists; the name begins with a slash."""
    return f"arn:aws:ssm:{region}:{account}:parameter{name}"


def parsed(documents: Documents) -> tuple[Policy, ...]:
    """The policies of a role, with ids where keys were not known."""
    texts = [documents.inline] if documents.inline else documents.managed
    return tuple(
        parse(f"policy {at}", with_ids(text, dict.fromkeys(keys_in(text), KEY_ID))) for at, text in enumerate(texts)
    )


def answer(
    policies: Policies, action: str, resource: str, caller: str = ROLE, *, session: str | None = None, **context: Any
) -> str:
    """What AWS answers. Of a key `kms:ViaService` say `kms__ViaService`; the request has no key that is not said."""
    keys = {key.replace("__", ":", 1): value for key, value in context.items()}
    return decide(Request(Caller(caller, session), action, resource, keys, says_all=True), policies).answer
