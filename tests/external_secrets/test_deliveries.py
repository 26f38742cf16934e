"""What is said of a delivery that cannot work, before anything is made: where, what is missing, and the remedy."""

from pathlib import Path

import pytest
import yaml

from strongroom.external_secrets.records import ExternalSecret, SecretStore, ServiceAccount
from strongroom.kubernetes.access.plan import SecretRole
from support.deliveries import ENVIRONMENT, RISK, SHOP, project
from support.projects import ProjectFolder

MAIL = "kubernetes_secret: mail}"


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return project(tmp_path)


def _only(folder: ProjectFolder) -> str:
    problems = folder.problems()
    assert len(problems) == 1, problems
    return problems[0]


def test_the_sound_project_has_no_problem(folder: ProjectFolder) -> None:
    assert folder.problems() == []


def test_a_delivery_without_a_grant_names_the_grant_that_is_missing(folder: ProjectFolder) -> None:
    folder.replace(RISK, "grants:\n  - {workload: shop/web, secret: scores, can: [read]}\n", "")
    assert _only(folder) == (
        "catalog/shop.yaml:30:29: deliveries[6].secret: shop/web may not read risk/scores in prod; team risk adds to "
        "`grants` of its catalog: - {workload: shop/web, secret: scores, can: [read]}"
    )


def test_a_grant_to_write_is_none_to_read(folder: ProjectFolder) -> None:
    folder.replace(
        SHOP, "{workload: web, secret: stripe, can: [read]}", "{workload: web, secret: stripe, can: [write]}"
    )
    assert (
        "shop/web may not read shop/stripe in prod; team shop adds to `grants` of its catalog: - {workload: web,"
        in (_only(folder))
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{workload: web, secret: mail, kub",
            "{workload: batsh, secret: mail, kub",
            "deliveries[2].workload: team shop has no workload 'batsh'; did you mean 'batch'?",
        ),
        (
            "secret: mail, kubernetes",
            "secret: mial, kubernetes",
            "deliveries[2].secret: team shop has no secret 'mial'; did you mean 'mail'?",
        ),
        (
            "secret: risk/scores, kub",
            "secret: risk/score, kub",
            "team risk has no secret 'score'; did you mean 'scores'?",
        ),
        (MAIL, "kubernetes_secret: mail, clusters: [uk]}", "clusters[0]: there is no cluster 'uk' in prod; declare it"),
        (
            MAIL,
            "kubernetes_secret: mail, fields: {user: usernam}}",
            "fields: shop/mail has no field 'usernam'; did you mean 'username'?",
        ),
        (
            MAIL,
            "kubernetes_secret: mail, environments: [pord]}",
            "there is no environment 'pord'; did you mean 'prod'?",
        ),
        (
            "{workload: web, secret: mail, kub",
            "{workload: batch, secret: mail, kub",
            "batch runs as no service account of Kubernetes; give it one with `also`",
        ),
        (
            MAIL,
            "kubernetes_secret: mail, data_from: {find: {}}}",
            "data_from.find: a search needs a right to list, which no grant gives",
        ),
        ("data_from: {find: {}}", "data_from: {extract: {}}", "in Parameter Store each field is a parameter"),
        (
            "kubernetes_secret: stripe, refresh: 15m",
            "kubernetes_secret: stripe, refresh: 91d",
            "refresh: stripe is rotated every 90d, and read every 91d only; shorten `refresh`",
        ),
        (
            "kubernetes_secret: stripe, refresh: 15m",
            "kubernetes_secret: stripe, refresh_policy: CreatedOnce",
            "stripe is rotated, and a new value would not arrive; use Periodic",
        ),
        (
            MAIL,
            'kubernetes_secret: mail, template: {data: {url: "smtp://{{ .usernam }}"}}}',
            "the template names '.usernam', which is no key; did you mean 'username'?",
        ),
        (
            MAIL,
            "kubernetes_secret: mail, template: {type: kubernetes.io/tls}}",
            "a Secret of type kubernetes.io/tls has no tls.crt",
        ),
        (
            MAIL,
            "kubernetes_secret: mail, fields: {a: username}, data_from: {extract: {}}}",
            "fields and data_from are given at once",
        ),
        (
            MAIL,
            "kubernetes_secret: mail, refresh: 1h, refresh_policy: OnChange}",
            "refresh has no meaning with refresh_policy OnChange",
        ),
        (MAIL, "kubernetes_secret: mail, immutable: true}", "an immutable Secret cannot be refreshed"),
        (
            MAIL,
            "kubernetes_secret: mail, creation_policy: Merge, deletion_policy: Delete}",
            "deletion_policy Delete needs creation_policy Owner",
        ),
        (MAIL, 'kubernetes_secret: mail, fields: {"../etc": username}}', "would be a folder"),
    ],
)
def test_one_mistake_is_one_error(folder: ProjectFolder, old: str, new: str, said: str) -> None:
    folder.replace(SHOP, old, new)
    assert said in _only(folder)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('{data: {key: "sk_live_51H8CanaryCanaryCanary"}}', "the template has a text that looks like a value"),
        ('{data: {url: "postgres://app:hunter2@db"}}', "the template has a text that looks like a value"),
        ('{data: {url: "postgres://{{ .username }}:{{ .password }}@db"}}', ""),
        ('{labels: {team: "not a label"}}', "labels"),
        ('{labels: {"a/b/c": x}}', "labels"),
        ("{type: kubernetes.io/service-account-token}", "type"),
        # A text within an action is as plain as one around it.
        ("{data: {key: '{{ print \"sk_live_51H8CanaryCanaryCanary\" }}'}}", "the template has a text that looks like"),
        ("{annotations: {note: sk_live_51H8CanaryCanaryCanary}}", "the annotation has a text that looks like a value"),
        ("{annotations: {note: '{{ .password }}'}}", "an annotation with a template would show a value"),
        ("{annotations: {acme.example/owner: shop}}", ""),
        ("{labels: {strongroom/team: risk}}", "says whose the Secret is"),
        ("{labels: {app.kubernetes.io/managed-by: strongroom}}", "says whose the Secret is"),
        ("{labels: {app.kubernetes.io/name: mail}}", ""),
    ],
)
def test_a_template_holds_no_value_and_makes_a_secret_that_kubernetes_takes(
    folder: ProjectFolder, template: str, said: str
) -> None:
    folder.replace(SHOP, MAIL, f"kubernetes_secret: mail, template: {template}}}")
    problems = folder.problems()
    assert bool(problems) == bool(said)
    assert all(said in problem for problem in problems)
    assert not any("Canary" in problem or "hunter2" in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{{ "x" | repeat 1000000000 }}', "the template calls 'repeat', which makes texts of any length"),
        ("{{ range until 1000000000 }}x{{ end }}", "the template calls 'until'"),
        ("{{ randAlphaNum 32 }}", "the template calls 'randAlphaNum', which makes something else at each refresh"),
        ("{{ getHostByName .username }}", "the template calls 'getHostByName', which asks servers of names outside"),
        # What ends a text does not end the action that it is in.
        ('{{ "}}" | repeat 9 }}', "the template calls 'repeat'"),
        ("{{ '\"' | repeat 9 }}", "the template calls 'repeat'"),
        ('{{/* " */}}{{ repeat 9 "x" }}', "the template calls 'repeat'"),
        ("{{ .username", "the template has an action that does not end"),
        ('{{ "repeat" }}{{ .username | b64enc | trimSuffix "now" }}{{/* now: don\'t */}}', ""),
        ("{{ $now := .username }}{{ $now | toJson | indent 4 }}", ""),
        ("{{" + "/**/" * 64, "the template has an action that does not end"),
    ],
)
def test_a_template_makes_texts_of_values_and_does_nothing_else(folder: ProjectFolder, text: str, said: str) -> None:
    template = yaml.safe_dump({"data": {"key": text}}, default_flow_style=True, width=10_000).strip()
    folder.replace(SHOP, MAIL, f"kubernetes_secret: mail, template: {template}}}")
    assert [said in problem for problem in folder.problems()] == [True] * bool(said)


def test_a_template_of_names_is_no_other(folder: ProjectFolder) -> None:
    rewrite = "{extract: {rewrite: [{transform: {template: '{{ repeat 9 .value }}'}}]}}"
    folder.replace(SHOP, MAIL, f"kubernetes_secret: mail, data_from: {rewrite}}}")
    assert "the template calls 'repeat'" in _only(folder)


@pytest.mark.parametrize("policy", ["Owner", "Orphan", "Merge", "CreateOrMerge"])
def test_what_somebody_else_makes_is_not_the_workloads_to_read(folder: ProjectFolder, policy: str) -> None:
    folder.replace(SHOP, MAIL, f"kubernetes_secret: admin-token, creation_policy: {policy}}}")
    roles = [role for role in folder.plan("prod").of(SecretRole) if (role.namespace, role.workload) == ("shop", "web")]
    named = {name for role in roles for rule in role.rules for name in rule.names}
    assert "stripe" in named
    assert ("admin-token" in named) == ("Merge" not in policy)


def test_what_the_operator_logs_in_with_is_delivered_by_nobody(folder: ProjectFolder) -> None:
    folder.replace(SHOP, MAIL, "kubernetes_secret: other-vault-login}")
    assert folder.problems() == [], "it logs in with tokens"
    folder.replace(ENVIRONMENT, "vault:\n  auth:\n", "vault:\n  auth:\n    machines: {approle: {}}\n")
    folder.replace(ENVIRONMENT, 'vault: {server: "https://vault.eu.example:8200"}', "vault: {login: approle}")
    ways = "{approle: {secret_id_uses: 1000, secret_id_ttl: 30d}}"
    folder.replace(SHOP, "also: [{runs_as", f"also: [{{runs_as: {ways}}}, {{runs_as")
    said = "deliveries[2].kubernetes_secret: with other-vault-login the operator logs in at Vault; give it another name"
    assert said in _only(folder)


def test_nothing_is_delivered_among_the_secrets_of_the_cluster_itself(folder: ProjectFolder) -> None:
    folder.write(SHOP, folder.text(SHOP).replace("namespace: shop,", "namespace: kube-system,"))
    problems = folder.problems()
    assert problems
    assert all("web runs in kube-system, whose Secrets are the cluster's own" in problem for problem in problems)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("(", "is no regular expression"),
        ("a(?=b)", "Go's regular expressions do not know"),
        ("^(?P<x>.*)$", ""),
        ("a++", "Go's"),
        ("(?>a)", "Go's"),
    ],
)
def test_a_rewrite_is_in_the_language_of_the_operator(folder: ProjectFolder, source: str, said: str) -> None:
    rewrite = f'{{extract: {{rewrite: [{{regexp: {{source: "{source}", target: "x"}}}}]}}}}'
    folder.replace(SHOP, MAIL, f"kubernetes_secret: mail, data_from: {rewrite}}}")
    problems = folder.problems()
    assert bool(problems) == bool(said)
    assert all(said in problem for problem in problems)


def test_a_search_finds_no_secret_that_lies_below_the_granted_one(folder: ProjectFolder) -> None:
    # The right to search is one on a path, and all that is below it is read with it.
    folder.replace(SHOP, "secrets:\n", "secrets:\n  inner: {fields: [pin], store: parameters, path: shop/sms/inner}\n")
    said = "deliveries[3].data_from.find: a search below sms would find shop/inner too, which nobody granted with it"
    assert said in _only(folder)
    folder.replace(SHOP, "path: shop/sms/inner", "path: shop/sms-inner")
    assert folder.problems() == []


def test_two_deliveries_do_not_claim_one_secret(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "kubernetes_secret: tax,", "kubernetes_secret: maps,")
    assert _only(folder) == (
        "catalog/shop.yaml:28:54: deliveries[4].kubernetes_secret: Secret maps in namespace shop of cluster eu is that "
        "of stacks/catalog/shop.yaml: deliveries[1] too; give it another name"
    )


def test_a_delivery_does_not_claim_what_a_store_keeps(folder: ProjectFolder) -> None:
    folder.replace(SHOP, "secrets:\n", "secrets:\n  safe: {fields: [pin], store: cluster}\n")
    assert folder.problems() == []
    folder.replace(SHOP, MAIL, "kubernetes_secret: safe, clusters: [eu]}")
    assert "deliveries[2].kubernetes_secret: 'shop/safe' is the Kubernetes Secret of shop/safe too" in _only(folder)


def test_an_old_operator_does_not_know_the_newest_policy(folder: ProjectFolder) -> None:
    folder.replace(SHOP, MAIL, "kubernetes_secret: mail, creation_policy: CreateOrMerge, clusters: [eu]}")
    assert folder.problems() == []
    folder.replace(ENVIRONMENT, "      gke:", "      api_version: v1beta1\n      gke:")
    assert "creation_policy: the operator of cluster eu (v1beta1) does not know it; use Merge" in _only(folder)


def test_in_another_cluster_the_name_is_free(folder: ProjectFolder) -> None:
    folder.replace(SHOP, MAIL, "kubernetes_secret: stripe, clusters: [us]}")
    folder.replace(SHOP, "kubernetes_secret: stripe, refresh: 15m}", "kubernetes_secret: stripe, clusters: [eu]}")
    assert folder.problems() == []


def test_a_name_for_the_store_is_for_one_store(folder: ProjectFolder) -> None:
    folder.replace(SHOP, MAIL, "kubernetes_secret: mail, secret_store: shared, clusters: [eu]}")
    assert "shared" in {store.name for store in folder.plan("prod").of(SecretStore)}
    folder.replace(SHOP, "kubernetes_secret: maps,", "kubernetes_secret: maps, secret_store: shared,")
    assert "secret_store: SecretStore shared in namespace shop of cluster eu is that of" in _only(folder)


def test_an_account_that_names_a_role_is_that_of_one_workload(folder: ProjectFolder) -> None:
    folder.append(
        RISK,
        """\
  - {workload: scorer, secret: audit, can: [read]}
workloads:
  scorer: {runs_as: {kubernetes: {namespace: shop, service_account: web}}, auth: eu}
deliveries:
  - {workload: scorer, secret: audit, kubernetes_secret: audit, clusters: [eu]}
""",
    )
    folder.replace(RISK, "secrets:\n", "secrets:\n  audit: {fields: [token], store: aws}\n")
    assert "is service account shop/web of cluster eu, as is risk/scorer" in folder.problems()[0]


def test_a_cluster_without_the_operator_is_delivered_nothing(folder: ProjectFolder) -> None:
    folder.replace(
        ENVIRONMENT, 'external_secrets: {aws_role_arn: "arn:aws:iam::111122223333:role/external-secrets"}', ""
    )
    assert folder.problems() == [], "those that name no cluster go to the others"
    assert {str(secret.place) for secret in folder.plan("prod").of(ExternalSecret)} == {"eu"}
    folder.replace(SHOP, MAIL, "kubernetes_secret: mail, clusters: [us]}")
    assert "cluster us of prod has no operator; add `clusters.us.external_secrets`" in _only(folder)


def test_where_no_cluster_has_it_a_delivery_is_an_error_and_not_a_silence(folder: ProjectFolder) -> None:
    text = folder.text(ENVIRONMENT)
    folder.write(ENVIRONMENT, text[: text.index("clusters:\n  eu:")])
    folder.replace(ENVIRONMENT, "  cluster: {kubernetes_secrets: {cluster: eu, namespaces: {risk: [risk]}}}\n", "")
    folder.replace(RISK, ", store: cluster}", "}")
    problems = [problem for problem in folder.problems() if "deliveries[0]" in problem]
    assert problems == [
        "catalog/shop.yaml:24:5: deliveries[0]: no cluster of prod has the External Secrets Operator, so that nothing "
        "delivers it; add `external_secrets` to a cluster in the environment file, or limit `environments`"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "      eu: {irsa:",
            "      other: {irsa:",
            "AWS does not know the service accounts of cluster eu; declare `aws.iam.clusters.eu`",
        ),
        (
            '{aws_role_arn: "arn:aws:iam::111122223333:role/external-secrets"}',
            "{}",
            "gives the operator its own role and no workload's; name that role in",
        ),
        (
            "111122223333:role/external-secrets",
            "444455556666:role/external-secrets",
            "the operator's role of cluster us belongs to account 444455556666",
        ),
        ("{aws_role_arn:", "{api_version: v1beta1, aws_role_arn:", "does not tell AWS for which namespace it asks"),
        (
            "clusters: {eu: {issuer:",
            "clusters: {other: {issuer:",
            "Azure does not know the service accounts of cluster eu",
        ),
        (
            "gke: {location: europe-west3, name: eu}",
            "gke: {location: europe-west3, name: eu, identities: other}",
            "it is not known in which of Google's projects cluster eu is",
        ),
        (
            "    vault_auth: us\n",
            "",
            "logs in at several auth methods as a Kubernetes service account: eu, us; say which of them knows",
        ),
        (
            'vault: {server: "https://vault.eu.example:8200"}',
            "vault: {login: approle}",
            "shop/web does not log in at Vault as approle; add such a login with `also`",
        ),
        (
            "cluster: {kubernetes_secrets: {cluster: eu,",
            "cluster: {kubernetes_secrets: {cluster: us,",
            "risk/scores is kept in cluster us, which takes no tokens of eu",
        ),
    ],
)
def test_a_system_that_does_not_know_the_cluster_is_named(folder: ProjectFolder, old: str, new: str, said: str) -> None:
    folder.replace(ENVIRONMENT, old, new)
    problems = folder.problems()
    assert problems
    assert all(said in problem for problem in problems), problems


def test_a_secret_id_that_ends_before_the_second_refresh_is_none(folder: ProjectFolder) -> None:
    folder.replace(ENVIRONMENT, "vault:\n  auth:\n", "vault:\n  auth:\n    machines: {approle: {}}\n")
    folder.replace(ENVIRONMENT, 'vault: {server: "https://vault.eu.example:8200"}', "vault: {login: approle}")
    folder.replace(SHOP, "also: [{runs_as", "also: [{runs_as: {approle: {}}}, {runs_as")
    said = "the secret_id of shop/web is good for 1 logins in 15m, and ends before the second refresh"
    assert all(said in problem for problem in folder.problems())
    assert len(folder.problems()) == 2
    folder.replace(SHOP, "{approle: {}}", "{approle: {secret_id_uses: 1000, secret_id_ttl: 30d}}")
    assert folder.problems() == []
    store = next(s for s in folder.plan("prod").of(SecretStore) if (s.name, str(s.place)) == ("web-kv", "eu"))
    assert store.provider.login.secret == "web-vault-login"  # type: ignore[union-attr]


def test_an_old_operator_does_not_show_certificates(folder: ProjectFolder) -> None:
    pem = '"-----BEGIN CERTIFICATE-----\\nAA==\\n-----END CERTIFICATE-----"'
    folder.replace(ENVIRONMENT, "vault:\n  auth:\n", f"vault:\n  auth:\n    tls: {{cert: {{ca_pem: {pem}}}}}\n")
    folder.replace(ENVIRONMENT, 'vault: {server: "https://vault.eu.example:8200"}', "vault: {login: certificate}")
    folder.replace(SHOP, "also: [{runs_as", "also: [{runs_as: {certificate: {dns_san: web.example}}}, {runs_as")
    assert folder.problems() == []
    folder.replace(ENVIRONMENT, "      gke:", "      api_version: v1beta1\n      gke:")
    said = "the operator of cluster eu (v1beta1) names neither mount nor role when it shows a certificate"
    assert folder.problems()
    assert all(said in problem for problem in folder.problems())


def test_the_accounts_of_a_cluster_are_annotated_made_or_left_alone(folder: ProjectFolder) -> None:
    def accounts() -> list[tuple[str, bool]]:
        return [(str(account.place), account.create) for account in folder.plan("prod").of(ServiceAccount)]

    assert accounts() == [("eu", False)], "with pod identity and in Vault nobody looks at annotations"
    folder.replace(ENVIRONMENT, "      gke:", "      service_accounts: create\n      gke:")
    assert accounts() == [("eu", True)]
    folder.replace(ENVIRONMENT, "service_accounts: create", "service_accounts: none")
    assert accounts() == []


def test_a_delivery_holds_where_its_workload_and_its_secret_are(folder: ProjectFolder) -> None:
    folder.write("environments/dev.yaml", "environment: dev\n")
    folder.write("Pulumi.dev.yaml", "config:\n  strongroom:environment: dev\n")
    shop = folder.text(SHOP)
    assert any("in dev" in problem or "of dev" in problem for problem in folder.problems())
    everywhere = shop.replace("kubernetes_secret:", "environments: [prod], kubernetes_secret:")
    folder.write(SHOP, everywhere.replace("deliveries:", "deliveries:", 1))
    assert not any("deliveries" in problem for problem in folder.problems())
