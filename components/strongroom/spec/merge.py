"""Lays one file over another: JSON Merge Patch (RFC 7396) on values that keep the place they were written at.

Maps merge key by key; any other value of the override replaces the one below; `null` in it removes the key.
Where the files agree on what is a map, and none removes anything, merging is associative. A removal acts once,
on what lies below it, so with one it matters which two files are merged first: begin at the bottom.
"""

from strongroom.spec.yaml_nodes import Node, Source


def merge(base: Source, override: Source) -> Source:
    """A new source with `override` laid over `base`. A merged map counts as written in the override."""
    return Source(_merge(base.root, override.root))


def _merge(base: Node | None, override: Node) -> Node:
    if not isinstance(override.value, dict):
        return override
    merged = dict(base.value) if base is not None and isinstance(base.value, dict) else {}
    for key, node in override.value.items():
        if node.value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), node)
    return Node(merged, override.at, override.key_at)
