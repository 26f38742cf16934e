"""Sound projects of every shape, made by hypothesis, as the data their files hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from strongroom.vault.transit.spec import TYPES
from support.projects import ProjectFolder

NAMES = ("a", "a-b", "b", "db", "kv", "role", "team-1", "x9", "a-name-of-forty-characters-the-longest-1")
ENVIRONMENTS = ("dev", "prod", "test")
names = st.sampled_from(NAMES)
limits = st.none() | st.lists(st.sampled_from(ENVIRONMENTS), min_size=1, max_size=2, unique=True)


@dataclass(frozen=True)
class Generated:
    """Catalogs by team, and what differs between environments."""

    catalogs: dict[str, dict[str, Any]]
    environments: dict[str, dict[str, Any]]

    def write(self, folder: ProjectFolder) -> ProjectFolder:
        """As files; JSON is YAML."""
        for name, data in self.environments.items():
            folder.write(f"environments/{name}.yaml", json.dumps({"environment": name, **data}))
            folder.write(f"Pulumi.{name}.yaml", json.dumps({"config": {"strongroom:environment": name}}))
        for team, data in self.catalogs.items():
            folder.write(f"catalog/{team}.yaml", json.dumps({"team": team, **data}))
        return folder


def _limited(draw: st.DrawFn, item: dict[str, Any]) -> dict[str, Any]:
    where = draw(limits)
    return item if where is None else {**item, "environments": where}


@st.composite
def identities(draw: st.DrawFn) -> dict[str, Any]:
    return draw(
        st.sampled_from(
            [
                {"kubernetes": {"namespace": "n", "service_account": "s"}},
                {"github_actions": {"repository": "o/r", "environment": "{{ environment }}"}},
                {"gitlab_ci": {"project_path": "g/p", "ref": "refs/heads/main"}},
                {"jwt": {"subject": "someone", "claims": {"b": "2", "a": "1"}}},
                {"approle": {"secret_id_uses": 3, "bound_cidrs": ["10.0.0.0/8"]}},
            ]
        )
    )


@st.composite
def ways_in(draw: st.DrawFn) -> dict[str, Any]:
    """One or two ways to log in, at different auth methods."""
    first = draw(identities())
    second = {"jwt": {"subject": "someone"}} if "approle" in first else {"approle": {}}
    return {"runs_as": first, **({"also": [{"runs_as": second}]} if draw(st.booleans()) else {})}


@st.composite
def secrets(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["fields", "database", "encryption_key", "totp", "kubernetes_token"]))
    if kind == "totp":
        return {"totp": {"issuer": "i", "account": "a", "origin": draw(st.sampled_from(["generated", "shared"]))}}
    if kind == "kubernetes_token":
        rules = [{"resources": ["configmaps"], "verbs": ["get"]}]
        account: dict[str, Any] = draw(st.sampled_from([{"service_account": "s"}, {"rules": rules}]))
        return {"kubernetes_token": {"cluster": "eu", "namespaces": ["n"], **account}}
    if kind == "database":
        access = draw(st.sampled_from(["readonly", "readwrite", "owner"]))
        return {"database": {"connection": "orders", "access": access}}
    if kind == "encryption_key":
        return {"encryption_key": {"type": draw(st.sampled_from(list(TYPES)))}}
    fields = draw(
        st.lists(st.sampled_from(["user", "password", "API_KEY", "a.b"]), min_size=1, max_size=3, unique=True)
    )
    return {"fields": fields, "store": draw(st.sampled_from(["kv", "archive"]))}


@st.composite
def projects(draw: st.DrawFn) -> Generated:
    teams = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    catalogs: dict[str, dict[str, Any]] = {}
    for team in teams:
        catalogs[team] = {
            "workloads": {
                name: _limited(draw, draw(ways_in())) for name in draw(st.lists(names, max_size=4, unique=True))
            },
            "secrets": {
                name: _limited(draw, draw(secrets())) for name in draw(st.lists(names, max_size=4, unique=True))
            },
        }
    workloads = [f"{team}/{name}" for team in teams for name in catalogs[team]["workloads"]]
    for team in teams:
        pairs = [(workload, secret) for workload in workloads for secret in catalogs[team]["secrets"]]
        chosen = draw(st.lists(st.sampled_from(pairs), max_size=6, unique=True)) if pairs else []
        catalogs[team]["grants"] = [
            _limited(draw, {"workload": workload, "secret": secret, "can": draw(_verbs(catalogs[team], secret))})
            for workload, secret in chosen
        ]
    return Generated(catalogs, {name: draw(_environment(workloads)) for name in ENVIRONMENTS})


def _verbs(catalog: dict[str, Any], secret: str) -> st.SearchStrategy[list[str]]:
    declared = catalog["secrets"][secret]
    possible = ["read"] if "database" in declared else ["read", "write", "delete"]
    possible = ["code", "validate"] if "totp" in declared else possible
    possible = ["issue"] if "kubernetes_token" in declared else possible
    if key := declared.get("encryption_key"):
        possible = list(TYPES[key["type"]])
    return st.lists(st.sampled_from(possible), min_size=1, unique=True)


@st.composite
def _environment(draw: st.DrawFn, workloads: list[str]) -> dict[str, Any]:
    jwt = {"audiences": ["vault"], "oidc_discovery_url": "https://issuer.example"}
    return {
        "default_store": "kv",
        "protect": draw(st.booleans()),
        "stores": {"kv": {"vault_kv": {}}, "archive": {"vault_kv": {"max_versions": draw(st.integers(1, 1000))}}},
        "vault": {
            "flavour": draw(st.sampled_from(["vault", "openbao"])),
            "auth": {
                "all": {"jwt": {"accepts": ["kubernetes", "github_actions", "gitlab_ci", "jwt"], **jwt}},
                "machines": {"approle": {}},
            },
            "engines": {
                "transit": {},
                "totp": {},
                "kubernetes": {
                    "clusters": {
                        "eu": {"kubernetes_host": "https://eu.example", "namespaces": {name: ["n"] for name in NAMES}}
                    }
                },
                "database": {
                    "connections": {
                        "orders": {
                            "postgresql": {
                                "host": "db.example",
                                "database": "orders",
                                "username": "admin",
                                "first_password": {"environment_variable": "FIRST"},
                            }
                        }
                    }
                },
            },
            "policies": {
                "by-hand": {
                    "reason": "a reason that is long enough",
                    "rules": [{"path": "kv-{{ environment }}/metadata/*", "capabilities": ["list"]}],
                    "workloads": draw(st.lists(st.sampled_from(workloads), max_size=2, unique=True))
                    if workloads
                    else [],
                }
            },
            "audit": {"log": {"file": {"path": "/var/log/audit.log"}}},
        },
    }
