"""Path patterns of Vault policies: what one pattern can reach.

The rules are the server's own (Vault and OpenBao, "Policies"): a final `*` matches any ending, also one with further
segments; `+` matches exactly one segment, possibly empty; `*` elsewhere is literal.
"""


def witness_below(pattern: str, mount: str) -> str | None:
    """A path below `mount` that `pattern` matches, as short as the pattern allows; None if there is none.

    For example `kv-+/data/*` below `kv-prod` gives `kv-prod/data/`.
    """
    prefix = pattern.endswith("*")
    wanted = mount.split("/")
    given = (pattern[:-1] if prefix else pattern).split("/")
    path: list[str] = []
    for position, segment in enumerate(wanted):
        last = position == len(given) - 1
        if position >= len(given):
            return None
        if prefix and last:
            # The rest of the mount is whatever `*` stands for.
            return f"{mount}/" if segment.startswith(given[position]) or given[position] in ("+", "") else None
        if given[position] not in ("+", segment):
            return None
        path.append(segment)
    rest = given[len(wanted) :]
    return "/".join([*path, *("x" if segment == "+" else segment for segment in rest)]) if rest else None
