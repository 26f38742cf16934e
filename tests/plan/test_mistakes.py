"""What is wrong with a file's shape or its names, as `strongroom check` says it."""

import pytest

from strongroom.spec.catalog import SECRET_KINDS
from strongroom.spec.identity import IDENTITY_KINDS
from strongroom.spec.names import NAME_MAX, NAME_PATTERN
from support.projects import COMMON, DEV, IDENTITY, PAYMENTS, PROD, ProjectFolder

KINDS = ", ".join(IDENTITY_KINDS)
FORM = f"it must match {NAME_PATTERN}"
ONE_KIND = (
    f"7:5: secrets.session: name exactly one of {', '.join(SECRET_KINDS)}; "
    "fields: the names of stored values; database: credentials on demand"
    + "".join(f"; {name}: {what}" for name, what in list(SECRET_KINDS.items())[2:])
)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            PAYMENTS,
            "rotate_every",
            "rotate_evry",
            "catalog/payments.yaml:10:5: secrets.stripe.rotate_evry: unknown key; did you mean 'rotate_every'?",
        ),
        (PAYMENTS, "grants:", "grant:", "catalog/payments.yaml:13:1: grant: unknown key; did you mean 'grants'?"),
        (DEV, "protect:", "protected:", "environments/dev.yaml:4:1: protected: unknown key; did you mean 'protect'?"),
        (
            "Pulumi.dev.yaml",
            "strongroom:environment: dev",
            "strongroom:environment: dev\n  strongroom:slise: platform",
            "Pulumi.dev.yaml:3:3: slise: unknown key; did you mean 'slice'?",
        ),
    ],
)
def test_an_unknown_key_is_reported_with_the_nearest_known_one(
    folder: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    assert folder.replace(file, old, new).problems() == [problem]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            PAYMENTS,
            "fields: [api_key, webhook_secret]",
            "fields: api_key",
            "catalog/payments.yaml:9:13: secrets.stripe.fields: needs a list, found text 'api_key'; "
            "write a single item as [item]",
        ),
        (
            DEV,
            "protect: false",
            'protect: "no"',
            "environments/dev.yaml:4:10: protect: needs true or false, found text 'no'; write false",
        ),
        (
            DEV,
            "protect: false",
            "protect: 0",
            "environments/dev.yaml:4:10: protect: needs true or false, found a whole number 0",
        ),
        (
            COMMON,
            "max_versions: 1",
            "max_versions: true",
            "environments/common.yaml:4:38: stores.archive.vault_kv.max_versions: needs a whole number, found true",
        ),
        (
            COMMON,
            "max_versions: 1",
            "max_versions: 0",
            "environments/common.yaml:4:38: stores.archive.vault_kv.max_versions: must be at least 1, found 0",
        ),
        (
            PAYMENTS,
            "rotate_every: 90d",
            "rotate_every: 90",
            "catalog/payments.yaml:10:19: secrets.stripe.rotate_every: needs a duration: a whole number and one of "
            "s, m, h, d; found 90; for example 1h or 90d",
        ),
        (
            "Pulumi.dev.yaml",
            "environment: dev",
            "environment: 7",
            "Pulumi.dev.yaml:2:27: environment: needs text, found a whole number 7; put it in quotes",
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_reported_with_what_is_needed(
    folder: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    assert folder.replace(file, old, new).problems() == [problem]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            PAYMENTS,
            "default_ttl: 1h",
            "default_ttl: 25h",
            "catalog/payments.yaml:12:15: secrets.orders-db.database: default_ttl 25h is longer than max_ttl 1d; "
            "the server would cut it silently; lower default_ttl or raise max_ttl",
        ),
        (
            PAYMENTS,
            "default_ttl: 1h, max_ttl: 24h",
            "max_ttl: 10m",
            "catalog/payments.yaml:12:15: secrets.orders-db.database: default_ttl 1h is longer than max_ttl 10m; "
            "the server would cut it silently; lower default_ttl or raise max_ttl",
        ),
        (
            COMMON,
            "machines: {approle: {}}",
            "machines: {approle: {token_ttl: 5h}}",
            "environments/common.yaml:12:25: vault.auth.machines.approle: token_ttl 5h is longer than token_max_ttl "
            "4h; lower token_ttl or raise token_max_ttl",
        ),
    ],
)
def test_a_default_lifetime_above_the_longest_one_is_refused(
    folder: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    assert folder.replace(file, old, new).problems() == [problem]


@pytest.mark.parametrize(
    ("file", "old", "new", "where"),
    [
        (PAYMENTS, "default_ttl: 1h", "default_ttl: 0s", "12:67: secrets.orders-db.database.default_ttl"),
        (PAYMENTS, "rotate_every: 90d", "rotate_every: 0d", "10:19: secrets.stripe.rotate_every"),
        (
            PAYMENTS,
            "approle: {}",
            "approle: {secret_id_ttl: 0m}",
            "6:40: workloads.settlement.runs_as.approle.secret_id_ttl",
        ),
        (COMMON, "max_versions: 1", "delete_version_after: 0s", "4:46: stores.archive.vault_kv.delete_version_after"),
        (COMMON, "{approle: {}}", "{approle: {token_ttl: 0s}}", "12:37: vault.auth.machines.approle.token_ttl"),
    ],
)
def test_a_duration_of_zero_is_refused_as_servers_take_it_for_forever(
    folder: ProjectFolder, file: str, old: str, new: str, where: str
) -> None:
    assert folder.replace(file, old, new).problems() == [
        f"{file}:{where}: the duration is 0; write at least 1s, or leave the key out"
    ]


NAMES = {
    "a*": f"'a*': the name has '*' at character 2; {FORM}",
    "a+b": f"'a+b': the name has '+' at character 2; {FORM}",
    "a/../b": f"'a/../b': the name has '/' at character 2; {FORM}",
    "a.b": f"'a.b': the name has '.' at character 2; {FORM}",
    "a b": f"'a b': the name has U+0020 SPACE at character 2; {FORM}",
    "'{{ x }}'": f"'{{{{ x }}}}': the name has '{{' at character 1; {FORM}",
    "'a\"b'": f"'a\"b': the name has '\"' at character 2; {FORM}",
    '"a\'b"': f'"a\'b": the name has "\'" at character 2; {FORM}',
    "'a}'": f"'a}}': the name has '}}' at character 2; {FORM}",
    '"a\\nb"': f"'a\\nb': the name has U+000A control character at character 2; {FORM}",
    "p\u0430y": f"'p\\u0430y': the name has U+0430 CYRILLIC SMALL LETTER A at character 2; {FORM}",
    "pay\u200b": f"'pay\\u200b': the name has U+200B ZERO WIDTH SPACE at character 4; {FORM}",
    "Pay": f"Pay: the name has 'P' at character 1; {FORM}",
    "-a": f"-a: the name is not of the right form; {FORM}",
    "a--b": f"a--b: the name is not of the right form; {FORM}",
    "9a": f"9a: the name is not of the right form; {FORM}",
    "''": "'': the name is empty",
    "a" * (NAME_MAX + 1): f"{'a' * 41}: the name has 41 characters, the limit is 40; choose a shorter one",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_could_be_taken_for_something_else_is_refused_wherever_it_stands(
    folder: ProjectFolder, name: str
) -> None:
    shown, message = NAMES[name].split(": ", 1)
    folder.replace(PAYMENTS, "  stripe:\n", f"  {name}:\n").replace(PAYMENTS, "secret: stripe", f"secret: {name}")
    folder.replace(COMMON, "  archive:", f"  {name}:").replace(IDENTITY, "  login:\n", f"  {name}:\n")
    found = folder.problems()
    assert f"catalog/payments.yaml:8:3: secrets.{shown}: {message}" in found
    assert f"catalog/payments.yaml:14:34: grants[0].secret: {message}" in found
    assert f"catalog/identity.yaml:3:3: workloads.{shown}: {message}" in found
    assert f"environments/common.yaml:4:3: stores.{shown}: {message}" in found


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("''", "'{{ x }}'")])
def test_a_team_or_environment_with_such_a_name_is_refused(folder: ProjectFolder, name: str) -> None:
    message = NAMES[name].split(": ", 1)[1]
    folder.replace(IDENTITY, "team: identity", f"team: {name}")
    folder.replace("Pulumi.dev.yaml", "environment: dev", f"environment: {name}")
    found = folder.problems()
    assert f"catalog/identity.yaml:1:7: team: {message}" in found
    assert f"Pulumi.dev.yaml:2:27: environment: {message}" in found


def test_a_nul_is_refused_before_anything_else(folder: ProjectFolder) -> None:
    assert folder.replace(PAYMENTS, "  stripe:\n", '  "a\\0b":\n').problems()[0] == (
        "catalog/payments.yaml:8:3: secrets: the text holds U+0000, a control character; remove the escape"
    )


@pytest.mark.parametrize("team", ["all", "platform"])
def test_no_team_is_called_as_a_slice_of_every_environment_is(folder: ProjectFolder, team: str) -> None:
    assert (
        f"catalog/identity.yaml:1:7: team: '{team}' names a slice of every environment and cannot be a team; "
        in (folder.replace(IDENTITY, "team: identity", f"team: {team}").problems()[0])
    )


def test_a_team_is_called_the_same_in_every_environment(folder: ProjectFolder) -> None:
    assert folder.replace(IDENTITY, "team: identity", 'team: "id-{{ environment }}"').problems() == [
        "catalog/identity.yaml:1:7: team: a team is called the same in every environment; write it out"
    ]


def test_all_that_is_wrong_with_all_files_is_said_at_once(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "rotate_every", "rotate_evry").replace(PAYMENTS, "workload: checkout", "workload: chekout")
    folder.replace(PAYMENTS, "max_ttl: 24h", "max_ttl: 1m")
    folder.replace(IDENTITY, "fields: [key]", "fields: key").replace(IDENTITY, "payments/checkout", "payments/chekout")
    folder.replace(COMMON, "identity/login", "identity/logn").replace(COMMON, "default_store: kv", "default_store: kw")
    folder.replace(PROD, "settings:", "protekt: true\nsettings:")
    folder.write("Pulumi.qa.yaml", "config:\n  strongroom:environment: pord\n")
    folder.write("Pulumi.x.yaml", "config: {strongroom:environment: 7, strongroom:slyce: all}\n")
    folder.write("catalog/search.yaml", "team: search\nteam: search\n")
    assert [line.split(": ", 2)[0:2] for line in folder.problems()] == [
        ["Pulumi.qa.yaml:2:27", "config.'strongroom:environment'"],
        ["Pulumi.x.yaml:1:34", "environment"],
        ["Pulumi.x.yaml:1:37", "slyce"],
        ["catalog/identity.yaml:7:13", "secrets.session.fields"],
        ["catalog/payments.yaml:10:5", "secrets.stripe.rotate_evry"],
        ["catalog/payments.yaml:12:15", "secrets.orders-db.database"],
        ["catalog/payments.yaml:14:16", "grants[0].workload"],
        ["catalog/search.yaml:2:1", "team"],
        ["environments/common.yaml:1:16", "default_store"],
        ["environments/prod.yaml:3:1", "protekt"],
    ]


def test_a_broken_item_still_counts_as_declared(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "service_account: checkout", "serviceaccount: checkout")
    folder.replace(COMMON, "oidc_discovery_url: https", "oidc_discovery_url: http")
    folder.replace(COMMON, "max_versions: 1", "max_versions: 0").replace(
        PAYMENTS, "rotate_every: 90d", "store: archive"
    )
    assert [line.split(": ", 2)[1] for line in folder.problems()] == [
        "workloads.checkout.runs_as.kubernetes",
        "workloads.checkout.runs_as.kubernetes.serviceaccount",
        "stores.archive.vault_kv.max_versions",
        "vault.auth.cluster.jwt.oidc_discovery_url",
    ]


def test_behind_a_broken_grant_list_positions_are_those_of_the_file(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "workload: checkout", "workload: Check")
    folder.replace(PAYMENTS, "secret: orders-db", "secret: orders")
    assert folder.problems()[1] == (
        "catalog/payments.yaml:15:36: grants[1].secret: team payments has no secret 'orders'; did you mean 'orders-db'?"
    )


def test_catalogs_are_checked_even_if_nothing_else_is_there(folder: ProjectFolder) -> None:
    for file in ("Pulumi.dev.yaml", "Pulumi.prod.yaml", DEV, PROD, COMMON):
        folder.remove(file)
    assert folder.replace(PAYMENTS, "rotate_every", "rotate_evry").problems() == [
        "stacks: there is no stack; `pulumi stack init NAME` makes Pulumi.NAME.yaml",
        "catalog/payments.yaml:10:5: secrets.stripe.rotate_evry: unknown key; did you mean 'rotate_every'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    fields: [key]\n", "    description: none\n",
         ONE_KIND),
        ("fields: [key]", "fields: []", ONE_KIND),
        ("fields: [key]", "fields: [key, key]", "7:5: secrets.session: a field is named twice"),
        ("fields: [key]", "database: {connection: orders, access: readonly}\n    store: kv",
         "7:5: secrets.session: store has no meaning beside database; leave it out"),
        ("fields: [key]", "database: {connection: orders}",
         "7:15: secrets.session.database: name exactly one of access and statements"),
        ("{kubernetes: {namespace: identity, service_account: login}}", "{}",
         "4:14: workloads.login.runs_as: no identity is given; "
         f"name exactly one of: {KINDS}"),
        ("{kubernetes: {namespace: identity, service_account: login}}", "{approle: {}, jwt: {subject: a}}",
         "4:14: workloads.login.runs_as: identity is given as approle and jwt at once; "
         f"name exactly one of: {KINDS}"),
        ("{kubernetes: {namespace: identity, service_account: login}}", "{approle: null}",
         "4:14: workloads.login.runs_as: no identity is given; write {} for one with defaults, and name exactly one "
         f"of: {KINDS}"),
    ],
)  # fmt: skip
def test_what_says_too_little_or_too_much_is_refused(folder: ProjectFolder, old: str, new: str, problem: str) -> None:
    assert folder.replace(IDENTITY, old, new).problems() == [f"catalog/identity.yaml:{problem}"]


@pytest.mark.parametrize("file", ["catalog/ops.yml", "environments/qa.yml", "Pulumi.qa.yml"])
def test_a_file_that_would_be_left_out_for_its_ending_is_refused(folder: ProjectFolder, file: str) -> None:
    folder.write(file, "team: ops\n")
    assert folder.problems() == [f"{file}: only files that end in .yaml are read; rename it"]
