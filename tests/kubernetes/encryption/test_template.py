"""The template for External Secrets, through Go's own templates: the same bytes as ours."""

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from strongroom.kubernetes.encryption.document import Plugin, configuration_of, covers
from strongroom.kubernetes.encryption.key_store import Kept, fields_of
from strongroom.kubernetes.encryption.keys import Key
from strongroom.kubernetes.encryption.render import render
from strongroom.kubernetes.encryption.ring import KEYED, Entry, ring_of
from strongroom.kubernetes.encryption.template import external_secret, template
from strongroom_sandbox.toolchain import golang
from strongroom_sandbox.toolchain.versions import Version
from support import canary
from support.control_plane import ControlPlane
from support.encryption_examples import CANARY, PLUGIN
from support.external_secrets_crds import install, is_there_as_given

PROGRAM: Final = """\
package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"text/template"
)

func main() {
	var runs []struct {
		Template string
		Data     map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&runs); err != nil {
		panic(err)
	}
	// Of the operator's functions (Masterminds/sprig) the two that the template uses, with sprig's meaning.
	functions := template.FuncMap{
		"splitList": func(separator, text string) []string { return strings.Split(text, separator) },
		"fail":      func(text string) (string, error) { return "", errors.New(text) },
	}
	var made []string
	for _, run := range runs {
		text := &strings.Builder{}
		parsed := template.Must(template.New("").Option("missingkey=error").Funcs(functions).Parse(run.Template))
		if err := parsed.Execute(text, run.Data); err != nil {
			text.Reset()
			text.WriteString("error: " + err.Error())
		}
		made = append(made, text.String())
	}
	json.NewEncoder(os.Stdout).Encode(made)
}
"""
SPARE: Final = Plugin(name="spare.2", endpoint="unix:///spare.sock", timeout_ms=1500)
RINGS: Final = [
    "secretbox:key-1",
    "identity",
    "identity, secretbox:key-1",
    "secretbox:key-2, secretbox:key-1, identity",
    "aesgcm:a, secretbox:key-2, aescbc:b, aescbc:c, secretbox:key-1",
    "kms:vault, kms:spare.2, aescbc:old, identity",
]


def _executed(folder: Path, runs: list[tuple[str, dict[str, str]]]) -> list[str]:
    (folder / "main.go").write_text(PROGRAM)
    asked = json.dumps([{"Template": text, "Data": data} for text, data in runs])
    go = golang.find(Version.parse("1.22"), print)
    done = subprocess.run(
        [str(go.binary), "run", "main.go"],
        cwd=folder,
        env=dict(go.environment),
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


@pytest.mark.engine
def test_the_operator_makes_the_same_bytes_as_the_bootstrap_command(tmp_path: Path) -> None:
    plugins = (PLUGIN, SPARE)
    text = template(("secrets", "*.apps"), ("deployments.apps",), plugins)
    runs, expected = [], []
    for written in RINGS:
        ring = ring_of(written)
        keys = {entry: Key.new() for entry in (*ring.entries, Entry("secretbox", "retired")) if entry.kind in KEYED}
        made_for = covers(("secrets", "*.apps"), ("deployments.apps",)) if len(runs) % 2 else ""  # an old one says none
        runs.append((text, fields_of(Kept(ring, keys, made_for))))
        expected.append(
            render(configuration_of(("secrets", "*.apps"), ("deployments.apps",), plugins, ring), keys).decode()
        )
    other = {"ring": "secretbox:key-1", "secretbox.key-1": Key.new().base64(), "resources": "secrets"}
    *made, undeclared, missing, widened, plain = _executed(
        tmp_path,
        [
            *runs,
            (text, {"ring": "kms:other"}),
            (template(("secrets",), (), ()), {"ring": "kms:vault"}),
            (text, other),
            (text, {**other, "ring": "identity"}),
        ],
    )
    assert made == expected
    for failed in (undeclared, missing):
        assert failed.startswith("error: ")
        assert "there is no KMS plugin" in failed
    # Other resources than the ring was made for, as `render` refuses them on a node: the Secret stays as it is.
    assert widened.startswith("error: ")
    assert "the ring was made for other resources" in widened
    assert plain == expected[RINGS.index("identity")]


@pytest.mark.engine
def test_the_manifest_is_on_a_real_api_server_as_it_was_given(cluster: ControlPlane) -> None:
    install(cluster)
    manifest = external_secret(
        "encryption",
        template(("*.*",), ("events",), (PLUGIN, SPARE)),
        api_version="v1",
        store="keys",
        remote_key="platform/cluster-eu/encryption",
        secret_key="encryption.yaml",
        refresh_seconds=300,
    )
    about = {"name": "encryption", "namespace": cluster.namespace("tenants")}
    is_there_as_given(cluster.admin, {**manifest, "metadata": about})


def test_the_secret_outlives_the_external_secret_and_the_store() -> None:
    made = external_secret(
        "config", "text", api_version="v1", store="keys", remote_key="path", secret_key="a.yaml", refresh_seconds=300
    )
    target = made["spec"]["target"]
    assert (target["creationPolicy"], target["deletionPolicy"]) == ("Orphan", "Retain")
    assert target["template"]["data"] == {"a.yaml": "text"}
    assert target["template"]["mergePolicy"] == "Replace"  # ring and keys are no keys of the Secret beside the file


def test_the_template_has_neither_ring_nor_key() -> None:
    text = template(("secrets",), (), (PLUGIN,))
    assert "key-1" not in text
    assert not canary.is_in(CANARY, text)
    assert 'index . "ring"' in text
