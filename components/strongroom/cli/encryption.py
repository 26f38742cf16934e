"""`strongroom encryption`: the keys by which API servers encrypt what is in etcd, and the file with them."""

from typing import Annotated

import typer

app = typer.Typer(
    help="Encryption at rest of a Kubernetes cluster: keys go to a store and to control planes, never to the screen.",
    no_args_is_help=True,
)

ClusterName = Annotated[
    str, typer.Argument(metavar="CLUSTER", help="Its name in the environment file.", show_default=False)
]
