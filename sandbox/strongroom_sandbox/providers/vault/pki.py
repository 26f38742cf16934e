"""PKI engine: URLs and roles. Certificates are in `pki_certificates.py`."""

from pulumi_vault import pkisecret

from ..frame.row import words
from ..frame.values import Properties
from .conversions import DURATION_AS_SECONDS
from .path_row import PathRow


def _no_policy_objects(inputs: Properties) -> tuple[str, str] | None:
    if not inputs.get("policyIdentifier"):
        return None
    return "policyIdentifier", "the stand-in takes plain OIDs only: use policyIdentifiers, or the official provider"


_ON_UNLESS_SAID = words(
    "allowIpSans allowLocalhost allowWildcardCertificates clientFlag enforceHostnames requireCn serverFlag "
    "useCsrCommonName useCsrSans"
)

ROWS = (
    PathRow(
        resource=pkisecret.SecretBackendConfigUrls,
        path="{backend}/config/urls",
        replaces=words("namespace"),
        deletable=False,
    ),
    PathRow(
        resource=pkisecret.SecretBackendCrlConfig,
        path="{backend}/config/crl",
        replaces=words("backend namespace"),
        computed=words(
            "autoRebuildGracePeriod crossClusterRevocation deltaRebuildInterval maxCrlEntries ocspExpiry unifiedCrl "
            "unifiedCrlOnExistingPaths"
        ),
        deletable=False,
    ),
    PathRow(
        resource=pkisecret.BackendConfigAutoTidy,
        path="{backend}/config/auto-tidy",
        replaces=words("namespace"),
        computed=words(
            "acmeAccountSafetyBuffer intervalDuration issuerSafetyBuffer maxStartupBackoffDuration "
            "minStartupBackoffDuration pauseDuration revocationQueueSafetyBuffer safetyBuffer"
        ),
        deletable=False,
    ),
    PathRow(
        resource=pkisecret.SecretBackendConfigIssuers,
        path="{backend}/config/issuers",
        replaces=words("namespace"),
        computed=words("defaultFollowsLatestIssuer"),
        deletable=False,
    ),
    PathRow(
        resource=pkisecret.BackendConfigCluster,
        path="{backend}/config/cluster",
        replaces=words("backend namespace"),
        computed=words("aiaPath path"),
        deletable=False,
    ),
    PathRow(
        resource=pkisecret.BackendConfigAcme,
        path="{backend}/config/acme",
        replaces=words("backend namespace"),
        computed=words("allowedIssuers allowedRoles defaultDirectoryPolicy eabPolicy maxTtl"),
        deletable=False,
    ),
    PathRow(
        resource=pkisecret.SecretBackendRole,
        path="{backend}/roles/{name}",
        autonamed=True,
        replaces=words("backend name namespace"),
        keys={
            "countries": "country",
            "extKeyUsages": "ext_key_usage",
            "keyUsages": "key_usage",
            "localities": "locality",
            "organizationUnit": "ou",
            "organizations": "organization",
            "postalCodes": "postal_code",
            "provinces": "province",
            "streetAddresses": "street_address",
        },
        defaults={
            **dict.fromkeys(_ON_UNLESS_SAID, True),
            "keyBits": 2048,
            "keyType": "rsa",
        },
        convert={"notBeforeDuration": DURATION_AS_SECONDS},
        computed=words(
            "cnValidations issuerRef keyUsages maxTtl notBeforeDuration policyIdentifier serialNumberSource ttl"
        ),
        unsaid=words("allowedSerialNumbers extKeyUsageOids extKeyUsages policyIdentifiers"),
        rules=(_no_policy_objects,),
    ),
)
