"""Token roles in files and plans: what is allowed is of this environment, and a token that nothing ends is refused."""

from pathlib import Path
from typing import Any, Final

import pytest

from support.docs import example
from support.projects import COMMON, ProjectFolder

ROLE: Final[dict[str, str]] = {
    "creators": "[payments/checkout]",
    "allowed_policies": "[payments/settlement, inventory]",
    "explicit_max_ttl": "1h",
}


def _with(folder: ProjectFolder, **keys: str | None) -> ProjectFolder:
    written = {key: value for key, value in {**ROLE, **keys}.items() if value is not None}
    lines = "".join(f"      {key}: {value}\n" for key, value in written.items())
    return folder.append(COMMON, f"  token_roles:\n    jobs:\n{lines}")


def _role(folder: ProjectFolder, stack: str = "prod") -> dict[str, Any]:
    (role,) = [r.as_json() for r in folder.plan(stack).records if r.kind == "vault.token_role"]
    return role


def test_a_role_says_its_environment_and_allows_policies_of_it_only(folder: ProjectFolder) -> None:
    _with(folder, allowed_policies_glob="[payments.*]", disallowed_policies="[identity/login]")
    assert folder.problems() == []
    for stack in ("dev", "prod"):
        role = _role(folder, stack)
        assert role["name"] == f"{stack}.jobs"
        assert role["allowed_policies"] == [f"{stack}.payments.settlement", f"{stack}.platform.inventory"]
        assert role["allowed_policies_glob"] == [f"{stack}.payments.*"]
        assert role["disallowed_policies"] == [f"{stack}.identity.login"]


def test_creators_alone_get_the_right_to_make_tokens_with_it(folder: ProjectFolder) -> None:
    _with(folder)
    rules = {
        record.key: {rule["path"]: rule["capabilities"] for rule in record.as_json()["rules"]}
        for record in folder.plan("prod").records
        if record.kind == "vault.policy"
    }
    path = "auth/token/create/prod.jobs"
    assert rules["prod.payments.checkout"][path] == ["update"]
    assert [name for name, paths in rules.items() if path in paths] == ["prod.payments.checkout"]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"allowed_policies": None}, "jobs: no policies are allowed"),
        ({"explicit_max_ttl": None}, "jobs: nothing ends such tokens but the server's own limit"),
        ({"period": "2h"}, "jobs: period 2h is longer than explicit_max_ttl 1h"),
        ({"period": "10m", "renewable": "false"}, "jobs: a period is for renewing within it"),
        ({"type": "batch"}, "jobs: a batch token cannot be renewed"),
        ({"type": "batch", "explicit_max_ttl": None, "orphan": "true"}, "jobs: a batch token cannot be renewed"),
        ({"allowed_policies": "[root]"}, "jobs.allowed_policies[0]: there is no policy 'root'"),
        ({"allowed_policies": "[default]"}, "jobs.allowed_policies[0]: there is no policy 'default'"),
        ({"allowed_policies": '["*"]'}, "jobs.allowed_policies[0]: needs the name of a policy"),
        ({"allowed_policies": "[inventry]"}, "jobs.allowed_policies[0]: there is no policy 'inventry'; did you mean"),
        ({"creators": "[payments/chekout]"}, "jobs.creators[0]: there is no workload 'payments/chekout'; did you"),
        ({"allowed_policies_glob": '["*"]'}, "jobs.allowed_policies_glob[0]: needs the beginning of policies"),
        ({"allowed_policies_glob": '["prod.*"]'}, "jobs.allowed_policies_glob[0]: there is no team 'prod'"),
        ({"bound_cidrs": "[0.0.0.0/0]"}, "jobs.bound_cidrs[0]: 0.0.0.0/0 admits every address"),
        ({"num_uses": "0"}, "jobs.num_uses"),
    ],
)
def test_what_would_allow_too_much_or_cannot_work_is_refused(
    folder: ProjectFolder, keys: dict[str, str | None], problem: str
) -> None:
    found = _with(folder, **keys).problems()
    assert found
    assert all(f"vault.token_roles.{problem}" in each for each in found), found


def test_a_batch_role_is_what_the_server_takes(folder: ProjectFolder) -> None:
    _with(folder, type="batch", orphan="true", renewable="false", explicit_max_ttl=None)
    assert folder.problems() == []


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    page = example("vault/tokens.md", tmp_path)
    assert page.problems() == []
    roles = [r.key for r in page.plan("prod").records if r.kind == "vault.token_role"]
    assert roles == ["prod.agents", "prod.jobs"]
