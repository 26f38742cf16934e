"""The comment: what matters first, nothing that could be mistaken for our own words, and never too long."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from strongroom.cli.main import app
from strongroom.review.comment import comment
from strongroom.review.github import LIMIT, MARKER
from strongroom.review.preview import Change, Preview, Violation, to_json

MOUNT = "vault:index/mount:Mount"
ROLE = "vault:appRole/authBackendRole:AuthBackendRole"


def change(operation: str, name: str, kind: str = ROLE, **more: object) -> Change:
    return Change(operation=operation, type=kind, name=name, **more)  # type: ignore[arg-type]


DEV = Preview(
    stack="dev",
    succeeded=True,
    policies_ran=True,
    changes=(
        change("create", "a"),
        change("update", "b", properties=("tokenTtl",)),
        change("update", "c"),
        change("delete", "old-role"),
    ),
    plan_diff=("@@ vault.policy dev.payments.checkout @@", "-max_ttl: 1", "+max_ttl: 2"),
)
PROD = Preview(
    stack="prod",
    succeeded=False,
    policies_ran=True,
    changes=(
        change("replace", "kv", MOUNT, properties=("type",), forces_replacement=("type",), protected=True),
        change("delete", "auth", "vault:jwt/authBackend:AuthBackend"),
    ),
    violations=(
        Violation(policy="v26", pack="strongroom", level="mandatory", resource="role", message="V26: superuser"),
        Violation(policy="theirs", pack="other", level="advisory", resource="", message=""),
    ),
    failed=("kv", ""),
)


def test_a_table_counts_for_every_stack_and_makes_losses_bold() -> None:
    text = comment([PROD, DEV], log="https://github.com/acme/secrets/actions/runs/1")
    assert "| `dev` | 1 | 2 |  | **1** | pass | changes |\n" in text
    assert "| `prod` |  |  | **1** | **1** | 1 mandatory, 1 advisory | :x: failed |\n" in text
    assert text.index("`dev`") < text.index("`prod`")
    assert "[log of this run](https://github.com/acme/secrets/actions/runs/1)" in text


def test_replacements_and_deletions_stand_above_all_else_the_worst_first() -> None:
    text = comment([DEV, PROD])
    alarm = [line for line in text.splitlines() if line.startswith(">")]
    assert alarm == [
        "> [!CAUTION]",
        "> **Replaced or deleted:**",
        f"> - `prod` replaces `{MOUNT}` `kv`: it is **protected**; **lost with it: all that is stored in it**; "
        "because of `type`",
        "> - `prod` deletes `vault:jwt/authBackend:AuthBackend` `auth`: **lost with it: all roles and logins in it**",
        f"> - `dev` deletes `{ROLE}` `old-role`",
    ]
    assert text.index("[!CAUTION]") < text.index("### `dev`")


def test_without_losses_there_is_no_alarm() -> None:
    assert "CAUTION" not in comment([replace(DEV, changes=DEV.changes[:3])])


def test_changes_and_the_difference_of_the_plans_are_folded() -> None:
    text = comment([DEV])
    assert (
        "<details><summary>Changes (4)</summary>\n\n```diff\n"
        f"- {ROLE} old-role\n! {ROLE} b [tokenTtl]\n! {ROLE} c\n+ {ROLE} a\n```\n\n</details>\n"
    ) in text
    assert (
        "<details><summary>Difference of the plans (3)</summary>\n\n```diff\n"
        "@@ vault.policy dev.payments.checkout @@\n-max_ttl: 1\n+max_ttl: 2\n```\n\n</details>\n"
    ) in text


def test_violations_and_failures_are_open_and_a_foreign_packs_words_are_left_in_the_log() -> None:
    text = comment([PROD])
    assert (
        "**Policies (2)**\n\n```text\n"
        "mandatory: v26: role: V26: superuser\nadvisory: theirs: the stack: see the log (pack other)\n```\n"
    ) in text
    assert "**The engine reported errors for (2)**\n\n```text\nkv\nthe stack\n```\n" in text


def test_problems_in_the_files_are_shown_in_place_of_a_preview() -> None:
    text = comment([Preview(stack="dev", succeeded=False, problems=("stacks/catalog/a.yaml:3:1: unknown key",))])
    assert "| not run | :x: 1 problems in the files |" in text
    assert "stacks/catalog/a.yaml:3:1: unknown key" in text


def test_a_dry_preview_and_a_stack_without_one_are_told_apart_from_a_real_one() -> None:
    text = comment([replace(DEV, dry=True)], missing=["prod"])
    assert "| dry: compared with nothing deployed |" in text
    assert "| `prod` | | | | | | :x: no preview: see the log |" in text


def test_a_change_that_touches_no_stack_says_so() -> None:
    assert comment([]) == f"{MARKER}\n## Strongroom preview\n\nThis change touches no stack.\n"


def test_the_order_in_which_previews_arrive_does_not_matter() -> None:
    assert comment([DEV, PROD], ["b", "a"]) == comment([PROD, DEV], ["a", "b"])


def test_a_log_that_is_no_https_address_is_not_linked() -> None:
    assert "](" not in comment([DEV], log="javascript:alert(1)")


NASTY = st.text(st.sampled_from("`|<>!-[]()*_#@~\\&\n\r >/abd"), max_size=60) | st.text(max_size=30)


@given(NASTY)
def test_no_name_or_message_becomes_markup(text: str) -> None:
    spoiled = Preview(
        stack=text,
        succeeded=False,
        problems=(text,),
        changes=(change("delete", text, text, properties=(text,), forces_replacement=(text,)),),
        violations=(Violation(policy=text, pack="strongroom", level=text, resource=text, message=text),),
        failed=(text,),
        plan_diff=(text,),
    )
    assert shape(comment([spoiled], missing=[text])) == shape(comment([_named("x", spoiled)], missing=["x"]))


def _named(name: str, like: Preview) -> Preview:
    return Preview(
        stack=name,
        succeeded=False,
        problems=(name,),
        changes=(change("delete", name, name, properties=(name,), forces_replacement=(name,)),),
        violations=(Violation(policy=name, pack="strongroom", level=_level(like), resource=name, message=name),),
        failed=(name,),
        plan_diff=(name,),
    )


def _level(preview: Preview) -> str:
    return "mandatory" if preview.violations[0].level == "mandatory" else "x"


def shape(text: str) -> list[str]:
    """What a parser makes of it, without the texts."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inner = [[child.type for child in token.children or []] for token in tokens]
    return [
        f"{token.type} {token.content if token.type == 'html_block' else ''} {children}"
        for token, children in zip(tokens, inner, strict=True)
    ]


@pytest.mark.parametrize("count", [100, 3_000, 100_000])
@pytest.mark.parametrize("name", ["role-{}", "schlüssel-{}-🔑" + "x" * 400])
def test_it_is_never_longer_than_github_accepts_and_never_cut_within_a_block(count: int, name: str) -> None:
    many = replace(
        PROD,
        changes=tuple(change("delete" if n % 2 else "create", name.format(n)) for n in range(count)),
        plan_diff=tuple(f"+ {name.format(n)}" for n in range(count)),
    )
    text = comment([DEV, many])
    assert len(text.encode()) <= LIMIT
    fences = re.findall(r"^`{3,}", text, re.MULTILINE)
    assert len(fences) % 2 == 0
    assert text.count("<details>") == text.count("</details>") == 4
    assert f"Changes ({count})" in text
    assert "| `prod` |" in text
    if count > 3_000:
        assert re.search(r"… and \d+ more lines; see the log\.", text)
        assert re.search(r"> - … and \d+ more; see the log\.", text)


def test_hundreds_of_stacks_fit_too() -> None:
    text = comment([replace(PROD, stack=f"stack-{number:04}-{'y' * 80}") for number in range(1000)], ["z"])
    assert len(text.encode()) <= LIMIT
    assert re.search(r"… and \d+ more stacks; see the log\.", text)


def test_the_worst_names_fit_too() -> None:
    name = "🔑" * 1000
    worst = change("replace", name, MOUNT, properties=(name,) * 9, forces_replacement=(name,) * 9, protected=True)
    spoiled = replace(PROD, changes=(worst,) * 9, problems=(name,) * 9, plan_diff=(name,) * 9)
    text = comment([replace(spoiled, stack=f"{number}{name}") for number in range(300)])
    assert len(text.encode()) <= LIMIT
    assert "more stacks; see the log." in text
    assert "it is **protected**" in text


def test_the_command_gathers_previews_and_notices_what_is_missing(tmp_path: Path) -> None:
    for preview in (DEV, PROD):
        (tmp_path / preview.stack).mkdir()
        (tmp_path / preview.stack / "preview.json").write_text(to_json(preview))
    out = tmp_path / "new folder" / "comment.md"
    run(0, "--expect", '["dev", "prod", "staging"]', "--out", str(out), str(tmp_path))
    assert out.read_text() == comment([DEV, PROD], ["staging"])


def test_a_preview_in_another_stacks_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "preview.json").write_text(to_json(DEV))
    assert "lies in another's folder" in run(1, "--out", str(tmp_path / "comment.md"), str(tmp_path))
    assert not (tmp_path / "comment.md").exists()


@pytest.mark.parametrize("expect", ["dev", "{}", "[1]", ""])
def test_expected_stacks_that_are_no_list_are_refused(tmp_path: Path, expect: str) -> None:
    assert "a JSON list of texts" in run(1, "--expect", expect, "--out", str(tmp_path / "comment.md"), str(tmp_path))


def run(exit_code: int, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["review", "comment", *arguments])
    assert done.exit_code == exit_code, done.output
    return done.output


def test_what_the_guard_refuses_stands_open_with_the_command_that_keeps_it() -> None:
    loss = "stacks/environments/dev.yaml:4:3: kv-dev: the mount moves; strongroom remount kv-dev kv"
    text = comment([replace(DEV, succeeded=False, losses=(loss,))])
    assert ":x: 1 loss refused" in text
    before, _, after = text.partition("**Refused, as something would be lost (1)**")
    assert loss in after
    assert "<details>" not in before
