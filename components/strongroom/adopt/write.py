"""The files of an adopted server, as text: with comments, block texts, and the order that people read in."""

from collections.abc import Mapping
from typing import Any

import yaml

from strongroom.adopt.found import Found
from strongroom.spec.yaml_scalars import resolve
from strongroom.vault.profile import Profile

_SCHEMA = "# yaml-language-server: $schema=../schema/{}.schema.json\n"


class _Dumper(yaml.SafeDumper):
    """Writes what our own reader reads back as it was."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # What YAML 1.2 takes for a number or a truth value, PyYAML (1.1) may not.
    quoted = '"' if not isinstance(resolve(text), str) or len(text) > 100 else None
    # A block cannot begin with space, and the lines of an empty one are easily lost.
    block = "\n" in text and bool(text.strip()) and not text[0].isspace()
    style = "|" if block else quoted or ('"' if "\n" in text else None)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _dumped(data: Mapping[str, Any], indent: int = 0) -> str:
    text = yaml.dump(
        dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=False, width=10_000, default_flow_style=False
    )
    return "".join(f"{' ' * indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def environment_text(name: str, profile: Profile, found: Found) -> str:
    """The environment file."""
    lines = [
        _SCHEMA.format("environment"),
        "# Written by `strongroom adopt` from what is on the server. It is yours now: edit it, review it, commit it.\n",
        f"environment: {name}\n",
    ]
    if found.stores:
        versioned = [name for name, store in found.stores.items() if "vault_kv" in store]
        lines += ["\n", _dumped({"default_store": (versioned or list(found.stores))[0]})]
        lines += ["# KV engines. What is in them is declared in catalogs.\n", _dumped({"stores": found.stores})]
    lines += ["\nvault:\n", f"  flavour: {profile.flavour}\n", f'  version: "{profile.version}"\n']
    if profile.edition != "community":
        lines.append(f"  edition: {profile.edition}\n")
    adopted = {
        "engines": found.engines,
        "auth": found.auth,
        "policies": found.policies,
        "token_roles": found.token_roles,
        "password_policies": found.password_policies,
        "entities": found.entities,
        "groups": found.groups,
        "audit": found.audit,
        "left": _left(found),
    }
    if any(adopted.values()):
        lines += [
            "  # What was there before, exactly as it was found. A thing leaves this section when its declaration in\n",
            "  # the ordinary words (grants, engines, auth) takes its place: docs/adopt.md.\n",
            "  adopted:\n",
        ]
        lines += [_dumped({part: what}, indent=4) for part, what in adopted.items() if what]
    return "".join(lines)


def _left(found: Found) -> dict[str, str]:
    reasons: dict[str, list[str]] = {}
    for left in found.left:
        reasons.setdefault(left.path, []).append(left.reason)
    return {path: "; ".join(texts)[:512] for path, texts in reasons.items()}


def catalog_text(team: str, environment: str, secrets: Mapping[str, Any]) -> str:
    """The catalog of one team: the names of its secrets and of their fields, and no value."""
    items = {name: {**secret, "environments": [environment]} for name, secret in sorted(secrets.items())}
    return (
        _SCHEMA.format("catalog")
        + f"# Written by `strongroom adopt`: names only, no value was read. Whether {team} is a team, you know.\n"
        + _dumped({"team": team})
        + "\n"
        + _dumped({"secrets": items})
    )


def stack_text(environment: str, address: str, namespace: str | None) -> str:
    """The stack's configuration."""
    config = {"strongroom:environment": environment, "vault:address": address}
    if namespace:
        config["vault:namespace"] = namespace
    return _dumped({"config": config})
