"""What the External Secrets Operator does, as far as the API server and Vault see it.

It reads the manifests back from the API server and does what their words say, in the order of the operator's own
documentation ("HashiCorp Vault"); nothing of the plan is asked.
"""

from typing import Any

import hvac
from kubernetes.client import CustomObjectsApi

from strongroom_sandbox import Sandbox
from support.control_plane import ControlPlane


class Operator:
    """The operator of one cluster, with rights to ask for tokens of the service accounts that stores name."""

    def __init__(self, cluster: ControlPlane, sandbox: Sandbox) -> None:
        self.cluster, self.sandbox = cluster, sandbox

    def found(self, namespace: str, plural: str, name: str) -> dict[str, Any]:
        """A resource as the API server has it."""
        api = CustomObjectsApi(self.cluster.admin)
        answer: dict[str, Any] = api.get_namespaced_custom_object("external-secrets.io", "v1", namespace, plural, name)
        return answer

    def login(self, namespace: str, store: str) -> hvac.Client:
        """Logs in as a SecretStore says: with a token of the service account that it names."""
        auth = self.found(namespace, "secretstores", store)["spec"]["provider"]["vault"]["auth"]
        client = self.sandbox.vault.workload_client()
        if jwt := auth.get("jwt"):
            asked = jwt["kubernetesServiceAccountToken"]
            token = self.cluster.token(namespace, asked["serviceAccountRef"]["name"], *asked["audiences"])
            client.auth.jwt.jwt_login(role=jwt["role"], jwt=token, path=jwt["path"])
        else:
            kubernetes = auth["kubernetes"]
            account = kubernetes["serviceAccountRef"]
            token = self.cluster.token(namespace, account["name"], *account["audiences"])
            client.auth.kubernetes.login(role=kubernetes["role"], jwt=token, mount_point=kubernetes["mountPath"])
        return client

    def reconcile(self, namespace: str, name: str) -> dict[str, str]:
        """The values that an ExternalSecret names, by key; the Secret is made of them."""
        spec = self.found(namespace, "externalsecrets", name)["spec"]
        store = self.found(namespace, "secretstores", spec["secretStoreRef"]["name"])["spec"]["provider"]["vault"]
        assert store["version"] == "v2"
        client = self.login(namespace, spec["secretStoreRef"]["name"])
        values: dict[str, str] = {}
        for entry in spec.get("data", ()):
            values[entry["secretKey"]] = self._read(client, store["path"], entry["remoteRef"]["key"])[
                entry["remoteRef"]["property"]
            ]
        for whole in spec.get("dataFrom", ()):
            values |= self._read(client, store["path"], whole["extract"]["key"])
        body = {"metadata": {"name": spec["target"]["name"]}, "stringData": values}
        self.cluster.core.create_namespaced_secret(namespace, body)
        return values

    @staticmethod
    def _read(client: hvac.Client, mount: str, key: str) -> dict[str, str]:
        answer = client.secrets.kv.v2.read_secret_version(key, mount_point=mount, raise_on_deleted_version=False)
        return dict(answer["data"]["data"])
