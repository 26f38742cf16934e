"""How pods get at the values of a Kubernetes Secret: as files, or on request as environment variables.

Pure, and plain maps as the Kubernetes API has them, for manifests and for Pulumi programs in any form; typed arguments
of `pulumi_kubernetes` are in `strongroom.kubernetes.consume.arguments`. The kubelet brings the values: the service
account of the pod needs no rights for it, and whoever may create pods in a namespace can use every Secret there.
"""

from strongroom.kubernetes.consume.parts import ALL, env_from_secret, secret_mount, secret_volume
from strongroom.kubernetes.consume.pods import with_env, with_files

__all__ = ["ALL", "env_from_secret", "secret_mount", "secret_volume", "with_env", "with_files"]
