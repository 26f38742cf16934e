"""The PKI engine, deployed: authorities, their roles, and ACME. The components are in the files beside this one."""

import pulumi

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options
from strongroom.vault.pki.authority import VaultPkiAuthority, VaultPkiAuthorityArgs
from strongroom.vault.pki.plan import PkiAcme, PkiAuthority, PkiRole
from strongroom.vault.pki.roles import VaultPkiAcme, VaultPkiAcmeArgs, VaultPkiRoleArgs, VaultPkiRoles


def deploy(plan: Plan, stage: Stage) -> None:
    """The authorities of a plan, the root first, their roles, and ACME, which has to find those."""
    for record in sorted(plan.of(PkiAuthority), key=lambda record: record.signed_by != ""):
        authority = VaultPkiAuthority(record.mount, _authority_args(record, stage), component_options(stage))
        stage.mounted(record.mount, authority)
    made: list[pulumi.Resource] = []
    for mount, roles in plan.grouped(PkiRole, lambda role: role.mount):
        made.append(
            VaultPkiRoles(
                f"{mount}-roles",
                {"mount": stage.mount(mount), "roles": {role.name: _role_args(role) for role in roles}},
                component_options(stage, within=mount),
            )
        )
    for acme in plan.of(PkiAcme):
        VaultPkiAcme(
            f"{acme.mount}-acme", _acme_args(acme, stage), component_options(stage, after=made, within=acme.mount)
        )


def _authority_args(record: PkiAuthority, stage: Stage) -> VaultPkiAuthorityArgs:
    args: VaultPkiAuthorityArgs = {
        "mount": record.mount,
        "common_name": record.common_name,
        "ttl_seconds": record.ttl_seconds,
        "key_type": record.key_type,
        "key_bits": record.key_bits,
        "generations": list(record.generations),
        "issuing_generation": record.issuing_generation,
        "leaf_not_after_behavior": record.leaf_not_after_behavior,
        "acme": record.acme,
        "api_url": record.api_url,
        "crl_expiry_seconds": record.crl_expiry_seconds,
        "crl_rebuild_before_seconds": record.crl_rebuild_before_seconds,
        "ocsp": record.ocsp,
        "ocsp_expiry_seconds": record.ocsp_expiry_seconds,
        "tidy_interval_seconds": record.tidy_interval_seconds,
        "tidy_safety_buffer_seconds": record.tidy_safety_buffer_seconds,
        "protect_data": record.protect,
    }
    return {**args, "signed_by": stage.mount(record.signed_by)} if record.signed_by else args


def _role_args(record: PkiRole) -> VaultPkiRoleArgs:
    return {
        "allowed_domains": list(record.allowed_domains),
        "allow_subdomains": record.allow_subdomains,
        "usages": list(record.usages),
        "key_type": record.key_type,
        "key_bits": record.key_bits,
        "ttl_seconds": record.ttl_seconds,
        "max_ttl_seconds": record.max_ttl_seconds,
    }


def _acme_args(record: PkiAcme, stage: Stage) -> VaultPkiAcmeArgs:
    return {
        "mount": stage.mount(record.mount),
        "enabled": record.enabled,
        "api_url": record.api_url,
        "allowed_roles": list(record.allowed_roles),
        "allowed_issuers": list(record.allowed_issuers),
        "eab_policy": record.eab_policy,
        "default_role": record.default_role,
        "dns_resolver": record.dns_resolver,
        "max_ttl_seconds": record.max_ttl_seconds,
    }
