"""The packages that are stood in for, one line each, and what each is started with."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Package(NamedTuple):
    """A package, and the one file that its stand-in is started with; all else comes from the environment."""

    module: str
    """The module whose `provider(file)` makes it. A package's SDK is imported only by the process that serves it."""
    option: str
    file: str
    """What the file is."""


PACKAGES: Final[Mapping[str, Package]] = {
    "vault": Package("vault.provider", "--token-file", "file that holds the deployer's token"),
    "aws": Package("aws.provider", "--credentials-file", "credentials in the form of ~/.aws/credentials"),
    "azure-native": Package("azure_native.provider", "--store", "file in which the resources are kept"),
    "gcp": Package("gcp.provider", "--store", "file in which the resources are kept"),
    "kubernetes": Package("kubernetes.provider", "--releases", "file in which Helm releases are kept"),
}
