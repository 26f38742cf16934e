"""What the platform team writes about how a cluster's API servers encrypt what they keep in etcd."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.kubernetes.encryption.document import Configuration, Plugin, configuration_of
from strongroom.kubernetes.encryption.managed import Managed
from strongroom.kubernetes.encryption.ring import NAME, Entry, Kind, Ring
from strongroom.kubernetes.encryption.rotation.reach import Reach
from strongroom.kubernetes.encryption.rotation.spec import Etcd, FilePath
from strongroom.kubernetes.encryption.rules import flaws
from strongroom.spec.identity import KubernetesName
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, HttpsUrl, Name, check_characters, refuse

DAY: Final = 86400
PlainReason = Annotated[str, Field(min_length=10, max_length=200, pattern=r"^[^\r\n]*$")]


def _check_plugin(text: str) -> str:
    return check_characters(text, "the name of the plugin", f"^{NAME}$", "A-Za-z0-9._-", 63)


class KmsPlugin(Model):
    """A KMS plugin beside each API server, which speaks version 2 of the interface. Its keys are its own."""

    name: Annotated[str, AfterValidator(_check_plugin)]
    """What stands in etcd before each value. To an API server, another name is another plugin."""
    endpoint: str
    """Its socket on each control-plane node, such as `unix:///run/kmsplugin/socket.sock`."""
    timeout: Duration = 3
    """How long an API server waits for it."""

    @property
    def plugin(self) -> Plugin:
        """As it stands in the file."""
        return Plugin(name=self.name, endpoint=self.endpoint, timeout_ms=self.timeout * 1000)


class ConfigurationDelivery(Model):
    """A Secret with the file, for a hosted control plane whose API servers mount it. The External Secrets Operator
    makes it from what the key store keeps."""

    cluster: Name
    """The cluster in which the API servers run as pods. Not the encrypted one itself, which could not start without."""
    namespace: KubernetesName
    """Their namespace. Whoever reads Secrets there reads the keys."""
    kubernetes_secret: KubernetesName
    """The name of the Secret."""
    secret_store: KubernetesName
    """A SecretStore of that namespace whose identity may read the key secret, and nothing else."""
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")] = "encryption.yaml"
    """The key of the Secret, which is the name of the mounted file."""
    refresh: Duration = 300
    """How often the operator looks at the key store. A rotation waits for it at each step."""


class Encryption(Model):
    """How what the API servers of a cluster keep in etcd is encrypted."""

    provider: Kind | None = None
    """By what is written: `secretbox`, `aescbc`, `aesgcm`, `kms`, or `identity`: not at all. Default: `kms` where `kms`
    is given, else `secretbox`. A change is a migration, which `strongroom encryption rotate` makes."""
    resources: tuple[str, ...] = ("secrets",)
    """What is encrypted: `secrets` at least; `configmaps`, `widgets.example.com`, `*.apps`, `*.` (the core group) or
    `*.*`."""
    plaintext: tuple[str, ...] = ()
    """What stays in plain text though a wildcard of `resources` covers it, such as `events`: never Secrets."""
    reason: PlainReason | None = None
    """Why nothing is encrypted. Needed with `provider: identity`, and only there."""
    key_store: Name | None = None
    """The store of the environment that keeps the ring and its keys. Needed but for a managed cluster."""
    kms: KmsPlugin | None = None
    """The plugin that writes, for `provider: kms`."""
    kms_before: tuple[KmsPlugin, ...] = ()
    """Plugins that wrote what is still in etcd, while they are replaced."""
    rotate_every: Annotated[Duration, Field(ge=DAY)] = 90 * DAY
    """After which time a key is due to be replaced: `1d` or more. A plugin replaces its own."""
    deliver: ConfigurationDelivery | None = None
    """A Secret with the file. Default: none; `strongroom encryption render` writes it on each control-plane node."""
    api_servers: tuple[HttpsUrl, ...] = ()
    """Each API server's own address, where there are several: a rotation asks each what it has loaded, as a load
    balancer would not. They are asked with the credentials of the cluster's context. Default: `server` alone."""
    etcd: Etcd | None = None
    """How a rotation looks at what lies in etcd. Default: not at all; it has each object read once instead, and goes by
    the metrics of API servers."""
    files: tuple[FilePath, ...] = ()
    """Files of API servers on the machine that the rotation runs on; it writes them itself. Default: none; each
    control-plane node runs `strongroom encryption render`."""
    request_timeout: Annotated[Duration, Field(ge=1)] = 60
    """After which API servers give up any write (their `--request-timeout`): what began before they loaded a file is
    over then."""
    managed: Managed | None = None
    """A cluster whose vendor runs etcd and encrypts it. Nothing else can be said then."""

    @property
    def writes(self) -> Kind:
        """By what is to be written."""
        return self.provider or ("kms" if self.kms else "secretbox")

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """All plugins that may be needed, the one that writes first."""
        return tuple(each.plugin for each in (*((self.kms,) if self.kms else ()), *self.kms_before))

    @property
    def reach(self) -> Reach:
        """Where a rotation looks."""
        return Reach(
            api_servers=self.api_servers,
            etcd=self.etcd.place if self.etcd else None,
            files=self.files,
            request_timeout_seconds=self.request_timeout,
        )

    def configuration(self, ring: Ring) -> Configuration:
        """What the file says with a ring."""
        return configuration_of(self.resources, self.plaintext, self.plugins, ring)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.managed:
            if others := sorted(self.model_fields_set - {"managed"}):
                raise refuse(f"`{others[0]}` cannot be said of a managed cluster", "its vendor runs etcd: leave it out")
            return self
        if self.key_store is None:
            raise refuse(
                "no `key_store` is named", "name the store that keeps the keys, or say who manages the cluster"
            )
        if self.writes == "kms" and self.kms is None:
            raise refuse("`provider: kms` without `kms`", "say the name and the socket of the plugin")
        if self.writes != "kms" and self.kms is not None:
            raise refuse(
                f"`kms` is given, and {self.writes} writes", "list the plugin under `kms_before`, while it is replaced"
            )
        if (self.writes == "identity") != (self.reason is not None):
            raise refuse("`reason` and `provider: identity` go together", "say why nothing is encrypted, or encrypt it")
        self._check_resources()
        return self

    def _check_resources(self) -> None:
        if not {"secrets", "*.", "*.*"} & set(self.resources):
            raise refuse("Secrets would not be encrypted", "name `secrets` among `resources`")
        if "secrets" in self.plaintext or {"*.", "*.*"} & set(self.plaintext):
            raise refuse("Secrets would be kept in plain text", "leave them out of `plaintext`")
        entries = [plugin.entry for plugin in self.plugins] or [Entry("secretbox", "key-1")]
        for flaw in flaws(self.configuration(Ring(tuple(entries)))):
            raise refuse(flaw)
