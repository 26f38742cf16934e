"""The configuration files of stacks, and what files may be called: hostile names, and secrets in plain text."""

import pytest

from support.projects import FILES, ProjectFolder

CANARY = "canary-4f1c-in-plain-text"


@pytest.mark.parametrize("key", ["strongroom:orders-first-password", "vault:token"])
def test_a_secret_in_plain_text_is_refused_and_not_repeated(folder: ProjectFolder, key: str) -> None:
    folder.append("Pulumi.dev.yaml", f"  {key}: {CANARY}\n")
    (problem,) = folder.problems()
    assert problem.startswith(f"Pulumi.dev.yaml:3:{5 + len(key)}: config.'{key}': stands in plain text; replace it")
    assert problem.endswith(f"encrypt the new one: `pulumi config set --secret {key}`")
    assert CANARY not in problem


@pytest.mark.parametrize("key", ["strongroom:orders-first-password", "vault:token"])
def test_an_encrypted_one_is_accepted(folder: ProjectFolder, key: str) -> None:
    folder.append("Pulumi.dev.yaml", f"  {key}: {{secure: v1:abc:def}}\n")
    assert folder.problems() == []


@pytest.mark.parametrize("key", ["aws:secretKey", "azure-native:clientSecret", "gcp:credentials"])
@pytest.mark.parametrize("value", [CANARY, "{secure: v1:abc:def}"])
def test_credentials_of_a_cloud_are_refused_in_any_form(folder: ProjectFolder, key: str, value: str) -> None:
    folder.append("Pulumi.dev.yaml", f"  {key}: {value}\n")
    (problem,) = folder.problems()
    assert f"config.'{key}': is a credential, which would stand in the state" in problem
    assert f"`pulumi config rm {key}`" in problem
    assert ("replace it, as others may have read it" in problem) == (value == CANARY)
    assert CANARY not in problem


def test_other_settings_of_providers_are_none_of_our_business(folder: ProjectFolder) -> None:
    folder.append("Pulumi.dev.yaml", '  vault:skipChildToken: "true"\n  aws:region: eu-central-1\n')
    assert folder.problems() == []


@pytest.mark.parametrize(
    ("file", "copied", "shown"),
    [
        ("Pulumi.\x1b[31m.yaml", "Pulumi.dev.yaml", r"'Pulumi.\x1b[31m.yaml'"),
        ("Pulumi.$(id).yaml", "Pulumi.dev.yaml", "'Pulumi.$(id).yaml'"),
        ("catalog/\u202epay.yaml", "catalog/payments.yaml", r"catalog/'\u202epay.yaml'"),
        ("environments/a b.yaml", "environments/dev.yaml", "environments/'a b.yaml'"),
    ],
)
def test_a_file_name_that_a_terminal_or_shell_would_obey_is_refused(
    folder: ProjectFolder, file: str, copied: str, shown: str
) -> None:
    folder.write(file, FILES[copied])
    assert folder.problems() == [
        f"{shown}: a file here is named with letters, digits, '.', '_' and '-', at most 100; rename it"
    ]
