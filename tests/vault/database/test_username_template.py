"""Templates of user names: different names each time, and none too long for the database."""

import pytest
from pydantic import TypeAdapter, ValidationError

from strongroom.vault.database.spec import Connection
from strongroom.vault.database.username_template import UsernameTemplate, longest

TEMPLATE = TypeAdapter(UsernameTemplate)
LOGIN = {"username": "adm", "first_password": {"pulumi_config": "a"}}


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("{{random 20}}", 20),
        ("v-{{.RoleName | truncate 20}}-{{random 20}}", 43),
        ("{{.DisplayName | truncate 8 | lowercase}}_{{unix_time}}_{{random 12}}", 32),
        ("{{uuid}}", 36),
        ("{{ uuid | uppercase }}", 36),
        ("{{.RoleName}}{{random 10}}", 91),
    ],
)
def test_a_sound_template_has_a_known_length(text: str, length: int) -> None:
    assert longest(TEMPLATE.validate_python(text)) == length


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{.RoleName}}", "same name twice"),
        ("{{random 9}}", "same name twice"),
        ("{{random 20 | truncate 5}}", "same name twice"),
        ("{{.DisplayName}}{{random 20}}", "at full length"),
        ("{{.DisplayName | lowercase}}{{random 20}}", "at full length"),
        ("{{.Password}}{{random 20}}", "which is no part of a name"),
        ("{{randoms 20}}", "which is no part of a name"),
        ("{{random}}", "which is no part of a name"),
        ('{{.RoleName | replace "a" "b"}}{{random 20}}', "passes a part through"),
        ("it's {{random 20}}", "quote"),
        ("{{random 20}", "quote"),
        ("", "same name twice"),
    ],
)
def test_any_other_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TEMPLATE.validate_python(text)


@pytest.mark.parametrize(
    ("kind", "most"), [({"mysql": {"host": "db"}}, 32), ({"mysql": {"host": "db", "variant": "legacy"}}, 16)]
)
def test_names_are_no_longer_than_the_database_takes(kind: dict[str, dict[str, object]], most: int) -> None:
    ((name, keys),) = kind.items()
    for length, sound in ((most, True), (most + 1, False)):
        server = {name: {**keys, **LOGIN, "username_template": f"{{{{random {length}}}}}"}}
        if sound:
            settings = dict(Connection.model_validate(server).server.settings)
            assert settings["username_template"] == f"{{{{random {length}}}}}"
        else:
            with pytest.raises(ValidationError, match=f"takes {most}"):
                Connection.model_validate(server)


def test_redis_names_its_logins_itself() -> None:
    with pytest.raises(ValidationError, match="username_template"):
        Connection.model_validate(
            {"redis": {"host": "127.0.0.1", "tls": "disable", **LOGIN, "username_template": "{{random 20}}"}}
        )
