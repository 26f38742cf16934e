"""Policies by hand that are texts: at which place of the file they are wrong, what is planned, and whom they reach."""

from pathlib import Path

import pytest

from strongroom.vault.policy.plan import Policy
from support.docs import example
from support.projects import PROD, ProjectFolder
from support.toolchain import ROOT

HEAD = "vault:\n  flavour: openbao\n  policies:\n    p:\n      reason: what no grant can say\n"


def _with(folder: ProjectFolder, text: str) -> ProjectFolder:
    return folder.append(PROD, HEAD + text)


def _planned(folder: ProjectFolder, text: str) -> Policy:
    (policy,) = [p for p in _with(folder, text).plan("prod").of(Policy) if p.name == "prod.platform.p"]
    return policy


def test_a_text_is_planned_in_its_normal_form_with_the_environment_filled_in(folder: ProjectFolder) -> None:
    policy = _planned(
        folder,
        '      text: |\n        path "kv-{{ environment }}/metadata/*" { policy = "read" max_wrapping_ttl = "1h" }\n',
    )
    assert policy.text == (
        "# Written by hand for prod, as p: what no grant can say\n"
        '\npath "kv-prod/metadata/*" {\n  capabilities = ["list", "read"]\n  max_wrapping_ttl = "3600s"\n}\n'
    )
    assert policy.as_json()["rules"] == [
        {
            "path": "kv-prod/metadata/*",
            "capabilities": ["list", "read"],
            "because": [],
            "settings": ['max_wrapping_ttl = "3600s"'],
        }
    ]


@pytest.mark.parametrize(
    ("block", "line", "column"),
    [
        ('text: |\n        path "a" {\n          capabilities = ["raed"]\n        }\n', 11, 27),
        ('text: |-\n\n        # first\n        path "a" { capabilities = ["raed"] }\n', 12, 36),
        ('text: |2\n          path "a" { capabilities = ["raed"] }\n', 10, 38),
        ('text: | # why\n          path "a" { capabilities = ["raed"] }\n', 10, 38),
        ('text:\n        |\n         path "a" { capabilities = ["raed"] }\n', 11, 37),
    ],
)
def test_what_is_wrong_in_a_block_is_told_at_its_place_in_the_file(
    folder: ProjectFolder, block: str, line: int, column: int
) -> None:
    (found,) = _with(folder, f"      {block}").problems()
    written = (folder.root / "stacks" / PROD).read_text("utf-8").splitlines()
    assert written[line - 1][column - 1 :].startswith('"raed"')
    assert found == f"{PROD}:{line}:{column}: vault.policies.p.text: unknown capability 'raed'; did you mean 'read'?"


@pytest.mark.parametrize(
    "written",
    [
        """text: 'path "a" { capabilities = ["raed"] }'""",
        '''text: "path \\"a\\" { capabilities = [\\"raed\\"] }"''',
        'text: >\n        path "a" { capabilities = ["raed"] }',
    ],
)
def test_elsewhere_it_is_told_where_in_the_text_it_is(folder: ProjectFolder, written: str) -> None:
    (found,) = _with(folder, f"      {written}\n").problems()
    assert found == (
        f"{PROD}:9:13: vault.policies.p.text: line 1, column 28 of the text: unknown capability 'raed'; "
        "did you mean 'read'?"
    )


def test_a_text_that_an_alias_repeats_is_told_where_it_is_written(folder: ProjectFolder) -> None:
    text = '      text: &t |\n        path "a" { capabilities = ["raed"] }\n'
    again = "    q: {reason: the same once more, text: *t}\n"
    found = _with(folder, text + again).problems()
    assert [problem.partition(": ")[0] for problem in found] == [f"{PROD}:10:36"] * 2


@pytest.mark.parametrize("form", ["{}", "rules: [{path: a, capabilities: [read]}], text: x"])
def test_a_policy_is_given_as_rules_or_as_text(folder: ProjectFolder, form: str) -> None:
    body = "" if form == "{}" else f", {form}"
    folder.append(PROD, f"vault: {{policies: {{p: {{reason: what no grant can say{body}}}}}}}\n")
    (found,) = folder.problems()
    assert "vault.policies.p: a policy is given as `rules` or as `text`; write exactly one of the two" in found


def test_a_text_that_reaches_another_environment_is_refused_with_the_path_that_proves_it(folder: ProjectFolder) -> None:
    (found,) = _with(folder, '      text: \'{"path": {"+/data/*": {"policy": "read"}}}\'\n').problems()
    assert "policy prod.platform.p of prod reaches dev" in found
    assert 'rule "+/data/*" matches kv-dev/data/' in found


def test_an_accessor_of_a_method_that_is_not_there_is_told_at_its_path(folder: ProjectFolder) -> None:
    path = "kv-prod/data/{{identity.entity.aliases.${auth/clutser/@accessor}.name}}"
    text = f'      text: |\n        path "{path}" {{ policy = "read" }}\n'
    (found,) = _with(folder, text).problems()
    assert found.startswith(f"{PROD}:10:14: vault.policies.p.text: there is no auth method 'clutser'")
    assert "did you mean 'cluster'?" in found


@pytest.mark.parametrize(
    ("policy", "place", "problem"),
    [
        ('text: |\n        path "a" { capabilities = ["list", "subscribe"] }', "10:44", "no `subscribe` capability"),
        ('text: |\n        path "a" { policy = "read" mfa_methods = ["m"] }', "10:36", "no step-up MFA in policies"),
        ("rules: [{path: a, capabilities: [list, subscribe]}]", "9:46", "no `subscribe` capability"),
    ],
)
def test_what_the_declared_server_does_not_know_is_refused(
    folder: ProjectFolder, policy: str, place: str, problem: str
) -> None:
    (found,) = _with(folder, f"      {policy}\n").problems()
    assert found.startswith(f"{PROD}:{place}: vault.policies.p.")
    assert f"OpenBao 2.7.2 has {problem}" in found


def test_the_example_of_the_documentation_is_sound_and_fails_as_the_page_says(tmp_path: Path) -> None:
    folder = example("vault/policies.md", tmp_path)
    (policy,) = [p for p in folder.plan("prod").of(Policy) if p.name == "prod.platform.wrapped-ids"]
    assert '  denied_parameters = {\n    "ttl" = []\n  }\n  max_wrapping_ttl = "3600s"\n' in policy.text
    folder.replace(PROD, '["update"]', '["updaet"]')
    (found,) = folder.problems()
    assert f"stacks/{found}" in (ROOT / "docs/vault/policies.md").read_text("utf-8")
