"""The servers. A further one is one file with one class, and one line here."""

from strongroom_sandbox.servers.issuer import Issuer
from strongroom_sandbox.servers.openbao import OpenBao
from strongroom_sandbox.servers.postgres import Postgres
from strongroom_sandbox.servers.provider import Provider
from strongroom_sandbox.servers.server import Server

SERVERS: tuple[type[Server], ...] = (OpenBao, Postgres, Issuer, Provider)
