"""An issuer of workload tokens: stands where GitHub would stand, and in tests for any other issuer too."""

import json
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from strongroom_sandbox.certificates import Authority
from strongroom_sandbox.files import write, write_secret
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command, Server

ALGORITHM = "RS256"  # what Kubernetes and GitHub sign with


class Issuer(Server):
    """Publishes who it is and its public keys over HTTPS (OpenID Connect Discovery 1.0); signs tokens locally."""

    name: ClassVar[str] = "issuer"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.authority = Authority(directory / "ca")
        self._key_file = self.home / "signing.key"
        self._key_set = self.home / "jwks.json"

    @property
    def url(self) -> str:
        """The `iss` claim, below which the documents are found."""
        return f"https://{HOST}:{self.port()}"

    @property
    def ca_pem(self) -> str:
        """Certificate of the authority that vouches for the issuer's server (PEM)."""
        return self.authority.certificate.read_text()

    def describe(self) -> str:
        return self.url

    def token(
        self,
        subject: str,
        audience: str,
        claims: Mapping[str, object] | None = None,
        ttl_seconds: int = 600,
    ) -> str:
        """A signed token, as GitHub or a cluster would hand it to a workload.

        Args:
            claims: Further claims, such as `repository`; they win over the standard ones.
            ttl_seconds: Until it expires; negative for one that has expired.
        """
        now = int(time.time())
        standard = {"iss": self.url, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + ttl_seconds}
        key_id = json.loads(self._key_set.read_text())["keys"][0]["kid"]
        return jwt.encode(
            {**standard, **(claims or {})}, self._key_file.read_text(), algorithm=ALGORITHM, headers={"kid": key_id}
        )

    # Server

    def prepare(self) -> None:
        self.authority.prepare()
        self.authority.issue(self.home)
        if not self._key_set.exists():
            self._make_signing_key()
        discovery = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks.json",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
        }
        write(self.home / "openid-configuration.json", json.dumps(discovery))

    def command(self) -> Command:
        return Command(
            argv=(sys.executable, "-m", "strongroom_sandbox.servers.issuer_process", str(self.home), str(self.port())),
            cwd=self.home,
            reads=(self._key_set, self.home / "openid-configuration.json", self.home / "tls.pem"),
        )

    def healthy(self) -> bool:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(f"{self.url}/jwks.json", verify=str(self.authority.certificate), timeout=2)
        except OSError:  # requests' own errors are OSErrors too
            return False
        return answer.ok and answer.json() == json.loads(self._key_set.read_text())

    # Details

    def _make_signing_key(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        encoded = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        public |= {"kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM}
        write_secret(self._key_file, encoded.decode())
        write(self._key_set, json.dumps({"keys": [public]}))  # last: it says that the key is complete
