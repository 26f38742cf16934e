"""PKI certificates: made once, never changed. What the server told then is kept; whether it still has it is asked."""

import uuid
from dataclasses import dataclass
from typing import Any

from pulumi_vault import pkisecret

from ..frame.errors import StandInError
from ..frame.inputs import args_of, inputs_of
from ..frame.row import Written, words
from ..frame.values import DEFAULTS, Properties
from .api import Vault
from .conversions import LIST_AS_COMMAS, Conversion
from .path_row import PathRow, filled

_COMMA_LISTS = words(
    "altNames excludedDnsDomains excludedEmailAddresses excludedIpRanges excludedUriDomains ipSans otherSans "
    "permittedDnsDomains permittedEmailAddresses permittedIpRanges permittedUriDomains uriSans"
)


def _every_input(resource: type, but: str = "") -> frozenset[str]:
    return frozenset(inputs_of(args_of(resource))) - words(but)


def _comma_lists(resource: type) -> dict[str, Conversion]:
    return dict.fromkeys(_COMMA_LISTS & _every_input(resource), LIST_AS_COMMAS)


@dataclass(frozen=True, kw_only=True)
class IssuedRow(PathRow):
    """Something that one POST makes."""

    answers: frozenset[str]
    """Properties that the answer to that POST tells."""
    proof: str = ""
    """Where the server has it afterwards, in terms of inputs and answers."""
    removal: str = ""
    """What is deleted with it; empty: nothing, it goes with its mount."""

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Make it."""
        answer = server.within(inputs.get("namespace")).write(self.location(inputs), self.body(inputs)) or {}
        told = self.told(answer)
        return Written(filled(self.id, {**inputs, **told, "uuid": uuid.uuid4()}), told)

    def told(self, answer: dict[str, Any]) -> Properties:
        """Return the properties that an answer tells."""
        told = {name: answer.get(self.key(name)) for name in self.answers}
        return {name: value.strip() if isinstance(value, str) else value for name, value in told.items()}

    def read(self, server: Vault, identity: str, known: Properties) -> Properties | None:
        """Return what is known of it, if the server still has it."""
        if not known:
            raise StandInError(
                f"{self.token} {identity!r} cannot be imported: the server does not tell how it was made"
            )
        found = server.within(known.get("namespace")).read(self.whereabouts(known), self.missing)
        if found is None:
            return None
        unset = {name: self.inputs[name].shape.zero for name in self.zeroed}
        told = {name: value for name, value in self.told(found).items() if self.key(name) in found}
        state = dict.fromkeys(self.outputs | {"namespace"}) | unset | known | told
        return {name: value for name, value in state.items() if name != DEFAULTS}

    def whereabouts(self, known: Properties) -> str:
        """Return where the server has it."""
        return filled(self.proof, known)

    def update(self, server: Vault, identity: str, state: Properties, inputs: Properties) -> None:
        """Do nothing: what may change steers the next issue only."""

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Delete what it can be deleted by."""
        del identity
        if self.removal:
            server.within(state.get("namespace")).delete(filled(self.removal, state))


@dataclass(frozen=True, kw_only=True)
class ImportedRow(IssuedRow):
    """A certificate that becomes an issuer of the mount."""

    def told(self, answer: dict[str, Any]) -> Properties:
        """Return the ids of what was imported."""
        return {name: ids or [] for name, ids in super().told(answer).items()}

    def whereabouts(self, known: Properties) -> str:
        """Return where the first imported issuer is; a certificate that was there already imports none."""
        return f"{known['backend']}/issuer/{next(iter(known.get('importedIssuers') or ()), 'default')}"


@dataclass(frozen=True, kw_only=True)
class SignedRow(IssuedRow):
    """A certificate signed by a mount's issuer; on request it is revoked when it goes."""

    def told(self, answer: dict[str, Any]) -> Properties:
        """Return the certificate, its chain, and both as one text."""
        chain = answer.get("ca_chain") or []
        return {**super().told(answer), "caChains": chain, "certificateBundle": "\n".join(chain)}

    def delete(self, server: Vault, identity: str, state: Properties) -> None:
        """Revoke the certificate if that was asked for."""
        del identity
        if state.get("revoke"):
            where = f"{state['backend']}/revoke"
            server.within(state.get("namespace")).write(where, {"serial_number": state["serialNumber"]})


ROWS = (
    IssuedRow(
        resource=pkisecret.SecretBackendRootCert,
        path="{backend}/issuers/generate/root/{type}",
        id="{backend}/issuer/{issuerId}",
        answers=words("certificate issuerId issuingCa keyId serialNumber"),
        steady=words("issuerId keyId"),
        proof="{backend}/issuer/{issuerId}",
        removal="{backend}/issuer/{issuerId}",
        missing="unable to find PKI issuer",
        keys={"keyUsages": "key_usage"},
        convert=_comma_lists(pkisecret.SecretBackendRootCert),
        replaces=_every_input(pkisecret.SecretBackendRootCert, but="notAfter signatureBits ttl"),
        defaults={"format": "pem", "maxPathLength": -1, "privateKeyFormat": "der", "keyBits": 2048, "keyType": "rsa"},
    ),
    IssuedRow(
        resource=pkisecret.SecretBackendIntermediateCertRequest,
        path="{backend}/issuers/generate/intermediate/{type}",
        id="{backend}/issuers/generate/intermediate/{type}/{uuid}",
        answers=words("csr keyId privateKey privateKeyType"),
        steady=words("keyId"),
        proof="{backend}/key/{keyId}",
        missing="unable to find PKI key",
        keys={"keyUsages": "key_usage"},
        convert=_comma_lists(pkisecret.SecretBackendIntermediateCertRequest),
        replaces=_every_input(pkisecret.SecretBackendIntermediateCertRequest),
        secret=words("privateKey"),
        defaults={"format": "pem", "privateKeyFormat": "der", "keyBits": 2048, "keyType": "rsa"},
        zeroed=words("addBasicConstraints"),
    ),
    SignedRow(
        resource=pkisecret.SecretBackendRootSignIntermediate,
        path="{backend}/root/sign-intermediate",
        id="{backend}/{commonName}",
        answers=words("certificate issuingCa serialNumber"),
        proof="{backend}/cert/{serialNumber}",
        keys={"keyUsages": "key_usage"},
        convert=_comma_lists(pkisecret.SecretBackendRootSignIntermediate),
        flags=words("revoke"),
        replaces=_every_input(pkisecret.SecretBackendRootSignIntermediate, but="issuerRef notAfter revoke ttl"),
        defaults={"format": "pem", "maxPathLength": -1},
        zeroed=words("revoke useCsrValues"),
    ),
    ImportedRow(
        resource=pkisecret.SecretBackendIntermediateSetSigned,
        path="{backend}/intermediate/set-signed",
        id="{backend}/intermediate/set-signed/{uuid}",
        answers=words("importedIssuers importedKeys"),
        steady=words("importedIssuers importedKeys"),
        missing="unable to find PKI issuer",
        replaces=_every_input(pkisecret.SecretBackendIntermediateSetSigned),
    ),
)
