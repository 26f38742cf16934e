"""Every final name. A name says its environment, unless it lives in a mount that does.

Parts are joined by `.`, which no part can contain, so that two different things never share a name.
"""


def mount_of(engine: str, environment: str) -> str:
    """The default mount of an engine, store or auth method: `kv-prod`, `database-prod`, `cluster-prod`."""
    return f"{engine}-{environment}"


def secret_path(team: str, secret: str) -> str:
    """The default path of a secret in its store."""
    return f"{team}/{secret}"


def role_of(team: str, item: str) -> str:
    """A role within an environment's own mount."""
    return f"{team}.{item}"


def policy_of(environment: str, team: str, workload: str) -> str:
    """The policy derived for a workload. Policies are global to a server, so the environment is part of the name."""
    return f"{environment}.{team}.{workload}"


def identity_of(environment: str, method: str, name: str) -> str:
    """An identity entity or group. They are global to a server; only the last part may hold dots."""
    return f"{environment}.{method}.{name}"


def entity_of(environment: str, team: str, workload: str) -> str:
    """A workload's identity entity."""
    return f"{environment}.{team}.{workload}"


def global_name_of(environment: str, name: str) -> str:
    """What is named once and is global to a server: token roles, MFA enforcements, quotas, password policies."""
    return f"{environment}.{name}"


def hand_written_policy_of(environment: str, name: str) -> str:
    """A policy by hand; `platform` cannot be a team, so it never meets a derived one."""
    return f"{environment}.platform.{name}"


def kms_alias_of(environment: str, name: str) -> str:
    """The alias of a KMS key. Aliases are global to an account and region, and have no dots; a hyphen between would
    make the key `eu-main` of `prod` and the key `main` of `prod-eu` one."""
    return f"alias/{environment}/{name}"
