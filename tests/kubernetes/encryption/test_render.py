"""The text of the file: the same bytes for the same ring and keys, and back."""

import base64
import json
from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from strongroom.kubernetes.encryption.document import Configuration, DocumentError, configuration_of
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.parse import parse
from strongroom.kubernetes.encryption.render import as_dict, render, sha256
from strongroom.kubernetes.encryption.ring import Entry, ring_of
from strongroom.kubernetes.encryption.rules import flaws
from support import canary
from support.encryption_examples import CANARY, PLUGIN, configuration, configurations, groups, keys_of

HEAD = b"apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n"


def test_the_file_is_byte_for_byte_what_it_was_before() -> None:
    ring = ring_of("secretbox:key-2, secretbox:key-1, aescbc:old, kms:vault, identity")
    made = configuration_of(("secrets", "*.apps"), ("deployments.apps",), (PLUGIN,), ring)
    assert render(made, keys_of(ring)) == (
        b"""\
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources:
      - "deployments.apps"
    providers:
      - identity: {}
  - resources:
      - "secrets"
      - "*.apps"
    providers:
      - secretbox:
          keys:
            - name: "key-2"
              secret: "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
            - name: "key-1"
              secret: "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
      - aescbc:
          keys:
            - name: "old"
              secret: "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
      - kms:
          apiVersion: "v2"
          name: "vault"
          endpoint: "unix:///run/kms.sock"
          timeout: "3s"
      - identity: {}
"""
    )


@given(configurations())
def test_what_is_rendered_is_read_back(made: tuple[Configuration, Mapping[Entry, Key]]) -> None:
    configuration, keys = made
    if list(flaws(configuration)):
        with pytest.raises(DocumentError):
            render(configuration, keys)
        return
    data = render(configuration, keys)
    assert yaml.safe_load(data) == as_dict(configuration, keys)
    found, found_keys = parse(data)
    assert (found.groups, found_keys) == (configuration.groups, keys)
    assert sorted(found.plugins, key=str) == sorted(configuration.plugins, key=str)
    assert render(found, found_keys) == data


def test_no_order_of_keys_or_plugins_changes_the_bytes() -> None:
    ring = ring_of("secretbox:b, secretbox:a, identity")
    keys = keys_of(ring)
    turned = dict(reversed(list(keys.items())))
    assert render(configuration("secretbox:b, secretbox:a, identity"), keys) == render(
        configuration("secretbox:b, secretbox:a, identity"), {**turned, Entry("secretbox", "retired"): Key.new()}
    )


def test_the_hash_is_written_as_api_servers_write_it() -> None:
    assert sha256(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the file is no YAML map"),
        (b"{}", "the file is no EncryptionConfiguration of apiserver.config.k8s.io/v1"),
        (HEAD.replace(b"v1", b"v1beta1"), "the file is no EncryptionConfiguration"),
        (HEAD, "`resources` are no list"),
        (HEAD + b"  - {}\n", "the providers of group 1 are no list; the resources of group 1 are no list"),
        (HEAD + b"  - text\n", "`resources` is a list of maps"),
        (HEAD + b"  - {resources: [secrets], providers: [{identity: {}, secretbox: {}}]}\n", "a map with one key"),
        (HEAD + b"  - {resources: [secrets], providers: [{rot13: {}}]}\n", "a provider is one of"),
        (HEAD + b"  - {resources: [secrets], providers: [{secretbox: {keys: []}}]}\n", "it has no provider"),
        (HEAD + b"  - {resources: [secrets], providers: [{secretbox: {kes: []}}]}\n", "an unknown key 'kes'"),
        (HEAD + b"  - {resources: [secrets], providers: [{secretbox: {keys: [{name: a}]}}]}\n", "`name` and `secret`"),
        (HEAD + b"  - {resources: [secrets], providers: [{kms: {name: a, endpoint: 'unix:///a'}}]}\n", "version 1"),
        (
            HEAD + b"  - {resources: [secrets], providers: [{kms: {apiVersion: v2, name: a, cachesize: 1}}]}\n",
            "`cachesize`, which version 2 does not have",
        ),
        (
            HEAD + b"  - {resources: [secrets], providers: [{kms: {apiVersion: v2, name: a, timeout: soon}}]}\n",
            "no duration such as 3s",
        ),
    ],
)
def test_a_file_that_says_nothing_usable_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        parse(text)


def test_one_name_for_two_keys_is_refused() -> None:
    data = render(
        groups((("secrets",), "secretbox:a"), (("configmaps",), "secretbox:a")), keys_of(ring_of("secretbox:a"))
    )
    other = base64.b64encode(b"1" * 32)
    with pytest.raises(DocumentError, match="the name secretbox:a stands for two keys"):
        parse(data[:-50] + data[-50:].replace(base64.b64encode(b"0" * 32), other))


@given(st.text(max_size=8))
def test_whatever_is_broken_in_a_file_no_key_of_it_is_repeated(noise: str) -> None:
    key = base64.b64encode(CANARY.encode()).decode()
    provider = {"secretbox": {"keys": [{"name": "a", "secret": key}], noise: key}, noise: [key]}
    document = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration"}
    group = {"resources": ["secrets"], "providers": [provider, key], noise: key}
    for text in (json.dumps(document | {"resources": [group]}), f"{key}: [{key}", f"a: {key}\n\tb: {key}"):
        with pytest.raises(DocumentError) as caught:
            parse(text.encode())
        assert not canary.is_in(CANARY, str(caught.value))
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
