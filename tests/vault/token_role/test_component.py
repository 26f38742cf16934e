"""Token roles as a component."""

from typing import Any

import pytest

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.token_role.component import VaultTokenRoles, deploy
from strongroom.vault.token_role.plan import TokenRoleRecord
from support.mocks import record

ROLE = TokenRoleRecord(
    slice="platform", name="prod.jobs", allowed_policies=("prod.payments.job",), allowed_policies_glob=(),
    disallowed_policies=(), disallowed_policies_glob=("prod.identity.*",), type="service", orphan=False,
    renewable=False, period_seconds=None, explicit_max_ttl_seconds=600, bound_cidrs=("10.0.0.0/8",), num_uses=3,
)  # fmt: skip


def test_a_role_is_made_as_planned_and_its_tokens_take_no_default_policy() -> None:
    made = record(lambda: deploy(Plan("prod", "all", (ROLE,)), Stage(secret=lambda *_: None)))
    role = made.named("token-roles-prod.jobs")
    assert role.type == "vault:tokenauth/authBackendRole:AuthBackendRole"
    assert role.inputs == {
        "roleName": "prod.jobs",
        "allowedPolicies": ["prod.payments.job"],
        "disallowedPoliciesGlobs": ["prod.identity.*"],
        "tokenType": "service",
        "orphan": False,
        "renewable": False,
        "tokenExplicitMaxTtl": 600,
        "tokenBoundCidrs": ["10.0.0.0/8"],
        "tokenNumUses": 3,
        "tokenNoDefaultPolicy": True,
    }


@pytest.mark.parametrize("nothing", [{}, {"allowed_policies": []}, {"allowed_policies_glob": []}])
def test_a_role_that_allows_nothing_is_refused_as_it_would_allow_everything(nothing: dict[str, Any]) -> None:
    roles: Any = {"roles": {"jobs": nothing}}
    with pytest.raises(ValueError, match=r"^r: role jobs allows no policies"):
        record(lambda: VaultTokenRoles("r", roles))


def test_no_token_is_ever_made_here() -> None:
    made = record(lambda: deploy(Plan("prod", "all", (ROLE,)), Stage(secret=lambda *_: None)))
    assert not [leaf for leaf in made.leaves if leaf.type == "vault:index/token:Token"]
