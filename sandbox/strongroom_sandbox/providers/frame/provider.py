"""The provider protocol over a table of rows."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue

from . import settle
from .caller import ByCaller
from .check import failures
from .defaults import with_defaults
from .diff import difference
from .errors import MadeButUnreadError, StandInError, UnansweredError, redact
from .row import Function, Row, Server
from .values import UNKNOWN, Properties, given, plain, secret_paths, strings_at, wire

T = TypeVar("T")


class Connector(ABC, Generic[Server]):
    """Checks a provider's configuration and connects to the server with it."""

    package: str

    @abstractmethod
    def check(self, configuration: Properties) -> Iterator[protocol.CheckFailure]:
        """Yield what is wrong with the provider's configuration."""

    @abstractmethod
    def connect(self, configuration: Properties) -> Server:
        """Return a connection; it is opened when it is first used.

        Raises:
            StandInError: the configuration names no server of this machine.
        """

    @abstractmethod
    def secrets(self) -> Iterable[str]:
        """Return the secrets that the connection itself holds, such as its token."""


class StandIn(protocol.Provider, Generic[Server]):
    """A Pulumi provider that is nothing but a table of rows, and one of functions."""

    def __init__(
        self,
        connector: Connector[Server],
        rows: Iterable[Row[Server]],
        functions: Mapping[str, Function[Server]] = MappingProxyType({}),
    ) -> None:
        """Args: functions: By type token, such as `aws:index/getCallerIdentity:getCallerIdentity`."""
        self._connector = connector
        self._rows: Mapping[str, Row[Server]] = {row.token: row for row in rows}
        self._functions = functions
        self._servers: ByCaller[Server] = ByCaller()

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Refuse a configuration that the stand-in would not honour."""
        configuration = given(plain(request.new_inputs))
        return protocol.CheckResponse(request.new_inputs, list(self._connector.check(configuration)))

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        """Connect; a value that is not known yet (a preview before a server exists) leaves it unconnected."""
        configuration = given(plain(request.args))
        self._servers.set(None)
        if UNKNOWN not in configuration.values():
            wrong = [failure.reason for failure in self._connector.check(configuration)]
            if wrong:
                raise StandInError("; ".join(wrong))
            self._servers.set(await asyncio.to_thread(self._connector.connect, configuration))
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        """Call a function of the table; of the official provider's many, a stand-in has few or none."""
        if request.tok not in self._functions:
            have = f" but {', '.join(sorted(self._functions))}" if self._functions else ""
            raise StandInError(
                f"the stand-in provider for {self._connector.package!r} has no functions{have}, so not "
                f"{request.tok!r}: use the official provider"
            )
        secret = secret_paths(request.args)
        arguments = given(plain(request.args))
        with self._without_secrets(arguments, secret):
            answer = await self._call(self._functions[request.tok], arguments)
        return protocol.InvokeResponse(return_value=wire(answer.properties, answer.secret))

    async def get_schema(self, request: protocol.GetSchemaRequest) -> protocol.GetSchemaResponse:
        """Refuse: the SDK's classes tell what the table needs, but they are no schema."""
        del request
        raise StandInError(
            "the stand-in provider has no schema, from which `pulumi import` would write a program: "
            "import with --generate-code=false, or use the official provider"
        )

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Return the inputs with defaults, or everything that is wrong with them."""
        row = self._row(request.type)
        inputs = given(plain(request.new_inputs))
        wrong = list(failures(inputs, row.inputs, row.token))
        if wrong:
            return protocol.CheckResponse(None, wrong)
        old = plain(request.old_inputs)
        filled = row.completed(with_defaults(row, inputs, old, request.name, request.random_seed), self._servers.get())
        broken = [protocol.CheckFailure(*found) for rule in row.rules if (found := rule(filled)) is not None]
        return protocol.CheckResponse(wire(filled, row.secret | secret_paths(request.new_inputs)), broken)

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Compare the state with new inputs."""
        row = self._row(request.type)
        return difference(row, plain(request.old_state), given(plain(request.new_inputs)), request.ignore_changes)

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Create on the server and answer with what the server then says."""
        row, inputs = self._row(request.type), given(plain(request.properties))
        secret = row.secret | secret_paths(request.properties)
        if request.preview:
            return protocol.CreateResponse(None, wire(settle.planned(row, inputs, {}), secret))
        with self._without_secrets(inputs, secret):
            try:
                written = await self._call(row.create, inputs)
            except UnansweredError as error:
                identity = row.identity_before(inputs)
                raise (_made_but_unread(error, identity, inputs, secret) if identity else error) from error
            known = inputs | written.told_once
            try:
                read = await self._existing(row, written.identity, known)
            except StandInError as error:
                raise _made_but_unread(error, written.identity, known, secret) from error
        return protocol.CreateResponse(written.identity, wire(settle.settled(row, read, inputs, {}), secret))

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        """Refresh or import; what the server does not have reads as gone (no id)."""
        row, known, inputs = self._row(request.type), plain(request.properties), given(plain(request.inputs))
        secret = row.secret | secret_paths(request.properties) | secret_paths(request.inputs)
        with self._without_secrets(known | inputs, secret):
            read = await self._read(row, request.resource_id, known)
        if read is None:
            return protocol.ReadResponse(None)
        after = settle.inputs_after_read(row, read, inputs)
        return protocol.ReadResponse(request.resource_id, wire(read, secret), wire(after, secret))

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Update on the server and answer with what the server then says."""
        row, state, inputs = self._row(request.type), plain(request.olds), given(plain(request.news))
        # What is ignored stays as the server has it, also where it was never an input: leaving it out would unset it.
        inputs = {name: state[name] for name in request.ignore_changes if state.get(name) is not None} | inputs
        secret = row.secret | secret_paths(request.news)
        if request.preview:
            return protocol.UpdateResponse(wire(settle.planned(row, inputs, state), secret))
        with self._without_secrets(state | inputs, secret):
            told_once = await self._call(row.update, request.resource_id, state, inputs) or {}
            read = await self._existing(row, request.resource_id, _told_before(row, state) | inputs | told_once)
        return protocol.UpdateResponse(wire(settle.settled(row, read, inputs, state), secret))

    async def delete(self, request: protocol.DeleteRequest) -> None:
        """Delete on the server."""
        row, state = self._row(request.type), plain(request.properties)
        with self._without_secrets(state, row.secret | secret_paths(request.properties)):
            await self._call(row.delete, request.resource_id, state)

    def _row(self, qualified: str) -> Row[Server]:
        # Below a component the URN's type is the chain of its parents' types: `strongroom:index:X$vault:index/…`.
        token = qualified.rpartition("$")[2]
        if token in self._rows:
            return self._rows[token]
        near = get_close_matches(token, self._rows, n=1, cutoff=0.0)
        raise StandInError(
            f"the stand-in provider for {self._connector.package!r} does not serve {token!r} (nearest: {near[0]!r}). "
            "Add a row for it to the stand-in's table, or use the official provider"
        )

    async def _existing(self, row: Row[Server], identity: str, inputs: Properties) -> Properties:
        read = await self._read(row, identity, inputs)
        if read is None:
            raise StandInError(f"{row.token} {identity!r} was written, but the server does not have it")
        return read

    async def _read(self, row: Row[Server], identity: str, known: Properties) -> Properties | None:
        read = await self._call(row.read, identity, known)
        return None if read is None else {**read, "id": identity}

    async def _call(self, operation: Callable[..., T], *arguments: Any) -> T:
        server = self._servers.get()
        if server is None:
            raise StandInError(
                f"the stand-in provider for {self._connector.package!r} is not connected yet: "
                "part of its configuration is an output that is not known before the deployment"
            )
        return await asyncio.to_thread(operation, server, *arguments)

    @contextmanager
    def _without_secrets(self, values: Properties, secret: set[str] | frozenset[str]) -> Iterator[None]:
        try:
            yield
        except StandInError as error:
            hidden = [*strings_at(values, secret), *self._connector.secrets()]
            error.args = (redact(str(error), hidden),)
            raise


def _made_but_unread(
    error: StandInError, identity: str, known: Properties, secret: set[str] | frozenset[str]
) -> MadeButUnreadError:
    state = PropertyValue.marshal_map(wire(known | {"id": identity}, secret))
    return MadeButUnreadError(str(error), identity, state)


def _told_before(row: Row[Any], state: Properties) -> Properties:
    """Return what the state holds beyond inputs, such as an answer that the server gives once only."""
    return {name: value for name, value in state.items() if name not in row.inputs}
