"""Identity in the stand-in: what others keep is no difference, and parts of a whole leave the rest alone."""

import secrets

import pytest

from support.stand_in import Engine, Json, revealed

ENTITY = "vault:identity/entity:Entity"
GROUP = "vault:identity/group:Group"
MEMBERS = "vault:identity/groupMemberEntityIds:GroupMemberEntityIds"
POLICIES = "vault:identity/entityPolicies:EntityPolicies"
TOTP = "vault:identity/mfaTotp:MfaTotp"
ROLE = "vault:tokenauth/authBackendRole:AuthBackendRole"


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"i{secrets.token_hex(6)}"


def _read(engine: Engine, token: str, identity: str) -> Json:
    found: Json = revealed(engine.read(token, identity)["properties"])
    return found


def _updated(engine: Engine, token: str, identity: str, state: Json, inputs: Json) -> Json:
    checked, failures = engine.check(token, inputs)
    assert not failures
    assert engine.diff(token, identity, state, revealed(checked))["changes"] == "DIFF_SOME"
    return revealed(engine.update(token, identity, state, revealed(checked)))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("kept_by_others", "differs"),
    [
        ({"type": "external"}, False),
        ({"externalMemberEntityIds": True}, False),
        ({}, True),
    ],
)
def test_members_that_the_server_keeps_at_logins_are_no_difference(
    engine: Engine, name: str, kept_by_others: Json, differs: bool
) -> None:
    """Seen where the state has members: a group that was looked at before it was said who keeps them."""
    member, _, _ = engine.made(ENTITY, {"name": f"{name}-member"})
    identity, state, inputs = engine.made(GROUP, {"name": name, "policies": ["a"], **kept_by_others})
    known = {**revealed(state), "memberEntityIds": [member]}
    found = engine.diff(GROUP, identity, known, revealed(inputs))
    assert (found["changes"] == "DIFF_SOME") == differs


def test_members_of_a_group_are_left_alone_by_an_update_where_others_keep_them(engine: Engine, name: str) -> None:
    member, _, _ = engine.made(ENTITY, {"name": f"{name}-member"})
    inputs: Json = {"name": name, "policies": ["a"], "externalMemberEntityIds": True}
    group, state, _ = engine.made(GROUP, inputs)
    engine.made(MEMBERS, {"groupId": group, "memberEntityIds": [member]})
    _updated(engine, GROUP, group, revealed(state), {**inputs, "policies": ["b"]})
    found = _read(engine, GROUP, group)
    assert (found["memberEntityIds"], found["policies"]) == ([member], ["b"])


def test_a_part_is_added_exchanged_and_taken_out_without_touching_the_rest(engine: Engine, name: str) -> None:
    entity, _, _ = engine.made(ENTITY, {"name": name, "policies": ["theirs"], "externalPolicies": True})
    engine.made(POLICIES, {"entityId": entity, "policies": ["theirs"]})
    part: Json = {"entityId": entity, "policies": ["ours"], "exclusive": False}
    identity, state, _ = engine.made(POLICIES, part)
    assert (state["policies"], state["entityName"]) == (["ours"], name)
    assert sorted(_read(engine, POLICIES, entity)["policies"]) == ["ours", "theirs"]
    after = _updated(engine, POLICIES, identity, revealed(state), {**part, "policies": ["new"]})
    assert sorted(_read(engine, POLICIES, entity)["policies"]) == ["new", "theirs"]
    engine.delete(POLICIES, identity, after)
    assert _read(engine, POLICIES, entity)["policies"] == ["theirs"]


def test_an_exclusive_list_is_the_whole_list_and_finds_what_was_added_by_hand(engine: Engine, name: str) -> None:
    entity, _, _ = engine.made(ENTITY, {"name": name, "externalPolicies": True})
    identity, state, inputs = engine.made(POLICIES, {"entityId": entity, "policies": ["ours"]})
    engine.made(POLICIES, {"entityId": entity, "policies": ["by-hand"], "exclusive": False})
    found = engine.read(POLICIES, identity, revealed(state), revealed(inputs))
    assert sorted(revealed(found["properties"])["policies"]) == ["by-hand", "ours"]
    engine.delete(POLICIES, identity, revealed(state))
    assert _read(engine, POLICIES, entity)["policies"] == []


def test_a_method_of_mfa_is_changed_in_place_and_keeps_its_id(engine: Engine) -> None:
    identity, state, inputs = engine.made(TOTP, {"issuer": "before"})
    assert state["methodId"] == state["uuid"] == identity
    assert state["maxValidationAttempts"] == 5
    after = _updated(engine, TOTP, identity, revealed(state), {**revealed(inputs), "issuer": "after", "digits": 8})
    assert (after["issuer"], after["digits"], after["methodId"]) == ("after", 8, identity)
    engine.delete(TOTP, identity, after)
    assert engine.read(TOTP, identity)["id"] == ""


def test_a_token_role_loses_what_is_no_longer_said(engine: Engine, name: str) -> None:
    full: Json = {
        "roleName": name, "allowedPolicies": ["a"], "tokenBoundCidrs": ["10.0.0.0/8"], "tokenExplicitMaxTtl": 60,
    }  # fmt: skip
    identity, state, _ = engine.made(ROLE, full)
    assert identity == f"auth/token/roles/{name}"
    after = _updated(engine, ROLE, identity, revealed(state), {"roleName": name, "allowedPolicies": ["b"]})
    assert (after["allowedPolicies"], after["tokenExplicitMaxTtl"]) == (["b"], 0)
    assert not after["tokenBoundCidrs"]
    assert engine.diff(ROLE, identity, revealed(state), {**full, "roleName": "other"})["replaces"] == ["roleName"]
