"""Pods that use a Secret: as files by default, and as in the overview that this project began with."""

import re
from copy import deepcopy
from typing import Any

import pulumi
import pytest
import yaml
from kubernetes.client import AppsV1Api
from pulumi_kubernetes import apps, core

from strongroom.errors import WrongInputError
from strongroom.kubernetes.consume import (
    ALL,
    arguments,
    env_from_secret,
    secret_mount,
    secret_volume,
    with_env,
    with_files,
)
from support.control_plane import ControlPlane
from support.mocks import record
from support.toolchain import ROOT

OVERVIEW = ROOT.parent / "shared/seed/secrets-management-overview.md"
"""Not a part of this repository; where it is absent, its two examples are these."""
AS_VARIABLES = """\
apiVersion: v1
kind: Pod
metadata:
  name: myapp
spec:
  containers:
  - name: app
    image: myapp:latest
    env:
    - name: DB_USER
      valueFrom:
        secretKeyRef:
          name: db-credentials
          key: username
    - name: DB_PASS
      valueFrom:
        secretKeyRef:
          name: db-credentials
          key: password
"""
AS_FILES = """\
apiVersion: v1
kind: Pod
metadata:
  name: myapp
spec:
  containers:
  - name: app
    image: myapp:latest
    volumeMounts:
    - name: secrets
      mountPath: /etc/secrets
      readOnly: true
  volumes:
  - name: secrets
    secret:
      secretName: db-credentials
"""
POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "myapp"},
    "spec": {"containers": [{"name": "app", "image": "myapp:latest"}]},
}


def _deployment(spec: dict[str, Any]) -> dict[str, Any]:
    labels = {"app": "checkout"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "checkout"},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }


def test_the_overviews_pod_with_variables_is_reproduced_exactly() -> None:
    assert with_env(POD, "db-credentials", {"DB_USER": "username", "DB_PASS": "password"}) == yaml.safe_load(
        AS_VARIABLES
    )


def test_the_overviews_pod_with_files_is_reproduced_exactly() -> None:
    made = with_files(POD, "db-credentials", "/etc/secrets", ALL, volume="secrets", mode=None)
    assert made == yaml.safe_load(AS_FILES)


@pytest.mark.skipif(not OVERVIEW.exists(), reason="the overview is no part of this repository; its copies are compared")
def test_the_copies_of_the_overviews_examples_are_what_it_has() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", OVERVIEW.read_text("utf-8"), re.DOTALL)
    pods = [d for block in blocks for d in yaml.safe_load_all(block) if isinstance(d, dict) and d.get("kind") == "Pod"]
    assert pods == [yaml.safe_load(AS_VARIABLES), yaml.safe_load(AS_FILES)]


def test_files_are_the_wanted_keys_only_and_only_their_owner_reads_them() -> None:
    made = with_files(POD, "db-credentials", "/etc/secrets", ["password"])
    assert made["spec"]["volumes"] == [
        {
            "name": "db-credentials",
            "secret": {
                "secretName": "db-credentials",
                "items": [{"key": "password", "path": "password"}],
                "defaultMode": 0o400,
            },
        }
    ]
    (mount,) = made["spec"]["containers"][0]["volumeMounts"]
    assert mount == {"name": "db-credentials", "mountPath": "/etc/secrets", "readOnly": True}


def test_a_key_can_be_another_file() -> None:
    volume = secret_volume("login", {".dockerconfigjson": "config.json"}, name="login")
    assert volume["secret"]["items"] == [{"key": ".dockerconfigjson", "path": "config.json"}]


def test_what_is_given_is_left_as_it_was_and_doing_it_twice_is_doing_it_once() -> None:
    before = deepcopy(POD)
    once = with_files(with_env(POD, "s", {"A": "a"}), "s", "/etc/s", ["a"])
    assert before == POD
    assert with_files(with_env(once, "s", {"A": "a"}), "s", "/etc/s", ["a"]) == once


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"])
def test_whatever_makes_pods_is_given_it_in_its_template(kind: str) -> None:
    made = with_files({**_deployment(POD["spec"]), "kind": kind}, "s", "/etc/s", ["a"])
    assert made["spec"]["template"]["spec"] == with_files(POD["spec"], "s", "/etc/s", ["a"])
    assert made["spec"]["template"]["metadata"] == {"labels": {"app": "checkout"}}


def test_a_cron_job_is_given_it_in_the_template_of_its_jobs() -> None:
    job = {
        "kind": "CronJob",
        "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": POD["spec"]}}}},
    }
    spec = with_env(job, "s", {"A": "a"})["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert spec["containers"][0]["env"] == env_from_secret("s", {"A": "a"})


def test_of_several_containers_one_is_named_and_no_other_is_given_anything() -> None:
    two = {"containers": [{"name": "app"}, {"name": "proxy"}], "initContainers": [{"name": "migrate"}]}
    with pytest.raises(WrongInputError, match="several containers; name one of: app, proxy, migrate"):
        with_files(two, "s", "/etc/s", ALL)
    with pytest.raises(WrongInputError, match="no container 'ap'; there are: app, proxy, migrate"):
        with_files(two, "s", "/etc/s", ALL, container="ap")
    made = with_files(two, "s", "/etc/s", ALL, container="migrate")
    assert made["containers"] == two["containers"]
    assert made["initContainers"][0]["volumeMounts"]


@pytest.mark.parametrize(
    "security",
    [
        ({"runAsNonRoot": True}, {}),
        ({"runAsUser": 1000}, {}),
        ({}, {"runAsUser": 1000}),
        ({"runAsUser": 0}, {"runAsNonRoot": True}),
    ],
)
def test_who_is_not_root_is_told_before_it_cannot_read_its_files(
    security: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    of_pod, own = security
    spec = {"securityContext": of_pod, "containers": [{"name": "app", "securityContext": own}]}
    with pytest.raises(WrongInputError, match=r"does not run as root, and could not read files of mode 0400.*fsGroup"):
        with_files(spec, "s", "/etc/s", ALL)
    assert with_files({**spec, "securityContext": {**of_pod, "fsGroup": 2000}}, "s", "/etc/s", ALL)
    assert with_files(spec, "s", "/etc/s", ALL, mode=0o444)
    assert with_files(spec, "s", "/etc/s", ALL, mode=None)


def test_a_container_that_is_root_though_its_pod_is_not_reads_them() -> None:
    spec = {
        "securityContext": {"runAsUser": 1000},
        "containers": [{"name": "app", "securityContext": {"runAsUser": 0}}],
    }
    assert with_files(spec, "s", "/etc/s", ALL)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda: with_files(with_files(POD, "s", "/a", ALL), "t", "/a", ALL), "another mount of container 'app' '/a'"),
        (lambda: with_files(with_files(POD, "s", "/a", ALL), "t", "/b", ALL, volume="s"), "another volume 's' already"),
        (lambda: with_env(with_env(POD, "s", {"A": "a"}), "t", {"A": "a"}), "another variable of container 'app' 'A'"),
        (lambda: with_env(POD, "s", {"1A": "a"}), "'1A' cannot be an environment variable"),
        (lambda: with_env(POD, "s", {"A": "a b"}), "'a b' is no key of a Secret: the key has U.0020 SPACE"),
        (lambda: with_files(POD, "s", "/a", [".."]), "'..' is no key of a Secret: .* a folder, not a file"),
        (lambda: with_files(POD, "s", "/a", []), "name the keys"),
        (lambda: with_files(POD, "s", "/a", "password"), "name the keys as a list"),
        (lambda: with_files(POD, "s", "/a", {"a": "f", "b": "f"}), "two keys would be one file"),
        (lambda: with_files(POD, "s", "etc", ALL), "'etc' cannot be mounted at"),
        (lambda: with_files(POD, "s", "/", ALL), "'/' cannot be mounted at"),
        (lambda: with_files(POD, "s", "/a", ALL, volume="S"), "'S' cannot be a volume"),
        (lambda: with_files(POD, "s", "/a", ALL, mode=0o600), "mode 0600 is no mode of files that are only read"),
        (lambda: with_files(POD, "s", "/a", ALL, mode=400), "mode 0620 is no mode"),
        (lambda: with_files({"kind": "Service"}, "s", "/a", ALL), "Service makes no pods; there are: Pod, Deployment"),
        (lambda: with_files({"kind": "Pod"}, "s", "/a", ALL), "has no containers"),
        (
            lambda: with_files({"containers": [{"name": "a", "volume_mounts": []}]}, "s", "/a", ALL),
            "write volumeMounts",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(change: Any, says: str) -> None:
    with pytest.raises(WrongInputError, match=says):
        change()


def test_in_a_pulumi_program_maps_with_outputs_become_what_the_engine_is_sent() -> None:
    def program() -> None:
        name = pulumi.Output.from_input("stripe-v2")
        spec = with_files(_deployment(deepcopy(POD["spec"])), name, "/etc/stripe", ["api_key"], volume="stripe")["spec"]
        apps.v1.Deployment("it", metadata={"name": "checkout"}, spec=spec)
        with pytest.raises(WrongInputError, match="name the `volume`"):
            with_files(POD, name, "/etc/s", ALL)

    pod = record(program).named("it").inputs["spec"]["template"]["spec"]
    assert pod["volumes"] == [secret_volume("stripe-v2", ["api_key"], name="stripe")]
    assert pod["containers"][0]["volumeMounts"] == [secret_mount("/etc/stripe", volume="stripe")]


def test_typed_arguments_mean_the_same_as_the_maps() -> None:
    def program() -> None:
        container = core.v1.ContainerArgs(
            name="app",
            image="myapp:latest",
            env=arguments.env("s", {"A": "a"}),
            volume_mounts=[arguments.mount("/etc/s", volume="s"), arguments.mount("/etc/t", volume="t")],
        )
        volumes = [arguments.volume("s", ["a"], name="s"), arguments.volume("t", ALL, name="t", mode=None)]
        spec = core.v1.PodSpecArgs(containers=[container], volumes=volumes)
        core.v1.Pod("it", metadata={"name": "myapp"}, spec=spec)

    by_maps = with_files(with_env(POD, "s", {"A": "a"}), "s", "/etc/s", ["a"])
    assert record(program).named("it").inputs["spec"] == with_files(by_maps, "t", "/etc/t", ALL, mode=None)["spec"]


@pytest.mark.engine
def test_the_api_server_takes_what_is_made_and_understands_it_so(cluster: ControlPlane) -> None:
    namespace = cluster.namespace("consume")
    spec = with_env(with_files(POD["spec"], "s", "/etc/s", ["a"]), "s", {"A": "a"})
    made = AppsV1Api(cluster.admin).create_namespaced_deployment(
        namespace, _deployment(spec), dry_run="All", field_validation="Strict"
    )
    pod = cluster.admin.sanitize_for_serialization(made.spec.template.spec)
    assert pod["volumes"] == spec["volumes"]
    (container,) = pod["containers"]
    assert container["volumeMounts"] == spec["containers"][0]["volumeMounts"]
    assert container["env"] == spec["containers"][0]["env"]
