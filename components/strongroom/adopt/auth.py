"""Auth methods and the roles in them, from the server's answers."""

from collections.abc import Mapping
from typing import Any, Final

from strongroom.adopt.engines import mount_settings
from strongroom.adopt.found import Found, Kind, Left, NotExpressibleError, Reader, each, listed, refused, taken, words
from strongroom.vault.adopted import spec_auth as spec
from strongroom.vault.adopted.spec import AdoptedTokenRole
from strongroom.vault.adopted.words import Tune

_OLD_WORDS: Final = words("policies ttl max_ttl period num_uses bound_cidrs")
"""Names of the `token_…` fields from before Vault 1.2, which are answered beside those."""
APPROLE_ROLE: Final = Kind(spec.AdoptedAppRole, ignored=_OLD_WORDS)
KUBERNETES_ROLE: Final = Kind(spec.AdoptedKubernetesRole, ignored=_OLD_WORDS)
KUBERNETES_CONFIG: Final = Kind(spec.KubernetesConfig, ignored=words("token_reviewer_jwt_set"))
JWT_CONFIG: Final = Kind(spec.JwtConfig, ignored=words("status namespace_in_state"))
JWT_ROLE: Final = Kind(spec.AdoptedJwtRole, ignored=_OLD_WORDS, ordinary={"callback_mode": "client"})
CERT_ROLE: Final = Kind(spec.AdoptedCertRole, ignored=_OLD_WORDS, ordinary={"ocsp_max_retries": 4})
TOKEN_ROLE: Final = Kind(
    AdoptedTokenRole,
    ignored=words("name period explicit_max_ttl bound_cidrs"),
)
_UNTUNED: Final = {"token_type": "default-service", "default_lease_ttl": 0, "max_lease_ttl": 0}


def take_auth(reader: Reader, found: Found) -> None:
    """Every auth method, and what is in it. Raises ServerError if the token may not see them at all."""
    for key, mount in sorted((reader.read("sys/auth") or {}).items()):
        path = key.rstrip("/")
        if not isinstance(mount, dict) or "type" not in mount or mount["type"] in ("token", "ns_token"):
            continue
        try:
            kind, written = _method(reader, path, mount, found.left)
            found.auth[path] = {kind: written}
        except NotExpressibleError as error:
            found.left.append(Left(f"sys/auth/{path}", f"{error}; the method and all in it stay as they are"))
    found.token_roles = each(reader, "auth/token/roles", TOKEN_ROLE, found.left)


def _method(reader: Reader, path: str, mount: Mapping[str, Any], left: list[Left]) -> tuple[str, dict[str, Any]]:
    kind = mount["type"]
    model, contents = TAKERS.get(kind, (spec.AdoptedOtherAuth, None))
    settings = mount_settings(mount)
    if mount.get("options"):
        raise NotExpressibleError("it has options, which cannot be said here yet")
    said: dict[str, Any] = {}
    tuning = {name: settings.pop(name, None) for name in (*_UNTUNED, "listing_visibility")}
    if any(value and value != _UNTUNED.get(name) for name, value in tuning.items()):
        said["tune"] = _tune(reader, path, left)
    if contents is None:
        left.append(Left(f"auth/{path}", f"only the mount is declared: {_WHAT_IS_IN.get(kind, _ANYTHING)}"))
        return "other", taken(Kind(model), settings, type=kind, **said)
    written = taken(Kind(model), settings, **said)
    return kind, written | {name: what for name, what in contents(reader, path, left).items() if what}


_ANYTHING: Final = "what a method of this type holds cannot be said here"
_WHAT_IS_IN: Final = {"userpass": "its users have passwords, which no declaration may hold"}


def _tune(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
    """The settings in force: given in part, the provider would reset the rest."""
    answer = refused(reader, f"sys/auth/{path}/tune", left)
    if answer is None:
        raise NotExpressibleError("its settings cannot be read")
    return taken(Kind(Tune, ignored=words("description")), answer)


def _roles(place: str, kind: Kind) -> Any:
    def contents(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
        return {"roles": each(reader, f"auth/{path}/{place}", kind, left)}

    return contents


def _kubernetes(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
    found = {"roles": each(reader, f"auth/{path}/role", KUBERNETES_ROLE, left)}
    config = refused(reader, f"auth/{path}/config", left)
    if not config or not config.get("kubernetes_host"):
        return found
    if config.get("token_reviewer_jwt_set"):
        left.append(Left(f"auth/{path}/config", "its token_reviewer_jwt stays on the server; nobody can read it"))
    return {"config": taken(KUBERNETES_CONFIG, config), **found}


def _jwt(reader: Reader, path: str, left: list[Left]) -> dict[str, Any]:
    config = refused(reader, f"auth/{path}/config", left)
    written = taken(JWT_CONFIG, config or {})
    if written.get("oidc_client_id"):
        left.append(Left(f"auth/{path}/config", "its oidc_client_secret stays on the server; nobody can read it"))
    roles = {}
    for name in listed(reader, f"auth/{path}/role", left):
        answer = refused(reader, f"auth/{path}/role/{name}", left)
        if answer is None:
            continue
        try:
            roles[name] = taken(JWT_ROLE, answer, bound_claims=_claims(answer.get("bound_claims") or {}))
        except NotExpressibleError as error:
            left.append(Left(f"auth/{path}/role/{name}", str(error)))
    return {"config": written, "roles": roles}


def _claims(claims: Mapping[str, Any]) -> dict[str, list[str]]:
    """Each claim with its accepted values. The provider has one text a claim, split at commas."""
    found = {claim: values if isinstance(values, list) else [values] for claim, values in claims.items()}
    if any(not isinstance(value, str) or "," in value for values in found.values() for value in values):
        raise NotExpressibleError("a bound claim has a value that is no text, or has a comma")
    return found


TAKERS: Final[Mapping[str, Any]] = {
    "approle": (spec.AdoptedAppRoleAuth, _roles("role", APPROLE_ROLE)),
    "kubernetes": (spec.AdoptedKubernetesAuth, _kubernetes),
    "jwt": (spec.AdoptedJwtAuth, _jwt),
    "oidc": (spec.AdoptedJwtAuth, _jwt),
    "cert": (spec.AdoptedCertAuth, _roles("certs", CERT_ROLE)),
}
