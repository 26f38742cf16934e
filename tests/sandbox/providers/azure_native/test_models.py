"""What the vendor's models say, of both generations, and the way from the SDK's inputs to bodies and back."""

from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.eventgrid import models as eventgrid
from azure.mgmt.keyvault import models as keyvault
from azure.mgmt.msi.v2024_11_30 import models as msi
from azure.mgmt.network import models as network
from hypothesis import given
from hypothesis import strategies as st

from strongroom_sandbox.providers.azure_native.models import Node, described, flaws
from strongroom_sandbox.providers.azure_native.provider import provider
from strongroom_sandbox.providers.azure_native.row import ArmRow
from strongroom_sandbox.providers.azure_native.shape import flattened, nested
from strongroom_sandbox.providers.frame.inputs import Shape
from support.azure_resources import SOUND

ROWS: dict[str, ArmRow] = {
    token: row for token, row in provider(Path("unused"))._rows.items() if isinstance(row, ArmRow)
}


@pytest.mark.parametrize("token", [token for token, row in ROWS.items() if row.model])
def test_whatever_the_sdk_takes_is_known_to_the_vendors_model(token: str) -> None:
    row = ROWS[token]
    inner = row.node.members["properties"].node.chosen({}) if "properties" in row.node.members else Node()
    known = row.node.members.keys() | inner.members.keys()
    assert row.inputs.keys() - set(row.in_path) - known == set()


@pytest.mark.parametrize("token", SOUND)
def test_a_body_says_the_same_in_the_sdks_words(token: str) -> None:
    row = ROWS[token]
    given_inputs = {name: value for name, value in SOUND[token].items() if name not in row.in_path}
    body: dict[str, Any] = nested(row.node, given_inputs)
    assert not list(flaws(row.node, body)) or row.model is None
    assert flattened(Shape("object", inputs=row.inputs), body) == given_inputs


def test_only_azure_writes_what_is_read_only() -> None:
    found = dict(flaws(described(msi.Identity), {"location": "westeurope", "properties": {"clientId": "x"}}))
    assert found == {"properties.clientId": "properties.clientId: only Azure itself writes this property"}
    vault = {"location": "l", "properties": {"tenantId": "t", "sku": {"family": "A", "name": "standard"}}}
    assert not list(flaws(described(keyvault.VaultCreateOrUpdateParameters), vault))
    vault["properties"]["hsmPoolResourceId"] = "x"  # type: ignore[index]
    assert dict(flaws(described(keyvault.VaultCreateOrUpdateParameters), vault)).keys() == {
        "properties.hsmPoolResourceId"
    }


@pytest.mark.parametrize(
    ("kind", "member"),
    [("AzureFunction", "maxEventsPerBatch"), ("StorageQueue", "queueName"), ("WebHook", "endpointUrl")],
)
def test_a_body_is_of_the_model_that_it_says_itself(kind: str, member: str) -> None:
    node = described(eventgrid.EventSubscription)
    body = nested(node, {"destination": {"endpointType": kind, member: 1}})
    assert body["properties"]["destination"] == {"endpointType": kind, "properties": {member: 1}}


def test_a_model_within_itself_is_no_problem() -> None:
    node = described(network.PrivateEndpoint)
    subnet = {"id": "s", "properties": {"privateEndpoints": [{"properties": {"subnet": {"id": 5}}}]}}
    wrong = dict(flaws(node, {"properties": {"subnet": subnet}}))
    # Azure writes the endpoints of a subnet itself.
    assert list(wrong) == ["properties.subnet.properties.privateEndpoints"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["properties", "location", "sku", "name", "tenantId", "x"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_no_body_whatever_it_is_is_a_surprise(body: Any) -> None:
    node = described(keyvault.VaultCreateOrUpdateParameters)
    found = list(flaws(node, nested(node, body)))
    assert found  # nothing of this kind is a whole vault
    assert all(reason for _, reason in found)
