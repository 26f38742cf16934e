"""The file as a template of the External Secrets Operator, which fills in the ring and the keys from the store.

What comes out is byte for byte what `render` makes of the same ring and keys, which a test runs through Go's own
templates. Ring and keys are in neither the template nor the state: the operator reads them, where it runs.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from strongroom.kubernetes.encryption.document import IDENTITY, Plugin, configuration_of, covers
from strongroom.kubernetes.encryption.key_store import RESOURCES, RING
from strongroom.kubernetes.encryption.render import as_dict, key_lines, kms_settings, lines, provider_lines
from strongroom.kubernetes.encryption.ring import Ring

GROUP: Final = "external-secrets.io"


def template(resources: tuple[str, ...], plaintext: tuple[str, ...], plugins: tuple[Plugin, ...]) -> str:
    """The template, for engine version 2. A ring with a plugin that is not declared fails, and so does one that was
    made for other resources: the Secret stays then, as on a node the file would (`current_file`)."""
    # The ring of plain text has one line of its own, the last: the template's stand in its place.
    *head, _ = lines(as_dict(configuration_of(resources, plaintext, (), Ring((IDENTITY,))), {}))
    return "\n".join(head) + _same(covers(resources, plaintext)) + "".join(_ring(plugins)) + "\n"


def _same(declared: str) -> str:
    # A ring that says no resources is of before they were kept with it.
    other = f'and (index . "{RESOURCES}") (ne (index . "{RESOURCES}") {json.dumps(declared)})'
    return (
        f'{{{{- if and ({other}) (ne (index . "{RING}") "identity") }}}}'
        '{{- fail "the ring was made for other resources than are declared" }}{{- end }}'
    )


def _ring(plugins: tuple[Plugin, ...]) -> Iterator[str]:
    """One turn for each entry. A line is written with the break before it, and marks trim the breaks of their own."""
    keyed, *keys_of = provider_lines("{{ $kind }}", {"keys": []})
    yield '{{- $last := "" }}'
    yield f'{{{{- range $entry := splitList ", " (index . "{RING}") }}}}'
    yield '{{- $parts := splitList ":" $entry }}{{- $kind := index $parts 0 }}'
    yield '{{- if eq $kind "identity" }}'
    yield from _text(*provider_lines("identity", {}))
    yield '{{- else if eq $kind "kms" }}{{- $name := index $parts 1 }}'
    for plugin in plugins:
        configuration = configuration_of(("secrets",), (), (plugin,), Ring((plugin.entry,)))
        yield f'{{{{- if eq $name "{plugin.name}" }}}}'
        yield from _text(*provider_lines("kms", kms_settings(configuration, plugin.name)))
        yield "{{- else }}"
    yield '{{- fail (printf "there is no KMS plugin %s" $name) }}'
    yield "{{- end }}" * len(plugins)
    yield "{{- else }}"
    yield "{{- if ne $kind $last }}"
    yield from _text(keyed, *keys_of)
    yield "{{- end }}"
    filled_in = '"{{ index $ (printf "%s.%s" $kind (index $parts 1)) }}"'
    yield from _text(*key_lines('"{{ index $parts 1 }}"', filled_in))
    yield "{{- end }}{{- $last = $kind }}{{- end }}"


def _text(*written: str) -> Iterator[str]:
    # A mark with a hyphen trims the text before it, so a line ends in one without.
    yield from (f'{{{{ "\\n" }}}}{line}' for line in written)


def external_secret(
    name: str, text: str, *, api_version: str, store: str, remote_key: str, secret_key: str, refresh_seconds: int
) -> dict[str, Any]:
    """`apiVersion`, `kind` and `spec` of the ExternalSecret.

    The Secret outlives it (`Orphan`) and whatever happens to the store (`Retain`): API servers start with it.
    """
    return {
        "apiVersion": f"{GROUP}/{api_version}",
        "kind": "ExternalSecret",
        "spec": {
            "refreshInterval": f"{refresh_seconds}s",
            "secretStoreRef": {"kind": "SecretStore", "name": store},
            "target": {
                "name": name,
                "creationPolicy": "Orphan",
                "deletionPolicy": "Retain",
                "template": {
                    "type": "Opaque",
                    "engineVersion": "v2",
                    "mergePolicy": "Replace",
                    "data": {secret_key: text},
                },
            },
            "dataFrom": [{"extract": {"key": remote_key}}],
        },
    }
