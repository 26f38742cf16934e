"""What a plan would lose of what a stack holds: found from plan and state, without a server."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import strongroom
from strongroom.errors import WrongInputError
from strongroom.plan.plan import Plan
from strongroom.plan.record import Record
from strongroom.safeguards.contents import Unasked
from strongroom.safeguards.deployed import Deployed, deployed, read
from strongroom.safeguards.findings import Finding, find
from strongroom.safeguards.guard import judge, lines, position
from strongroom.safeguards.holding import Holding, Place
from strongroom.safeguards.planned import NOT_HELD, planned
from support.generated import Generated, projects
from support.projects import COMMON, DEV, IDENTITY, PAYMENTS, ProjectFolder
from support.saved_state import state_of

ENGINES = """\
    transit: {}
    ssh: {}
    totp: {}
    pki:
      root: {common_name: Root, ttl: 3650d}
      intermediate: {common_name: Issuing, ttl: 1825d}
      domains: {payments: [payments.example]}
    database:
"""
SECRETS = """\
  card:
    encryption_key: {type: aes256-gcm96}
  code:
    totp: {issuer: Payments, account: root@payments.example}
  orders-db:
"""
OFFLINE = Unasked("no server was asked")


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    """The example project with every engine, protected."""
    found = ProjectFolder(tmp_path).replace(COMMON, "    database:\n", ENGINES)
    found.replace(PAYMENTS, "  orders-db:\n", SECRETS).replace(DEV, "protect: false\n", "")
    assert found.problems() == []
    return found


@pytest.fixture
def state(project: ProjectFolder) -> dict[str, Any]:
    """What its deployment leaves."""
    return state_of(project.root, "dev")


def _found(project: ProjectFolder, state: Mapping[str, Any]) -> list[Finding]:
    return list(judge(project.plan("dev"), state, OFFLINE).refused)


def _said(project: ProjectFolder, state: Mapping[str, Any]) -> list[str]:
    """`file:line: path: change` of each finding."""
    read_again = project.read()
    where = [position(read_again, "dev", finding) for finding in _found(project, state)]
    return [
        f"{place.file.removeprefix('stacks/')}:{place.line}: {finding.path}: {finding.change}"
        for place, finding in zip(where, _found(project, state), strict=True)
    ]


def test_what_was_deployed_loses_nothing_when_it_is_deployed_again(
    project: ProjectFolder, state: dict[str, Any]
) -> None:
    assert _said(project, state) == []
    assert len(deployed(state).holdings) == len(planned(project.plan("dev"))) == 15


# Each example runs whole programs; how long that takes says nothing about them.
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(projects())
def test_no_project_loses_anything_when_it_is_deployed_again(
    tmp_path_factory: pytest.TempPathFactory, generated: Generated
) -> None:
    folder = tmp_path_factory.mktemp("project")
    written = generated.write(ProjectFolder(folder, {}))
    if written.problems():
        return
    for stack in written.read().stacks:
        plan = written.plan(stack)
        now = deployed(state_of(folder, stack))
        assert judge(plan, state_of(folder, stack), OFFLINE).refused == ()
        wanted = planned(plan)
        assert wanted.keys() == now.holdings.keys()
        for path, holding in wanted.items():
            was = now.holdings[path]
            assert (holding.engine, holding.protected) == (was.engine, was.protected), path
            assert holding.fixed.items() <= was.fixed.items() | {("signed_by", "")}, path
            assert holding.not_lower.items() == was.not_lower.items(), path


def _records() -> set[type[Record]]:
    """Every kind of record that is protected."""
    for module in pkgutil.walk_packages(strongroom.__path__, "strongroom."):
        if module.name.endswith(".plan"):
            importlib.import_module(module.name)
    found, todo = set(), [Record]
    while todo:
        kinds = todo.pop().__subclasses__()
        found |= {kind for kind in kinds if "protect" in {field.name for field in fields(kind)}}
        todo += kinds
    return found


def test_whatever_is_protected_is_guarded_or_said_to_hold_nothing() -> None:
    """A new room is found here. One whose mount has its name needs no line; see `planned._holdings` for others."""
    own = {"vault.transit.key", "vault.totp.key", "vault.database.connection", "vault.namespace", "vault.adopted"}
    own |= {"aws.secrets_manager.secret", "aws.kms.key", "gcp.secret_manager.secret", "gcp.kms.key"}
    own |= {"azure.key_vault.vault", "azure.key_vault.key", "kubernetes.secrets.deployed"}
    for kind in _records():
        if kind.kind not in NOT_HELD | own:
            names = [field.name for field in fields(kind)]
            record = kind(
                **dict.fromkeys(names, "x") | {"generations": ()}
                if "generations" in names
                else dict.fromkeys(names, "x")
            )
            assert record.key == "x", f"{kind.kind} is protected, and no mount"


def test_every_generation_of_an_authority_is_an_issuer_of_its_own(project: ProjectFolder) -> None:
    project.replace(COMMON, "ttl: 1825d}", "ttl: 1825d, generations: [1, 2]}")
    issuers = {path.rpartition("/")[2] for path in planned(project.plan("dev")) if "/issuer/" in path}
    assert issuers == {"Root", "Issuing", "Issuing G2"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    transit: {}\n",
            "    transit: {mount: 'keys-{{ environment }}'}\n",
            ["environments/common.yaml:14: transit-dev: the mount is declared at another path: keys-dev"],
        ),
        (
            "machines: {approle: {}}",
            "robots: {approle: {}}",
            [
                "environments/common.yaml:12: auth/machines-dev: the auth method is declared at another path: "
                "auth/robots-dev"
            ],
        ),
        (
            "  archive: {vault_kv: {max_versions: 1}}\n",
            "",
            ["environments/common.yaml:2: archive-dev: the mount is not declared any more"],
        ),
        (
            "  archive: {vault_kv: {max_versions: 1}}\n",
            "  archive: {vault_kv_v1: {}}\n",
            [
                "environments/common.yaml:4: archive-dev: its type changes from kv to kv_v1, which makes another "
                "mount in its place"
            ],
        ),
        (
            "  kv: {vault_kv: {}}\n",
            "  kv: {vault_kv: {max_versions: 3}}\n",
            [
                "environments/common.yaml:3: kv-dev: max_versions is lowered from 10 to 3: each write drops "
                "the versions beyond it"
            ],
        ),
        (
            "ssh: {}",
            "ssh: {key_type: ssh-rsa}",
            [
                "environments/common.yaml:15: ssh-dev: key_type from 'ssh-ed25519' to 'ssh-rsa' changes, which makes "
                "another one in its place"
            ],
        ),
        (
            "intermediate: {common_name: Issuing,",
            "intermediate: {common_name: Issuing 2026,",
            ["environments/common.yaml:17: pki-dev/issuer/Issuing: it is not declared any more"],
        ),
        (
            "root: {common_name: Root, ttl: 3650d}",
            "root: {common_name: Root, ttl: 2000d}",
            [
                "environments/common.yaml:18: pki-dev-root/issuer/Root: ttl_seconds from 315360000 to 172800000 "
                "changes, which makes another one in its place"
            ],
        ),
    ],
)
def test_a_change_of_an_environment_that_loses_something_is_found_with_its_place(
    project: ProjectFolder, state: dict[str, Any], old: str, new: str, said: list[str]
) -> None:
    project.replace(COMMON, old, new)
    found = _said(project, state)
    assert [line for line in found if "is kept at" not in line] == said or found == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "encryption_key: {type: aes256-gcm96}",
            "encryption_key: {type: chacha20-poly1305}",
            "catalog/payments.yaml:12: transit-dev/keys/payments.card: type from 'aes256-gcm96' to 'chacha20-poly1305' "
            "changes, which makes another one in its place",
        ),
        (
            "encryption_key: {type: aes256-gcm96}",
            "encryption_key: {derived: true}",
            "catalog/payments.yaml:12: transit-dev/keys/payments.card: derived from False to True changes, which makes "
            "another one in its place",
        ),
        (
            "encryption_key: {type: aes256-gcm96}",
            "encryption_key: {min_decryption_versions: {dev: 2}}",
            "catalog/payments.yaml:12: transit-dev/keys/payments.card: min_decryption_version is raised from 1 to 2",
        ),
        (
            "  card:\n    encryption_key: {type: aes256-gcm96}\n",
            "",
            "catalog/payments.yaml:7: transit-dev/keys/payments.card: it is not declared any more",
        ),
        (
            "  code:\n    totp: {issuer: Payments, account: root@payments.example}\n",
            "",
            "catalog/payments.yaml:7: totp-dev/keys/payments.code: it is not declared any more",
        ),
        (
            "    fields: [api_key, webhook_secret]\n",
            "    fields: [api_key, webhook_secret]\n    path: payments/psp\n",
            "catalog/payments.yaml:8: kv-dev/payments/stripe: secret payments/stripe is kept at kv-dev/payments/psp",
        ),
        (
            "    fields: [api_key, webhook_secret]\n",
            "    fields: [api_key, webhook_secret]\n    store: archive\n",
            "catalog/payments.yaml:8: kv-dev/payments/stripe: secret payments/stripe is kept at "
            "archive-dev/payments/stripe",
        ),
    ],
)
def test_a_change_of_a_catalog_that_loses_something_is_found_with_its_place(
    project: ProjectFolder, state: dict[str, Any], old: str, new: str, said: str
) -> None:
    project.replace(PAYMENTS, old, new)
    assert _said(project, state) == [said]


def test_a_secret_with_another_name_or_team_is_found_by_its_fields(
    project: ProjectFolder, state: dict[str, Any]
) -> None:
    project.replace(IDENTITY, "  session:\n", "  sessions:\n")
    (project.root / "stacks" / IDENTITY).write_text(
        (project.root / "stacks" / IDENTITY).read_text().replace("secret: session,", "secret: sessions,")
    )
    (finding,) = _found(project, state)
    assert finding.change == (
        "secret identity/session is not declared any more; identity/sessions has its fields and is kept at "
        "kv-dev/identity/sessions"
    )
    assert finding.commands == (("values", "copy", "kv-dev/identity/session", "identity/sessions"),)


def test_a_secret_that_is_not_declared_any_more_stays_where_it_is_and_is_no_finding(
    project: ProjectFolder, state: dict[str, Any]
) -> None:
    text = (project.root / "stacks" / PAYMENTS).read_text()
    text = text.replace("  stripe:\n    fields: [api_key, webhook_secret]\n    rotate_every: 90d\n", "")
    project.write(PAYMENTS, text.replace("  - {workload: checkout, secret: stripe, can: [read]}\n", ""))
    assert _said(project, state) == []


def test_a_protection_that_is_taken_away_is_a_finding_for_each_thing(
    project: ProjectFolder, state: dict[str, Any]
) -> None:
    project.append(DEV, "protect: false\n")
    found = _found(project, state)
    assert {finding.change for finding in found} == {"its protection is taken away"}
    assert {finding.path for finding in found} == planned(project.plan("dev")).keys()
    assert {position(project.read(), "dev", finding).line for finding in found} == {4}


def test_in_a_team_slice_only_what_it_made_itself_is_looked_at(project: ProjectFolder) -> None:
    plan, state = _slice(project)
    assert judge(plan, state, OFFLINE).refused == ()
    project.replace(PAYMENTS, "type: aes256-gcm96", "type: ed25519")
    assert [f.path for f in judge(project.plan("team"), state, OFFLINE).refused] == ["transit-dev/keys/payments.card"]


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ("  card:\n    encryption_key: {type: aes256-gcm96}\n", "transit-dev/keys/payments.card"),
        ("  code:\n    totp: {issuer: Payments, account: root@payments.example}\n", "totp-dev/keys/payments.code"),
    ],
)
def test_a_key_that_is_removed_in_a_team_slice_is_found_though_another_stack_has_its_mount(
    project: ProjectFolder, section: str, path: str
) -> None:
    plan, state = _slice(project)
    assert judge(plan, state, OFFLINE).refused == ()
    project.replace(PAYMENTS, section, "")
    (finding,) = judge(project.plan("team"), state, OFFLINE).refused
    assert (finding.path, finding.change, finding.commands) == (path, "it is not declared any more", ())
    assert position(project.read(), "dev", finding).file == "stacks/catalog/payments.yaml"


def test_a_team_slice_follows_a_mount_that_another_stack_moves(project: ProjectFolder) -> None:
    _, state = _slice(project)
    project.replace(COMMON, "    transit: {}\n", "    transit: {mount: 'keys-{{ environment }}'}\n")
    (finding,) = judge(project.plan("team"), state, OFFLINE).refused
    assert finding.path == "transit-dev/keys/payments.card"
    assert finding.change == "it is declared in another mount: keys-dev"
    assert finding.commands == (("remount", "transit-dev", "keys-dev"),)


def _slice(project: ProjectFolder) -> tuple[Plan, dict[str, Any]]:
    """The plan of one team's stack, and the state that its deployment leaves."""
    config = {"strongroom:environment": "dev", "strongroom:slice": "payments"}
    project.write("Pulumi.team.yaml", "config:\n  strongroom:environment: dev\n  strongroom:slice: payments\n")
    return project.plan("team"), state_of(project.root, "team", config)


def test_nothing_deployed_means_nothing_to_lose(project: ProjectFolder) -> None:
    states: tuple[dict[str, Any], ...] = (
        {"version": 3, "deployment": {}},
        {"deployment": {"resources": []}},
        {"deployment": None},
    )
    for empty in states:
        assert _said(project, empty) == []


def test_what_may_be_lost_is_named_exactly_and_nothing_else_is_let_through(
    project: ProjectFolder, state: dict[str, Any]
) -> None:
    project.replace(COMMON, "  archive: {vault_kv: {max_versions: 1}}\n", "").replace(
        COMMON, "ssh: {}", "ssh: {mount: 's-{{ environment }}'}"
    )
    plan = project.plan("dev")
    verdict = judge(plan, state, OFFLINE, ["archive-dev"])
    assert [finding.path for finding in verdict.allowed] == ["archive-dev"]
    assert [finding.path for finding in verdict.refused] == ["ssh-dev"]
    shown = lines(verdict, project.read(), "dev", ["--stack", "dev"])
    assert shown[0] == "allowed to be lost: archive-dev: the mount is not declared any more"
    assert shown[-1] == "  safe:  strongroom remount --stack dev ssh-dev s-dev"
    for pattern in ("*", "archive-*", "archive", "archive-dev/", "kv-dev", ""):
        with pytest.raises(WrongInputError, match="nothing of that exact path would be lost"):
            judge(plan, state, OFFLINE, [pattern])


class _Server(Unasked):
    """A server that holds what it is told to."""

    def __init__(self, mounts: Mapping[str, str], full: tuple[str, ...] = ()) -> None:
        super().__init__("")
        self._mounts, self._full = mounts, full

    def mounted(self) -> Mapping[str, str]:
        return self._mounts

    def of(self, holding: Holding) -> str:
        return "something" if holding.path in self._full else ""

    def values_at(self, place: Place, otherwise: bool) -> bool:  # noqa: ARG002
        return str(place) in self._full


def _now(*holdings: Holding, **secrets: Place) -> Deployed:
    return Deployed(
        {holding.path: holding for holding in holdings}, {k.replace("__", "/"): p for k, p in secrets.items()}
    )


KV = Holding(path="kv", mount="kv", engine="kv", protected=True, accessor="kv_1")


def test_a_mount_that_holds_nothing_may_go() -> None:
    assert find({}, {}, _now(replace(KV, protected=False)), _Server({"kv": "kv_1"})) == []
    assert find({}, {}, _now(KV), _Server({"other": "kv_2"})) == []  # somebody has removed it already
    (finding,) = find({}, {}, _now(KV), _Server({"kv": "kv_1"}))
    assert finding.loses == "nothing is in it, but it is protected, and the engine would stop half-way"
    assert [f.loses for f in find({}, {}, _now(KV), _Server({"kv": "kv_1"}, full=("kv",)))] == ["something"]


def test_a_move_that_was_cut_short_is_to_be_ended_not_begun_anew() -> None:
    other = replace(KV, path="new", mount="new", accessor="")
    (finding,) = find({"new": other}, {}, _now(KV), _Server({"new": "kv_1"}))
    assert finding.commands == (("remount", "kv", "new"),)
    assert "the state does not know" in finding.change


def test_a_path_that_somebody_else_has_taken_is_found_before_the_engine_finds_it() -> None:
    other = replace(KV, path="new", mount="new", accessor="")
    for taken in ("new", "new/below"):
        (finding,) = find({"new": other, "kv": KV}, {}, _now(KV), _Server({"kv": "kv_1", taken: "kv_2"}))
        assert finding.change == f"there is a mount at {taken} already, which this stack did not make"
        assert (finding.commands, finding.allowable) == ((), False)


def test_an_auth_method_does_not_become_one_of_another_kind_at_the_same_path_even_if_nobody_uses_it() -> None:
    jwt = replace(KV, path="auth/cluster-dev", mount="auth/cluster-dev", engine="jwt", accessor="jwt_1")
    kubernetes = replace(jwt, engine="kubernetes", accessor="")
    (finding,) = find({jwt.path: kubernetes}, {}, _now(jwt), _Server({jwt.path: "jwt_1"}))
    assert finding.change == (
        "its type changes from jwt to kubernetes, and the engine would make the new one before it removes the old one"
    )
    assert (finding.allowable, finding.advice.partition(",")[0]) == (
        False,
        "declare the new one under another name beside this one",
    )


def test_values_that_are_at_the_new_place_already_are_not_left_behind() -> None:
    old, new = (Place(mount="kv", path=path, fields=("f",)) for path in ("old", "new"))
    now = _now(KV, team__s=old)
    assert find({"kv": KV}, {"team/s": new}, now, _Server({"kv": "kv_1"}, full=("kv/old", "kv/new"))) == []
    assert find({"kv": KV}, {"team/s": new}, now, _Server({"kv": "kv_1"})) == []
    (finding,) = find({"kv": KV}, {"team/s": new}, now, _Server({"kv": "kv_1"}, full=("kv/old",)))
    assert finding.commands == (("values", "copy", "kv/old", "team/s"),)


def test_of_two_new_mounts_the_one_that_is_to_have_what_is_in_the_old_one_is_taken(
    project: ProjectFolder, state: dict[str, Any]
) -> None:
    project.replace(COMMON, "    pki:\n", "    pki:\n      mount: 'certificates-{{ environment }}'\n")
    project.replace(COMMON, "  kv: {vault_kv: {}}\n", "  kv: {vault_kv: {mount: 'values-{{ environment }}'}}\n")
    project.replace(COMMON, "  archive: {vault_kv: {m", "  archive: {vault_kv: {mount: 'old-{{ environment }}', m")
    project.replace(COMMON, '"kv-{{ environment }}/metadata/*"', '"values-{{ environment }}/metadata/*"')
    found = {finding.path: finding.commands for finding in _found(project, state)}
    assert found["pki-dev"] == (("remount", "pki-dev", "certificates-dev"),)
    assert found["pki-dev-root"] == (("remount", "pki-dev-root", "certificates-dev-root"),)
    assert found["kv-dev"] == (("remount", "kv-dev", "values-dev"),)
    # Nothing tells which of the two this one is, as no secret was kept in it.
    assert found["archive-dev"] == tuple(("remount", "archive-dev", f"{name}-dev") for name in ("old", "values"))


def test_where_two_methods_are_new_each_is_offered() -> None:
    new = {path: replace(KV, path=path, mount=path, accessor="") for path in ("a", "b")}
    (finding,) = find(new, {}, _now(KV), _Server({"kv": "kv_1"}, full=("kv",)))
    assert finding.commands == (("remount", "kv", "a"), ("remount", "kv", "b"))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployment": {"resources": [1]}}', "nothing"])
def test_a_file_that_is_no_state_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(WrongInputError, match="is no state of a stack"):
        read(tmp_path / "state.json")
