"""The stand-in provider `kubernetes`: any kind that the API server has, and releases of Helm as its table's one row."""

import base64
import binascii
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue

from ..frame.errors import MadeButUnreadError, StandInError, redact
from ..frame.provider import StandIn
from ..frame.values import Properties, is_unknown, secret_paths, strings_at, whole, wire
from . import checkpoint, lifecycle, names, objects
from .checkpoint import VALUES, Checkpoint
from .cluster import Cluster, ClusterError, NoSuchKindError, Settings, UnreachableError
from .connector import KubernetesConnector
from .difference import difference
from .kinds import Kind, kind_of
from .ownership import manager_of
from .refusals import refused
from .release import RELEASE
from .replacement import replacing

_UNPREVIEWABLE: Final = frozenset({"Forbidden", "AlreadyExists", "NotFound"})
"""Refusals of a dry run that say nothing of the deployment: rights, what is deleted first, what is made first."""


class KubernetesStandIn(StandIn[Cluster]):
    """Serves every kind that the API server has."""

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Return the inputs with a name and a namespace, or everything that is wrong with them."""
        if (kind := self._kind(request.type)) is None:
            return await super().check(request)
        given = whole(request.new_inputs)
        if wrong := list(kind.failures(given)):
            return protocol.CheckResponse(None, wrong)
        inputs = objects.normal({**objects.to_api(given), "apiVersion": kind.api_version, "kind": kind.name})
        old = objects.to_api(whole(request.old_inputs))
        if wrong := list(refused(kind, inputs)):
            return protocol.CheckResponse(None, wrong)
        inputs = names.named(inputs, old, request.name, request.random_seed)
        server = self._servers.get()
        if server is not None and await self._call(Cluster.namespaced, kind):
            inputs = names.in_namespace(inputs, server.settings.namespace)
        secret = checkpoint.secret_in(inputs, secret_paths(request.new_inputs))
        return protocol.CheckResponse(wire(objects.from_api(inputs), secret))

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Compare the live object of the state, as far as the program had said it, with new inputs."""
        if (kind := self._kind(request.type)) is None:
            return await super().diff(request)
        state, new = checkpoint.parsed(request.old_state), objects.normal(objects.to_api(whole(request.new_inputs)))
        server = self._servers.get()
        settings = server.settings if server else Settings()
        old = objects.normal(objects.pruned(state.live, objects.normal(state.inputs)))
        if server is None or await self._call(Cluster.namespaced, kind):
            old, new = names.in_namespace(old, "default"), names.in_namespace(new, "default")
        else:
            old, new = objects.without_namespace(old), objects.without_namespace(new)
        if objects.name_of(new):  # also where the server had chosen it
            old = objects.with_metadata(old, name=objects.name_of(state.live))
        fields = replacing(
            kind, new, mutable_secrets=settings.mutable_secrets, mutable_config_maps=settings.mutable_config_maps
        )
        return difference(old, state.live, new, fields, request.ignore_changes)

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Make the object. A preview is a dry run, where the server can do one."""
        if (kind := self._kind(request.type)) is None:
            return await super().create(request)
        inputs, secret = objects.to_api(whole(request.properties)), secret_paths(request.properties)
        manager = manager_of(inputs)
        change = lifecycle.Change(
            kind=kind, inputs=inputs, manager=manager, timeout=request.timeout, preview=request.preview
        )
        if request.preview and (kind.patch or not await self._previewable(kind, inputs)):
            return protocol.CreateResponse(None, request.properties)
        state = Checkpoint(
            live={}, inputs=inputs, manager=manager, first_version=kind.api_version, secret=frozenset(secret)
        )
        with self._hiding(inputs, secret):
            try:
                live = await self._call(lifecycle.create, change)
            except lifecycle.UnreadyError as error:
                raise _unready(error, state) from error
            except ClusterError as error:
                if request.preview and error.reason in _UNPREVIEWABLE:
                    return protocol.CreateResponse(None, request.properties)
                raise _told(error, f"{kind.token} {objects.identity_of(inputs)!r} was not created") from error
        if request.preview:
            live = {name: value for name, value in live.items() if name != "status"}
        written = checkpoint.written(state.of(live))
        return protocol.CreateResponse(None if request.preview else objects.identity_of(live), written)

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        """Refresh or import; what the server does not have reads as gone (no id)."""
        if (kind := self._kind(request.type)) is None:
            return await super().read(request)
        state, inputs = checkpoint.parsed(request.properties), objects.normal(objects.to_api(whole(request.inputs)))
        secret = secret_paths(request.inputs) | state.secret
        namespace, name = objects.parsed_identity(request.resource_id)
        with self._hiding({**state.live, **inputs}, secret):
            try:
                live = await self._call(Cluster.get, kind, namespace, name)
            except NoSuchKindError:  # its definition is gone, and with it every object
                live = None
            except UnreachableError:
                settings = await self._call(lambda server: server.settings)
                if settings.delete_unreachable:
                    return protocol.ReadResponse(None)
                if settings.skip_update_unreachable:
                    return protocol.ReadResponse(request.resource_id, request.properties, request.inputs)
                raise
        if live is None:
            return protocol.ReadResponse(None)
        known = inputs or state.live
        said = objects.normal(objects.pruned(live, inputs)) if known else objects.as_inputs(live, kind.told(live))
        after = Checkpoint(
            live=live,
            inputs=said,
            manager=manager_of(inputs, state.manager),
            first_version=state.first_version,
            secret=frozenset(secret),
        )
        wired = wire(objects.from_api(said), checkpoint.secret_in(live, secret))
        return protocol.ReadResponse(request.resource_id, checkpoint.written(after), wired)

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Change the object. A preview is a dry run, where the server can do one."""
        if (kind := self._kind(request.type)) is None:
            return await super().update(request)
        old, secret = checkpoint.parsed(request.olds), secret_paths(request.news)
        inputs = objects.normal(objects.to_api(whole(request.news)))
        former, manager = manager_of(old.inputs, old.manager), manager_of(inputs, old.manager)
        if request.preview and not await self._previewable(kind, inputs):
            return protocol.UpdateResponse(request.news)
        change = lifecycle.Change(
            kind=kind, inputs=inputs, manager=manager, timeout=request.timeout, preview=request.preview
        )
        state = Checkpoint(
            live={}, inputs=inputs, manager=manager, first_version=old.first_version, secret=frozenset(secret)
        )
        with self._hiding({**old.live, **inputs}, secret | old.secret):
            try:
                live = await self._call(lifecycle.update, change, list(request.ignore_changes), former)
            except lifecycle.UnreadyError as error:
                raise _unready(error, state) from error
            except ClusterError as error:
                if request.preview and error.reason == "Forbidden":
                    return protocol.UpdateResponse(request.news)
                raise _told(error, f"{kind.token} {request.resource_id!r} was not changed") from error
        return protocol.UpdateResponse(checkpoint.written(state.of(live)))

    async def delete(self, request: protocol.DeleteRequest) -> None:
        """Remove the object, and wait until it is gone."""
        if (kind := self._kind(request.type)) is None:
            return await super().delete(request)
        state = checkpoint.parsed(request.properties)
        change = lifecycle.Change(
            kind=kind, inputs=state.document, manager=manager_of(state.inputs, state.manager), timeout=request.timeout
        )
        with self._hiding(state.live, state.secret):
            try:
                await self._call(lifecycle.delete, change, request.resource_id)
            except UnreachableError:
                if not (await self._call(lambda server: server.settings)).delete_unreachable:
                    raise
        return None

    def _kind(self, qualified: str) -> Kind | None:
        """The kind of a type; None if it is one of the table."""
        token = qualified.rpartition("$")[2]
        return None if token in self._rows else kind_of(token)

    async def _previewable(self, kind: Kind, inputs: Properties) -> bool:
        """Whether the server can say what would come of it: it is there, knows the kind, and nothing is unknown."""
        if is_unknown(inputs) or self._servers.get() is None:
            return False
        try:
            await self._call(Cluster.resource, kind)
        except (NoSuchKindError, UnreachableError):
            return False
        return True

    @contextmanager
    def _hiding(self, values: Properties, secret: Collection[str]) -> Iterator[None]:
        """Keep what is secret out of errors, also as the server decodes it."""
        paths = checkpoint.secret_in(values, secret)
        try:
            with self._without_secrets(values, paths):
                yield
        except StandInError as error:
            decoded = [_decoded(text) for text in strings_at(values, paths & VALUES)]
            error.args = (redact(str(error), decoded),)
            raise


def provider(releases: Path) -> KubernetesStandIn:
    """Return the provider. The file of Helm releases is made with the first one."""
    return KubernetesStandIn(KubernetesConnector(releases), (RELEASE,))


def _told(error: ClusterError, what: str) -> ClusterError:
    return ClusterError(error.status, error.reason, f"{what} by the Kubernetes API server: {error}")


def _unready(error: lifecycle.UnreadyError, state: Checkpoint) -> MadeButUnreadError:
    """What makes the engine keep the object in its state, so that the next deployment goes on with it."""
    written = PropertyValue.marshal_map(checkpoint.written(state.of(error.live)))
    return MadeButUnreadError(str(error), objects.identity_of(error.live), written)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
