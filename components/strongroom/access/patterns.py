"""Path patterns of Vault policies: what one pattern can reach.

The rules are the server's own (Vault and OpenBao, "Policies"): a final `*` matches any ending, also one with further
segments; a segment `+` matches exactly one segment; `*` and `+` elsewhere are literal.
"""


def witness_below(pattern: str, mount: str) -> str | None:
    """A path at or below `mount` that `pattern` matches, as short as the pattern allows; None if there is none.

    For example `+/data/*` below `kv-prod` gives `kv-prod/data/`.
    """
    wanted, given = mount.split("/"), pattern.removesuffix("*").split("/")
    if pattern.endswith("*") and len(given) <= len(wanted):
        # The pattern ends within the mount's own path, and its `*` stands for what is left of that.
        *segments, beginning = given
        fits = all(map(_fits, segments, wanted)) and wanted[len(segments)].startswith(beginning)
        return f"{mount}/" if fits else None
    if len(given) < len(wanted) or not all(map(_fits, given, wanted)):
        return None
    return "/".join([mount, *("x" if segment == "+" else segment for segment in given[len(wanted) :])])


def _fits(pattern_segment: str, segment: str) -> bool:
    return pattern_segment in ("+", segment)
