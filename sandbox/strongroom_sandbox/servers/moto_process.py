"""Runs moto's server: `python -m strongroom_sandbox.servers.moto_process -H HOST -p PORT`.

Moto checks the signature of a request without a body as if its path and query were one, and so refuses every GET and
DELETE of the services that are spoken to in REST: Lambda, EKS, S3. That is put right here, so that the check stays on.
"""

import sys
from typing import Any

from moto.iam.access_control import IAMRequestBase
from moto.server import main

_FORM = "application/x-www-form-urlencoded"


def _with_its_own_body(create: Any) -> Any:
    def create_request(request: Any) -> Any:
        if not request._body and not str(request._headers.get("Content-Type", "")).startswith(_FORM):
            request._data = {}
        return create(request)

    return create_request


if __name__ == "__main__":
    IAMRequestBase._create_aws_request = _with_its_own_body(IAMRequestBase._create_aws_request)  # type: ignore[method-assign]
    main(sys.argv[1:])
