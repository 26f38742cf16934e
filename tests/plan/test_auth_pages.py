"""The examples of the pages on AppRole and JWT are held to what the program accepts."""

from pathlib import Path

from strongroom.plan.logins import logins
from support.docs import example


def test_the_example_of_the_page_on_approle_is_sound(tmp_path: Path) -> None:
    page = example("vault/auth-approle.md", tmp_path)
    assert page.problems() == []
    assert logins(page.plan("prod"))["payments/settlement"] == {
        "method": "approle",
        "mount": "machines-prod",
        "role": "payments.settlement",
    }


def test_the_example_of_the_page_on_jwt_is_sound_and_each_job_has_its_method(tmp_path: Path) -> None:
    page = example("vault/auth-jwt.md", tmp_path)
    assert page.problems() == []
    found = {name: login["mount"] for name, login in logins(page.plan("prod")).items()}
    assert found == {
        "payments/checkout": "cluster-prod",
        "payments/migrate": "gitlab-prod",
        "payments/release": "github-prod",
    }
