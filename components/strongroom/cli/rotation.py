"""`strongroom encryption status|rotate|verify`: from one key to another while the cluster runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.options import Config, Root, StackName, failing_clearly, planned

if TYPE_CHECKING:
    from pathlib import Path

    from strongroom.kubernetes.encryption.key_store import KeyStore
    from strongroom.kubernetes.encryption.plan import EncryptionAtRest
    from strongroom.kubernetes.encryption.rotation.run import End
    from strongroom.kubernetes.encryption.rotation.status import Standing

SERVER_LAGS = 3
"""Exit code: an API server did not go on for so long; run the same again."""
BACKUP_NEEDED = 4
"""Exit code: everything is done but to take a backup of etcd and drop what is old."""

ClusterName = Annotated[
    str, typer.Argument(metavar="CLUSTER", help="Its name in the environment file.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def status(
    cluster: ClusterName, stack: StackName, as_json: AsJson = False, config_file: Config = None, root: Root = None
) -> None:
    """Show which API server has loaded what, by what the values in etcd are written, and what comes next.

    Changes nothing. Values are counted where `encryption.etcd` is given.
    """
    with failing_clearly():
        found = _standing(cluster, stack, config_file, root, always_count=False)
        _show(cluster, found, as_json=as_json)


def verify(
    cluster: ClusterName, stack: StackName, as_json: AsJson = False, config_file: Config = None, root: Root = None
) -> None:
    """Check that every API server has loaded the ring, and that every value is written by its first entry.

    Changes nothing. Exit code 1 if that is not so, or cannot be known. Without `encryption.etcd`, each object is read
    once, and the metrics of the API server say by what.
    """
    with failing_clearly():
        found = _standing(cluster, stack, config_file, root, always_count=True)
        _show(cluster, found, as_json=as_json)
        if found.flaws:
            if not as_json:
                for flaw in found.flaws:
                    typer.echo(flaw, err=True)
            raise typer.Exit(1)


def rotate(
    cluster: ClusterName,
    stack: StackName,
    backup_taken: Annotated[
        str | None,
        typer.Option(
            metavar="SNAPSHOT",
            help="A backup of etcd that was taken after this command asked for it: its file here, or its id elsewhere. "
            "The old key goes then.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="ENTRY",
            help="Lead back to an entry that there is, as secretbox:key-1, instead of to the newest key.",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, help="How many objects are rewritten in a second at the most.")] = 50,
    wait: Annotated[int, typer.Option(min=0, help="Seconds to wait for API servers that do not go on.")] = 600,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Replace the key of a cluster, or what it is encrypted by, or go on with that.

    Each step is decided by what the cluster shows right before, so whatever interrupted it, the same command goes on. A
    step that could make a value unreadable is refused. With a finished ring a new key is made, unless `--backup-taken`
    or `--to` is given.

    Exit code 3: an API server lags; 4: take a backup of etcd, and go on with `--backup-taken`.
    """
    with failing_clearly():
        from strongroom.kubernetes.encryption.rotation import backup
        from strongroom.kubernetes.encryption.rotation.cluster import LiveCluster
        from strongroom.kubernetes.encryption.rotation.run import Rotation

        if backup_taken is not None:
            backup.check(backup_taken)
        record, store = _opened(cluster, stack, config_file, root)
        with LiveCluster(record) as live:
            rotation = Rotation(live, store, _line, rate_per_second=rate, patience_seconds=wait)
            target = rotation.target(record, to=to, may_begin=backup_taken is None)
            end = rotation.towards(target, backup=backup_taken is not None)
        _end(cluster, end)


def _end(cluster: str, end: "End") -> None:
    from strongroom.kubernetes.encryption.rotation.machine import ConfirmBackup, Done, WaitFor

    match end:
        case Done(entry):
            typer.echo(f"{cluster}: done; {entry} alone reads and writes")
        case WaitFor(servers, what):
            for server in servers:
                typer.echo(f"{server.name} did not {what}{f': {server.said}' if server.said else ''}", err=True)
            typer.echo("Nothing was assumed. Run the same command again when it has.", err=True)
            raise typer.Exit(SERVER_LAGS)
        case ConfirmBackup(old):
            typer.echo(
                f"All values are rewritten. Backups of etcd from before need {', '.join(map(str, old))}: take one now "
                "(`etcdctl snapshot save FILE`), then run `strongroom encryption rotate --backup-taken FILE`.",
                err=True,
            )
            raise typer.Exit(BACKUP_NEEDED)
        case refusal:
            typer.echo(f"Refused: {refusal}.", err=True)
            raise typer.Exit(1)


def _line(text: str) -> None:
    # At once, also into a pipe: whoever watches sees where it stands.
    typer.echo(text)


def _opened(
    cluster: str, stack: str, config_file: "Path | None", root: "Path | None"
) -> "tuple[EncryptionAtRest, KeyStore]":
    from strongroom.kubernetes.encryption.key_stores import open_keys
    from strongroom.kubernetes.encryption.plan import encryption_of

    project, plan = planned(stack, config_file, root)
    record, secret = encryption_of(plan, cluster)
    return record, open_keys(project, stack, plan, secret)


def _standing(
    cluster: str, stack: str, config_file: "Path | None", root: "Path | None", *, always_count: bool
) -> "Standing":
    from strongroom.errors import StrongroomError
    from strongroom.kubernetes.encryption.rotation.cluster import LiveCluster
    from strongroom.kubernetes.encryption.rotation.status import standing

    record, store = _opened(cluster, stack, config_file, root)
    kept = store.read()
    if kept is None:
        raise StrongroomError(f"{cluster} has no keys yet; make them with `strongroom encryption init`")
    with LiveCluster(record) as live:
        return standing(live, kept, count=always_count or live.etcd is not None)


def _show(cluster: str, found: "Standing", *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from strongroom.cli.rotation_tables import standing_json, standing_tables

    if as_json:
        typer.echo(standing_json(cluster, found, datetime.now(UTC)))
    else:
        standing_tables(found, datetime.now(UTC))
