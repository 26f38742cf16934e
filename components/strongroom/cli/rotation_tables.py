"""How the encryption of a cluster looks on a terminal, and as JSON."""

import json
from datetime import datetime

from rich.console import Console
from rich.table import Table

from strongroom.cli.show import duration_of
from strongroom.kubernetes.encryption.rotation.status import Standing, in_words
from strongroom.spec.names import duration


def standing_tables(found: Standing, now: datetime) -> None:
    """The API servers, the values, and what comes next."""
    seen, console = found.seen, Console()
    servers = Table("API server", "ring", "note", box=None)
    for server in seen.servers:
        note = "" if server.drained or not server.current else "ends requests of the ring before"
        servers.add_row(server.name, "loaded" if server.current else "not loaded", server.said or note)
    for name in seen.unnamed:
        servers.add_row(name, "?", "not in `encryption.api_servers`")
    console.print(servers)
    if seen.stored is not None:
        values = Table("written by", "values", "", box=None)
        for entry in dict.fromkeys((*seen.ring.entries, *sorted(seen.stored.by, key=str))):
            note = "" if seen.ring.reads(entry) else "not in the ring"
            values.add_row(str(entry), str(seen.stored.by.get(entry, 0)), note)
        if seen.stored.strange:
            values.add_row("nothing known", str(seen.stored.strange), "no API server reads them by this ring")
        console.print(values)
    counted = found.how or "not counted (`verify` does; `encryption.etcd` is not given, or an API server lags)"
    age = f", unchanged for {duration_of(now - found.unchanged_since)}" if found.unchanged_since else ""
    due = f"; a new key is due every {duration(int(found.due_after.total_seconds()))}" if found.due_after else ""
    lines = {
        "ring": f"{seen.ring}{age}{due}{' (overdue)' if found.due(now) else ''}",
        "values": counted,
        "next": in_words(found.step, found.target),
    }
    for name, text in lines.items():
        console.print(f"{name:<7} {text}", highlight=False, markup=False, soft_wrap=True)


def standing_json(cluster: str, found: Standing, now: datetime) -> str:
    """The same for programs."""
    seen = found.seen
    return json.dumps(
        {
            "cluster": cluster,
            "ring": [str(entry) for entry in seen.ring.entries],
            "target": str(found.target),
            "unchanged_since": found.unchanged_since.isoformat() if found.unchanged_since else None,
            "due": found.due(now),
            "servers": [
                {"address": s.name, "loaded": s.current, "drained": s.drained, "said": s.said} for s in seen.servers
            ],
            "unnamed_servers": list(seen.unnamed),
            "values": None
            if seen.stored is None
            else {str(entry): count for entry, count in sorted(seen.stored.by.items(), key=lambda each: str(each[0]))},
            "strange_values": None if seen.stored is None else seen.stored.strange,
            "counted": found.how or None,
            "next": in_words(found.step, found.target),
            "flaws": list(found.flaws),
        },
        indent=2,
    )
