"""What a ring encrypts, as the API of the cluster has it: where objects are listed, and where they lie in etcd."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.document import parsed
from strongroom.kubernetes.encryption.rotation.api import Api, ApiError

_ELSEWHERE: Final[Mapping[tuple[str, str], str]] = {
    ("", "replicationcontrollers"): "controllers",
    ("", "endpoints"): "services/endpoints",
    ("", "nodes"): "minions",
    ("", "services"): "services/specs",
    ("networking.k8s.io", "ingresses"): "ingress",
}
"""Resources whose folder in etcd is not called as they are: Kubernetes, `SpecialDefaultResourcePrefixes`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of objects."""

    group: str
    version: str
    plural: str
    namespaced: bool

    @property
    def base(self) -> str:
        """The path of its API."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    @property
    def list(self) -> str:
        """Where all of its objects are listed."""
        return f"{self.base}/{self.plural}"

    def path(self, name: str, namespace: str = "") -> str:
        """Where one object is. A name may have what means something in a URL: a role may be called `what?`."""
        inside = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
        return f"{self.base}/{inside}{self.plural}/{quote(name, safe='')}"

    @property
    def folders(self) -> tuple[str, ...]:
        """Where its objects may lie in etcd, below the prefix: built-in ones by their name alone, others by their
        group too."""
        plain = _ELSEWHERE.get((self.group, self.plural), self.plural)
        return (plain, f"{self.group}/{self.plural}") if self.group else (plain,)

    @property
    def label(self) -> str:
        """As metrics have it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def __str__(self) -> str:
        return self.label


def resolved(api: Api, resources: Iterable[str], exempt: Iterable[str]) -> tuple[Resource, ...]:
    """What those of a file are in this cluster, wildcards spelled out. Raises StrongroomError if one is not there.

    Kinds that nobody can list and change are not kept in etcd, or not for long.
    """
    without = {parsed(resource) for resource in exempt}
    found: dict[Resource, None] = {}
    for resource in resources:
        group, name = parsed(resource)
        known = [
            each
            for each_group in (_groups(api) if group == "*" else (group,))
            for each in _of_group(api, each_group)
            if name in ("*", each.plural)
        ]
        if not known and name != "*":
            raise StrongroomError(
                f"the cluster has no resource {resource}, of which the file says how it is encrypted; is its "
                "definition (CRD) gone? Take it out of `encryption.resources`"
            )
        found |= dict.fromkeys(
            each for each in known if (each.group, each.plural) not in without and (each.group, "*") not in without
        )
    return tuple(found)


def _groups(api: Api) -> Iterator[str]:
    """All that this API server keeps itself: not those of others behind it, nor a second name of what has one."""
    services = api.described("/apis/apiregistration.k8s.io/v1/apiservices").get("items") or ()
    others = {str(each["spec"].get("group") or "") for each in services if each["spec"].get("service")}
    yield ""
    for group in api.described("/apis").get("groups") or ():
        if group["name"] not in others | {"events.k8s.io"}:  # which is kept as `events` of the core group
            yield str(group["name"])


def _of_group(api: Api, group: str) -> Iterator[Resource]:
    """Its resources, each in one version: the group's preferred one, or for those that it lacks, the next that is
    served. A value is encrypted whatever version it is asked for in."""
    versions = ["v1"]
    if group:
        try:
            found = api.described(f"/apis/{group}")
        except ApiError as error:
            if error.status != 404:
                raise
            return
        preferred = str(found["preferredVersion"]["version"])
        versions = list(dict.fromkeys((preferred, *(str(each["version"]) for each in found["versions"]))))
    known = set[str]()
    for version in versions:
        base = f"/apis/{group}/{version}" if group else f"/api/{version}"
        for each in api.described(base).get("resources") or ():
            if _kept(each) and each["name"] not in known:
                known.add(each["name"])
                yield Resource(group=group, version=version, plural=each["name"], namespaced=bool(each["namespaced"]))


def _kept(resource: Mapping[str, Any]) -> bool:
    return "/" not in resource["name"] and {"list", "patch"} <= set(resource.get("verbs") or ())
