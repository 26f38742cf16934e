"""`strongroom encryption`: the keys by which API servers encrypt what is in etcd, and the file with them."""

from pathlib import Path
from typing import Annotated

import typer

from strongroom.cli import rotation
from strongroom.cli.options import Config, Root, StackName, failing_clearly, planned

app = typer.Typer(
    help="Encryption at rest of a Kubernetes cluster: keys go to a store and to control planes, never to the screen.",
    no_args_is_help=True,
)

ClusterName = Annotated[
    str, typer.Argument(metavar="CLUSTER", help="Its name in the environment file.", show_default=False)
]
app.command()(rotation.status)
app.command()(rotation.rotate)
app.command()(rotation.verify)


@app.command()
def init(
    cluster: ClusterName,
    stack: StackName,
    new_cluster: Annotated[
        bool, typer.Option("--new-cluster", help="Nothing was ever written to its etcd: no plain text is read.")
    ] = False,
    take_over: Annotated[
        Path | None,
        typer.Option(
            help="The file by which its API servers encrypt already: its keys are kept.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Make the first key of a cluster in its key store. What is kept there already stays as it is.

    A running cluster goes on writing plain text at first: `strongroom encryption rotate` leads on from there.
    """
    with failing_clearly():
        from strongroom.errors import WrongInputError
        from strongroom.kubernetes.encryption.bootstrap import advised, begin
        from strongroom.kubernetes.encryption.key_stores import open_keys
        from strongroom.kubernetes.encryption.plan import encryption_of

        if new_cluster and take_over:
            raise WrongInputError("a new cluster has no file to take over; leave out one of the two")
        project, plan = planned(stack, config_file, root)
        record, secret = encryption_of(plan, cluster)
        store = open_keys(project, stack, plan, secret)
        kept, made = begin(store, record, new_cluster=new_cluster, file=take_over.read_bytes() if take_over else None)
        done = "made" if made else "is there already; nothing was changed"
        typer.echo(f"{cluster}: ring {kept.ring} {done} ({secret.store}, {secret.path}, version {kept.version})")
        for line in advised(record):
            typer.echo(f"{cluster}: {line}.", err=True)


@app.command()
def render(
    cluster: ClusterName,
    stack: StackName,
    output: Annotated[Path, typer.Option(help="The file that `--encryption-provider-config` names.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with code 1 if the file is not as it has to be.")
    ] = False,
    config_file: Config = None,
    root: Root = None,
) -> None:
    """Write the file with the keys, on a control-plane node. All nodes of a cluster get the same bytes.

    The file is for its owner only (0600) and is replaced in one step. Shown are names and the SHA-256, by which API
    servers say which file they read.
    """
    with failing_clearly():
        from contextlib import nullcontext

        from strongroom.errors import StrongroomError
        from strongroom.kubernetes.encryption.current import current_file, place
        from strongroom.kubernetes.encryption.file import alone, differs
        from strongroom.kubernetes.encryption.key_stores import open_keys
        from strongroom.kubernetes.encryption.plan import encryption_of
        from strongroom.kubernetes.encryption.render import sha256

        project, plan = planned(stack, config_file, root)
        record, secret = encryption_of(plan, cluster)
        store = open_keys(project, stack, plan, secret)
        with nullcontext() if check else alone(output):
            if (kept := store.read()) is None:
                raise StrongroomError(f"{cluster} has no keys yet; make them with `strongroom encryption init`")
            data = current_file(record, kept)
            difference = differs(output, data) if check else place(output, data, kept)
        wrong = check and difference
        typer.echo(f"{cluster}: ring {kept.ring}, {sha256(data)}: {output} {wrong or 'is as it has to be'}")
        if wrong:
            raise typer.Exit(1)
