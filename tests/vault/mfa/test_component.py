"""Login MFA as components: vendors' keys are secret inputs, nobody's own key is made, and ids tie it together."""

from typing import Any

import pulumi
import pytest

from strongroom.plan.plan import Plan
from strongroom.stage import Stage
from strongroom.vault.auth.userpass.component import deploy_methods
from strongroom.vault.auth.userpass.plan import UserpassMethod
from strongroom.vault.mfa.component import deploy
from strongroom.vault.mfa.plan import MfaEnforcementRecord, MfaMethodRecord
from support.mocks import Recording, record

CANARY = "canary-of-the-vendor"
METHOD = UserpassMethod(
    slice="platform", mount="people-prod", token_ttl_seconds=60, token_max_ttl_seconds=60, protect=True
)
APP = MfaMethodRecord(
    slice="platform", name="app", type="totp", settings=(("issuer", "Acme"), ("period", 30)), secrets_from=()
)
TEMPLATE = "{{identity.entity.aliases.${auth/people-prod/@accessor}.name}}"


def _vendor(kind: str, secrets: tuple[str, ...], **settings: Any) -> MfaMethodRecord:
    return MfaMethodRecord(
        slice="platform", name=kind, type=kind, settings=tuple(settings.items()),
        secrets_from=tuple((field, ("pulumi_config", field)) for field in secrets),
    )  # fmt: skip


DUO = _vendor("duo", ("integration_key", "secret_key"), api_hostname="api.duo.example", username_format=TEMPLATE)
OKTA = _vendor("okta", ("api_token",), org_name="acme")
PINGID = _vendor("pingid", ("settings_file_base64",))
ENFORCEMENT = MfaEnforcementRecord(slice="platform", name="prod.staff", methods=("app", "duo"), mounts=("people-prod",))


def _deployed(*records: Any, value: str | None = CANARY) -> Recording:
    def program() -> None:
        stage = Stage(secret=lambda *_: None if value is None else pulumi.Output.secret(value))
        plan = Plan("prod", "all", (METHOD, *records))
        deploy_methods(plan, stage)
        deploy(plan, stage)

    return record(program)


def test_an_authenticator_app_has_settings_and_no_key() -> None:
    made = _deployed(APP).named("mfa-app")
    assert made.type == "vault:identity/mfaTotp:MfaTotp"
    assert made.inputs == {"issuer": "Acme", "period": 30}
    assert not made.secrets


@pytest.mark.parametrize(
    ("method", "type_", "secrets"),
    [
        (DUO, "vault:identity/mfaDuo:MfaDuo", {"integrationKey", "secretKey"}),
        (OKTA, "vault:identity/mfaOkta:MfaOkta", {"apiToken"}),
        (PINGID, "vault:identity/mfaPingid:MfaPingid", {"settingsFileBase64"}),
    ],
)
def test_a_vendors_keys_are_secret_inputs_and_nowhere_else(
    method: MfaMethodRecord, type_: str, secrets: set[str]
) -> None:
    made = _deployed(method)
    resource = made.named(f"mfa-{method.name}")
    assert (resource.type, resource.secrets) == (type_, secrets)
    rest = "".join(r.request for r in made.resources if r.name != resource.name)
    assert CANARY not in rest + str(made.outputs)


def test_a_vendors_key_without_a_value_is_an_error_that_says_where_to_put_it() -> None:
    with pytest.raises(ValueError, match="MFA method okta: api_token has no value; set it with `pulumi config set"):
        _deployed(OKTA, value=None)


def test_a_template_of_names_gets_the_methods_accessor() -> None:
    found = _deployed(DUO).named("mfa-duo").inputs["usernameFormat"]
    assert found == "{{identity.entity.aliases.auth_any_1.name}}"


def test_an_enforcement_names_ids_and_accessors() -> None:
    made = _deployed(APP, DUO, ENFORCEMENT)
    enforcement = made.named("mfa-enforcements-prod.staff")
    assert enforcement.type == "vault:identity/mfaLoginEnforcement:MfaLoginEnforcement"
    assert enforcement.inputs["authMethodAccessors"] == ["auth_any_1"]
    assert enforcement.inputs["name"] == "prod.staff"
    assert {"mfa-app", "mfa-duo"} <= enforcement.depends_on
