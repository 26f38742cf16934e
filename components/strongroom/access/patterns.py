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


def witness_beginning(pattern: str, beginning: str) -> str | None:
    """A path that begins with `beginning` and that `pattern` matches; None if there is none.

    For example `sys/policies/*` reaches `sys/policies/acl/prod.x`, which begins with `sys/policies/acl/prod.`. The last
    segment of `beginning` is that of a name, which the server may know in lower case only: there case is ignored.
    """
    *place, name = beginning.split("/")
    given, is_open = pattern.removesuffix("*").split("/"), pattern.endswith("*")
    if is_open and len(given) <= len(place):
        return f"{beginning}x" if witness_below(pattern, "/".join(place)) else None
    if len(given) <= len(place) or not all(map(_fits, given, place)):
        return None
    segment, rest = given[len(place)], given[len(place) + 1 :]
    if segment == "+":
        segment = f"{name}x"
    elif is_open and not rest and name.lower().startswith(segment.lower()):
        segment = f"{segment}{name[len(segment) :]}x"
    elif not segment.lower().startswith(name.lower()):
        return None
    return "/".join([*place, segment, *("x" if part == "+" else part for part in rest)])


def _fits(pattern_segment: str, segment: str) -> bool:
    return pattern_segment in ("+", segment)
