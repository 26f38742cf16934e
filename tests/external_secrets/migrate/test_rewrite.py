"""Manifests of External Secrets from v1beta1 to v1: what changes, what does not, and what is left to a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.external_secrets.migrate.rewrite import rewrite
from support.canary import is_in

SECRET = """\
# The password of the old system
apiVersion: v1
kind: Secret
metadata: {name: old, ownerReferences: [{apiVersion: external-secrets.io/v1beta1, kind: ExternalSecret, name: x}]}
stringData:
  password: xK9-canary-4711-value
"""
EXTERNAL = """\
apiVersion: external-secrets.io/v1beta1
kind: ExternalSecret
metadata: {name: stripe, namespace: payments}
spec:
  secretStoreRef: {name: aws}
  target:
    template:
      data: {url: "https://{{ .user }}@stripe.example"}
  data: [{secretKey: user, remoteRef: {key: prod/stripe}}]
"""
STORE = """\
apiVersion: external-secrets.io/v1beta1
kind: SecretStore
metadata: {name: aws}
spec: {provider: %s}
"""


def messages(text: str) -> list[str]:
    return [str(problem) for problem in rewrite(text, "m.yaml").problems]


@pytest.mark.parametrize("kind", ["ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore"])
def test_the_version_is_all_that_changes(kind: str) -> None:
    text = EXTERNAL.replace("ExternalSecret", kind)
    done = rewrite(text, "m.yaml")
    assert done.text == text.replace("v1beta1", "v1")
    assert done.problems == ()
    assert [(change.line, change.title) for change in done.changes] == [(1, f"{kind} payments/stripe")]


def test_comments_quotes_order_and_line_ends_stay() -> None:
    text = "# why\r\nkind: SecretStore # k\r\n'apiVersion' :  'external-secrets.io/v1beta1'  # soon\r\nspec: {}\r\n"
    assert rewrite(text, "m.yaml").text == text.replace("v1beta1", "v1")


def test_templates_of_external_secrets_are_no_templates_of_helm() -> None:
    assert rewrite(EXTERNAL, "m.yaml").changes
    assert rewrite(EXTERNAL.replace("{{ .user }}", "{{ `a` | upper }}"), "m.yaml").changes


@pytest.mark.parametrize(
    "text",
    [
        EXTERNAL.replace("name: stripe", "name: {{ .Values.name }}"),
        EXTERNAL.replace("name: stripe", 'name: "{{ .Release.Name }}-stripe"'),
        EXTERNAL.replace('"https', '"{{ include "common.url" . }}https'),
        EXTERNAL.replace("{{ .user }}", "{{ `{{ .user }}` }}"),
        '{{- if .Values.enabled }}\n---\n' + EXTERNAL + "{{- end }}\n",
    ],
)  # fmt: skip
def test_a_template_of_helm_is_named_and_left_as_it_is(text: str) -> None:
    done = rewrite(text, "templates/stripe.yaml")
    assert (done.text, done.changes) == (text, ())
    (problem,) = done.problems
    assert problem.file == "templates/stripe.yaml"
    assert "is a Helm template" in problem.message


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('apiVersion: external-secrets.io/{{ .Values.version | default "v1beta1" }}\n', True),
        ('{{- define "eso" -}}external-secrets.io/v1beta1{{- end -}}\n', True),
        ("target: {name: {{ .Release.Name }}, group: external-secrets.io, version: v1beta1}\n", True),
        ("apiVersion: external-secrets.io/v1alpha1\nkind: SecretStore\nmetadata: {name: {{ .Release.Name }}}\n", True),
        ("apiVersion: external-secrets.io/v1alpha1\nkind: PushSecret\nmetadata: {name: {{ .Release.Name }}}\n", False),
        ("apiVersion: generators.external-secrets.io/v1alpha1\nkind: UUID\nname: {{ .Release.Name }}\n", False),
        ("apiVersion: external-secrets.io/v1\nname: {{ .Release.Name }}\n---\napiVersion: other/v1beta1\n", False),
    ],
)
def test_a_template_of_helm_without_the_old_version_is_nobodys_task(text: str, named: bool) -> None:
    done = rewrite(text, "templates/a.yaml")
    assert (done.text, bool(done.problems)) == (text, named)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("a: [xK9-canary-4711-value\n", "m.yaml:7:11: is no YAML: did not find expected ',' or ']'"),
        ("\ta: xK9-canary-4711-value\n", "m.yaml:6:1: is no YAML: found character that cannot start any token"),
        ("é: xK9-canary-4711-value\x07\n", "m.yaml:6:26: is no YAML: control characters are not allowed"),
    ],
)
def test_a_document_that_is_no_yaml_is_named_by_its_place_and_the_others_are_rewritten(broken: str, said: str) -> None:
    done = rewrite(f"{STORE % '{}'}---\n{broken}{STORE % '{}'}", "m.yaml")
    assert len(done.changes) == 1
    (problem,) = map(str, done.problems)
    assert problem.startswith(said)
    assert not is_in("xK9-canary-4711-value", problem)


def test_a_document_that_is_no_yaml_because_of_braces_is_left_and_the_others_are_not() -> None:
    broken = EXTERNAL.replace("spec:\n", "{{- with $store }}\nspec:\n")
    done = rewrite(f"{broken}---\n{EXTERNAL}", "m.yaml")
    assert done.text == f"{broken}---\n{EXTERNAL.replace('v1beta1', 'v1')}"
    assert [p.message for p in done.problems] == ["is a template, and no YAML before it is rendered"]


def test_a_secret_in_the_same_file_stays_byte_for_byte_and_is_never_shown() -> None:
    in_one_line = (
        '{"apiVersion": "v1", "kind": "List", "items": ['
        '{"apiVersion": "external-secrets.io/v1beta1", "kind": "SecretStore", "spec": {}}, '
        '{"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "xK9-canary-4711-value"}}]}\n'
    )
    for text in (f"{SECRET}---\n{EXTERNAL}", f"{EXTERNAL}---\n{SECRET}", in_one_line, f"{EXTERNAL}---\n{SECRET}\t@\n"):
        done = rewrite(text, "m.yaml")
        begun, old = (
            text.index('"external-secrets.io' if text is in_one_line else "external-secrets.io/v1beta1\n"),
            "v1beta1",
        )
        assert done.text == text[:begun] + text[begun:].replace(old, "v1", 1)
        assert len(done.changes) == 1
        for said in (*map(str, done.problems), *map(str, done.changes)):
            assert not is_in("xK9-canary-4711-value", said)


def test_what_names_the_old_version_without_being_a_manifest_is_left_to_a_person() -> None:
    patch = "kind: Kustomization\npatches:\n- target: {group: external-secrets.io, version: v1beta1}\n  path: p.yaml\n"
    assert messages(SECRET) == [
        "m.yaml:4:54: names external-secrets.io/v1beta1 within another thing; see whether it is a copy that somebody "
        "keeps (an annotation, an owner), or to be changed (a patch, values)"
    ]
    assert messages(patch) == [
        "m.yaml:3:11: selects by group external-secrets.io and version v1beta1; change its version to v1"
    ]
    policy = "rules:\n- {apiGroups: [external-secrets.io], apiVersions: [v1, v1beta1], resources: ['*']}\n"
    assert messages(policy) == [
        "m.yaml:2:3: selects by group external-secrets.io and version v1beta1; change its version to v1"
    ]
    assert messages(policy.replace("[v1, v1beta1]", "[v1]") + "other: v1beta1\n") == []
    assert messages(f"# once external-secrets.io/v1beta1\n{EXTERNAL}") == []


def test_an_anchor_that_several_manifests_use_is_rewritten_once() -> None:
    text = (
        "kind: List\nitems:\n"
        "- &it {apiVersion: external-secrets.io/v1beta1, kind: SecretStore, spec: {}}\n"
        "- {<<: *it, metadata: {name: b}}\n"
        "- *it\n"
    )
    done = rewrite(text, "m.yaml")
    assert done.text == text.replace("v1beta1", "v1")
    assert len(done.changes) == 1
    assert done.problems == ()


@pytest.mark.parametrize(
    "version",
    [
        "&v external-secrets.io/v1beta1",
        "!!str &v 'external-secrets.io/v1beta1'",
        ">- # external-secrets.io/v1beta1\n  external-secrets.io/v1beta1",
    ],
)
def test_anchors_tags_and_quotes_of_a_version_stay_for_what_refers_to_them(version: str) -> None:
    text = EXTERNAL.replace("external-secrets.io/v1beta1", version, 1)
    done = rewrite(text, "m.yaml")
    assert done.text == "external-secrets.io/v1".join(text.rsplit("external-secrets.io/v1beta1", 1))
    assert done.changes[0].after.endswith("external-secrets.io/v1 ...")


def test_a_version_that_is_written_with_escapes_is_left_to_a_person() -> None:
    text = EXTERNAL.replace("external-secrets.io/v1beta1", r'"external-secrets.io\u002fv1beta1"', 1)
    assert messages(text) == [
        "m.yaml:1:13: apiVersion: is external-secrets.io/v1beta1, but written with escapes; write "
        "external-secrets.io/v1"
    ]


def test_manifests_that_share_a_version_by_an_alias_change_together_or_not_at_all() -> None:
    text = (
        "kind: List\nitems:\n"
        "- {apiVersion: &v external-secrets.io/v1beta1, kind: SecretStore, spec: {}}\n"
        "- {apiVersion: *v, kind: SecretStore, spec: {provider: %s}}\n"
    )
    assert rewrite(text % "{}", "m.yaml").text == (text % "{}").replace("v1beta1", "v1")
    kept = rewrite(text % "{alibaba: {}}", "m.yaml")
    assert (kept.text, len(kept.problems)) == (text % "{alibaba: {}}", 1)


def test_lists_within_lists_and_lists_of_a_kind_are_rewritten_with_all_that_is_in_them() -> None:
    text = (
        "kind: List\nitems:\n- kind: List\n  items: &items\n"
        "  - {apiVersion: external-secrets.io/v1beta1, kind: SecretStore}\n"
        "- {apiVersion: external-secrets.io/v1beta1, kind: SecretStoreList, items: *items}\n"
    )
    done = rewrite(text, "m.yaml")
    assert (done.text, done.problems) == (text.replace("v1beta1", "v1"), ())
    assert [change.line for change in done.changes] == [5, 6]


def test_what_several_manifests_have_by_an_alias_is_said_once() -> None:
    text = (
        "kind: List\nitems:\n"
        "- {apiVersion: external-secrets.io/v1beta1, kind: SecretStore, spec: &s {provider: {alibaba: {}}}}\n"
        "- {apiVersion: external-secrets.io/v1beta1, kind: SecretStore, spec: *s}\n"
    )
    assert len(messages(text)) == 1


BLOCKING = {
    "template engine": (EXTERNAL.replace("template:\n", "template:\n      engineVersion: v1\n"), "template engine v1"),
    "several rewrites in one": (
        EXTERNAL + "  dataFrom: [{extract: {key: a}, rewrite: [{regexp: {}, transform: {}}]}]\n",
        "exactly one",
    ),
    "alibaba": (STORE % "{alibaba: {regionID: x}}", "alibaba was removed"),
    "device42": (STORE % "{device42: {host: x}}", "device42 was removed"),
    "fake values as a map": (STORE % "{fake: {data: [{key: a, valueMap: {b: c}}]}}", "`valueMap` was removed"),
    "conjur": (STORE % "{conjur: {auth: {apikey: {}, jwt: {}}}}", "exactly one key"),
    "kubernetes certificate": (STORE % "{kubernetes: {auth: {cert: {clientCert: {}}}}}", "has no clientKey"),
    "kubernetes token": (STORE % "{kubernetes: {auth: {token: {}}}}", "has no bearerToken"),
    "secret server": (STORE % "{secretserver: {password: {value: a, secretRef: {name: b}}}}", "exactly one of value"),
    "pulumi twice": (STORE % "{pulumi: {accessToken: {}, auth: {}}}", "stands beside `auth`"),
}  # fmt: skip


@pytest.mark.parametrize("case", BLOCKING)
def test_a_manifest_that_v1_refuses_or_would_cut_stays_as_it_is(case: str) -> None:
    text, said = BLOCKING[case]
    done = rewrite(text, "m.yaml")
    assert done.text == text
    (problem,) = done.problems
    assert said in problem.message
    assert problem.remedy.endswith("(the manifest stays v1beta1 until then)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STORE % "{vault: {auth: {userPass: {username: a}}}}", "has no path"),
        (STORE % "{pulumi: {accessToken: {}}}", "is deprecated"),
        (
            EXTERNAL + '  refreshInterval: "0"\n  dataFrom: [{sourceRef: {generatorRef: {}}}]\n',
            "never refreshed",
        ),
    ],
)  # fmt: skip
def test_what_only_behaves_otherwise_is_rewritten_and_named(text: str, said: str) -> None:
    done = rewrite(text, "m.yaml")
    assert done.text == text.replace("v1beta1", "v1", 1)
    assert [said in problem.message for problem in done.problems] == [True]


def test_the_secrets_within_a_cluster_external_secret_are_looked_at_too() -> None:
    text = EXTERNAL.replace("ExternalSecret", "ClusterExternalSecret").replace(
        "spec:\n", "spec:\n  externalSecretSpec: {target: {template: {engineVersion: v1}}}\n"
    )
    (problem,) = rewrite(text, "m.yaml").problems
    assert problem.where == "spec.externalSecretSpec.target.template.engineVersion"


def test_older_and_unknown_versions_are_left_to_a_person() -> None:
    assert "two versions behind" in messages(EXTERNAL.replace("v1beta1", "v1alpha1"))[0]
    assert "never had a kind" in messages(EXTERNAL.replace("ExternalSecret", "PushSecret"))[0]
    push = EXTERNAL.replace("v1beta1", "v1alpha1").replace("ExternalSecret", "PushSecret")
    assert messages(push) == []


# Whatever it is, but a sign of Helm (`{{"{{`), which leaves the whole file to a person.
names = st.text("abc: {}[]'\"#-\n&*!%@\t\r é𝔘", max_size=30).filter(lambda text: "{{" not in text)


@given(names, names)
def test_whatever_stands_around_a_manifest_stays_and_a_second_run_finds_nothing(before: str, after: str) -> None:
    text = f"# {before}\n---\n{EXTERNAL}---\n{after}"
    once = rewrite(text, "m.yaml")
    assert once.text == text.replace("external-secrets.io/v1beta1", "external-secrets.io/v1")
    twice = rewrite(once.text, "m.yaml")
    assert (twice.text, twice.changes) == (once.text, ())


def test_a_document_that_is_nested_without_end_ends_no_run() -> None:
    deep = "[" * 5000 + "]" * 5000
    done = rewrite(f"{STORE % deep}---\n{EXTERNAL}", "m.yaml")
    assert len(done.changes) == 2
