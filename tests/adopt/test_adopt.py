"""The command's own rules: nothing is overwritten, nothing unsound is written, nothing is dropped in silence."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from strongroom.adopt import adopt as room
from strongroom.adopt.adopt import Adoption, adopt
from strongroom.errors import WrongInputError
from strongroom.spec.problems import SpecError
from strongroom.vault.profile import Flavour, Profile
from support.answers import Answers
from support.projects import FILES, ProjectFolder

Adopt = Callable[..., Adoption]


class _Adapter:
    namespace = None


class _Client:
    adapter = _Adapter()


@pytest.fixture
def adopting(monkeypatch: pytest.MonkeyPatch, answers: Answers, flavour: Flavour) -> Answers:
    """A connection that answers as recorded."""
    answers.address = "https://vault.example:8200"  # type: ignore[attr-defined]
    answers.client = _Client()  # type: ignore[attr-defined]
    version = {"openbao": "2.7.2", "vault": "1.21.0"}[flavour]
    answers.profile = lambda: Profile(flavour, version)  # type: ignore[attr-defined]
    monkeypatch.setattr(room, "connect", lambda _: answers)
    return answers


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: strongroom\nruntime: python\nmain: stacks/\nstackConfigDir: stacks\n")
    return tmp_path


@pytest.mark.usefixtures("adopting")
def test_the_files_of_a_stack_are_written_and_named(empty: Path) -> None:
    done = adopt(empty, "legacy")
    assert done.written == (
        "stacks/Pulumi.legacy.yaml",
        "stacks/environments/legacy.yaml",
        "stacks/catalog/adopted.yaml",
        "stacks/catalog/myapp.yaml",
        "legacy.import.json",
    )
    assert all((empty / file).is_file() for file in done.written)
    assert done.imported > 30
    assert done.not_there == ()
    left = yaml.safe_load((empty / "stacks/environments/legacy.yaml").read_text())["vault"]["adopted"]["left"]
    assert left.keys() == {item.path for item in done.left}


@pytest.mark.usefixtures("adopting")
@pytest.mark.parametrize("file", ["stacks/environments/legacy.yaml", "stacks/catalog/myapp.yaml", "legacy.import.json"])
def test_a_file_that_is_there_stays_and_nothing_is_written(empty: Path, file: str) -> None:
    (empty / file).parent.mkdir(parents=True, exist_ok=True)
    (empty / file).write_text("mine")
    with pytest.raises(WrongInputError, match=r"is there already.*--into FOLDER"):
        adopt(empty, "legacy")
    assert (empty / file).read_text() == "mine"
    assert [
        path for path in empty.rglob("*") if path.is_file() and path.name not in ("Pulumi.yaml", Path(file).name)
    ] == []


@pytest.mark.usefixtures("adopting")
def test_an_adoption_that_was_cut_short_goes_on(empty: Path) -> None:
    first = adopt(empty, "legacy")
    for file in ("stacks/catalog/myapp.yaml", "legacy.import.json"):
        text = (empty / file).read_text()
        (empty / file).unlink()
        again = adopt(empty, "legacy")
        assert again.written == (file,)
        assert sorted((*again.kept, *again.written)) == sorted(first.written)
        assert (empty / file).read_text() == text


@pytest.mark.usefixtures("adopting")
def test_a_stack_file_that_says_what_it_must_is_kept_with_its_salt(empty: Path) -> None:
    file = empty / "stacks" / "Pulumi.legacy.yaml"
    file.parent.mkdir()
    file.write_text("encryptionsalt: v1:abc\n")
    with pytest.raises(WrongInputError) as error:
        adopt(empty, "legacy")
    assert "pulumi config set --stack legacy strongroom:environment legacy" in str(error.value)
    assert "pulumi config set --stack legacy vault:address https://vault.example:8200" in str(error.value)
    config = "strongroom:environment: legacy\n  vault:address: https://vault.example:8200"
    text = f"config:\n  {config}\nencryptionsalt: v1:abc\n"
    file.write_text(text)
    done = adopt(empty, "legacy")
    assert done.kept == ("stacks/Pulumi.legacy.yaml",)
    assert file.read_text() == text


@pytest.mark.usefixtures("adopting")
def test_what_would_not_be_sound_is_not_written(tmp_path: Path) -> None:
    project = ProjectFolder(tmp_path, FILES)  # with catalogs whose workloads find no auth method in the new environment
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(SpecError) as error:
        adopt(project.root, "legacy")
    assert any("no auth method of legacy accepts kubernetes" in str(problem) for problem in error.value.problems)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_policy_that_reaches_another_environment_stays_on_the_server(adopting: Answers, empty: Path) -> None:
    adopting.reads["sys/policies/acl/myapp"]["policy"] = 'path "kv-prod/*" { capabilities = ["read"] }\n'
    project = ProjectFolder(empty, {})
    project.write("Pulumi.prod.yaml", "config:\n  strongroom:environment: prod\n")
    project.write(
        "environments/prod.yaml", "environment: prod\ndefault_store: kv\nstores: {kv: {vault_kv: {}}}\nvault: {}\n"
    )
    done = adopt(empty, "legacy")
    reasons = {left.path: left.reason for left in done.left}
    assert reasons["sys/policies/acl/myapp"].startswith("policy myapp of legacy reaches prod")
    written = yaml.safe_load((empty / "stacks/environments/legacy.yaml").read_text())["vault"]["adopted"]
    assert "myapp" not in written["policies"]
    assert "sys/policies/acl/myapp" in written["left"]


def test_what_has_or_gives_a_name_of_another_environment_stays_on_the_server(adopting: Answers, empty: Path) -> None:
    adopting.reads["auth/kubernetes/role/myapp"]["token_policies"] = ["prod.payments.checkout"]
    adopting.reads["sys/policies/acl/prod.x.y"] = adopting.reads["sys/policies/acl/myapp"] | {"name": "prod.x.y"}
    adopting.lists["sys/policies/acl"].append("prod.x.y")
    project = ProjectFolder(empty, {})
    project.write("Pulumi.prod.yaml", "config:\n  strongroom:environment: prod\n")
    project.write("environments/prod.yaml", "environment: prod\nvault: {}\n")
    reasons = {left.path: left.reason for left in adopt(empty, "legacy").left}
    assert reasons["auth/kubernetes/role/myapp"] == "'prod.payments.checkout' is a policy of prod"
    assert reasons["sys/policies/acl/prod.x.y"].startswith("names that begin with 'prod.' are those")
    written = yaml.safe_load((empty / "stacks/environments/legacy.yaml").read_text())["vault"]["adopted"]
    assert "prod.x.y" not in written["policies"]
    assert "prod.payments.checkout" not in str(written["auth"])


@pytest.mark.usefixtures("adopting")
@pytest.mark.parametrize("stack", ["Legacy", "a/b", "old_prod"])
def test_a_stack_whose_name_cannot_be_an_environments_is_refused(empty: Path, stack: str) -> None:
    with pytest.raises(WrongInputError, match="its environment is called as the stack is"):
        adopt(empty, stack)
