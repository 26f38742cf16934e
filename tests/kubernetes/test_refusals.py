"""What an API server refuses is one sentence with the remedy, and repeats no value in any form."""

import base64
import json

import pytest
from kubernetes.client.exceptions import ApiException
from urllib3 import HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, ProtocolError

from strongroom.kubernetes.place import ClusterPlace
from strongroom.kubernetes.refusals import explained
from support import canary

PLACE = ClusterPlace(cluster="prod-eu", context="prod", server="https://10.0.0.1:6443")
VALUE = 'canary "of" refusals\n'
UNREACHED = MaxRetryError(HTTPSConnectionPool("10.0.0.1"), "/secrets", Exception(VALUE))


def _answer(status: int, message: str | None = None) -> ApiException:
    body = json.dumps({"kind": "Status", "message": message}) if message else "<html>a proxy</html>"
    return ApiException(status=status, reason="Reason", body=body)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            _answer(401, "Unauthorized"),
            "write it (cluster prod-eu): Unauthorized [401]; the credentials",
        ),
        (_answer(403, 'secrets "a" is forbidden: User "x" cannot get it.'), 'User "x" cannot get it [403]; the caller'),
        (_answer(404, 'namespaces "a" not found'), 'namespaces "a" not found [404]; is the namespace made'),
        (_answer(429, "too many"), "too many [429]; the API server limits requests"),
        (_answer(500, "internal\n  error"), "write it (cluster prod-eu): internal error [500]"),
        (_answer(502), "write it (cluster prod-eu): Reason [502]"),
        (ApiException(status=0, reason=f"SSLError {VALUE}"), "https://10.0.0.1:6443 cannot be reached safely"),
        (
            MaxRetryError(None, "/secrets", Exception(VALUE)),
            "cannot be reached safely (MaxRetryError); look at network",
        ),  # type: ignore[arg-type]
        (ProtocolError(VALUE), "cannot be reached safely (ProtocolError)"),
    ],
)
def test_an_error_says_what_where_why_and_what_to_do(error: ApiException, says: str) -> None:
    said = str(explained(error, "write it", PLACE))
    assert says in said
    assert not canary.is_in(VALUE.strip(), said)
    assert "<html>" not in said


ENCODED = base64.b64encode(VALUE.encode()).decode()
FORMS = (VALUE, " ".join(VALUE.split()), json.dumps(VALUE), ENCODED, f"…{ENCODED[4:20]}…")


@pytest.mark.parametrize("form", FORMS)
def test_words_that_repeat_a_value_in_whatever_form_are_left_out(form: str) -> None:
    error = _answer(400, f'admission webhook "v" denied the request: {form} is weak')
    said = str(explained(error, "write it", PLACE, [VALUE, ""]))
    assert said == "write it (cluster prod-eu): its own words repeat a value, and are left out [400]"


def test_words_that_repeat_none_are_kept() -> None:
    error = _answer(422, "Secret is invalid: data[.dockerconfigjson]: Invalid value")
    assert "data[.dockerconfigjson]: Invalid value [422]" in str(explained(error, "write it", PLACE, [VALUE]))
