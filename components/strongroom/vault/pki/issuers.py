"""The issuers of one authority: how each is made, and how each is set."""

import json
from typing import Final, NamedTuple

import pulumi
import pulumi_vault as vault

from strongroom.stage import leaf
from strongroom.vault.pki.plan import issuer_name

_KEEPS: Final = "crl-signing,ocsp-signing,read-only"
_ISSUES: Final = "crl-signing,issuing-certificates,ocsp-signing,read-only"
"""In the server's own order, so that what it answers is what was asked for."""


class Issuer(NamedTuple):
    """One generation of an authority, with a key that was made in the server."""

    number: int
    id: pulumi.Output[str]
    certificate: pulumi.Output[str]
    last: pulumi.Resource
    """What was made for it last."""


def suffix(generation: int) -> str:
    """What follows the names of a generation's resources: nothing for the first."""
    return "" if generation == 1 else f"-{generation}"


def settle(
    parent: pulumi.Resource,
    name: str,
    mount: vault.Mount,
    issuers: list[Issuer],
    issuing: int,
    *,
    api_url: str,
    ocsp: bool,
    leaf_not_after_behavior: str,
) -> vault.pkisecret.SecretBackendConfigIssuers:
    """Names all issuers and lets one of them issue: first that one, then the default moves to it, then the others
    stop. Returns what says which one is the default."""
    last: pulumi.Resource = issuers[-1].last

    def settled(issuer: Issuer) -> pulumi.Resource:
        where = f"{api_url}/"
        place = pulumi.Output.concat(where, mount.path, "/issuer/", issuer_name(issuer.number))
        urls = pulumi.Output.all(place, mount.path).apply(
            lambda known: {
                "issuing_certificates": [f"{known[0]}/der"] if api_url else [],
                "crl_distribution_points": [f"{known[0]}/crl/der"] if api_url else [],
                "ocsp_servers": [f"{where}{known[1]}/ocsp"] if api_url and ocsp else [],
            }
        )
        settings = {
            "issuer_name": issuer_name(issuer.number),
            "leaf_not_after_behavior": leaf_not_after_behavior,
            "usage": _ISSUES if issuer.number == issuing else _KEEPS,
        }
        # Not `SecretBackendIssuer`: it sends only what changed, and the server resets all that it is not sent.
        return vault.generic.Endpoint(
            f"{name}-issuer{suffix(issuer.number)}",
            path=pulumi.Output.concat(mount.path, "/issuer/", issuer.id),
            data_json=urls.apply(lambda known: json.dumps(settings | known, separators=(",", ":"), sort_keys=True)),
            ignore_absent_fields=True,
            opts=leaf(parent, deleted_with=mount, depends_on=[last]),
        )

    (chosen,) = (issuer for issuer in issuers if issuer.number == issuing)
    last = settled(chosen)
    default = vault.pkisecret.SecretBackendConfigIssuers(
        f"{name}-default",
        backend=mount.path,
        default=chosen.id,
        # Another issuer issues when this says so, not when one happens to be made.
        default_follows_latest_issuer=False,
        opts=leaf(parent, deleted_with=mount, depends_on=[last]),
    )
    last = default
    for issuer in issuers:
        if issuer is not chosen:
            last = settled(issuer)
    return default
