"""The page about Kubernetes Secrets: its example is sound and means what it says, and its program runs."""

import re
from pathlib import Path

from strongroom.kubernetes.access.plan import SecretRole
from strongroom.kubernetes.secrets.plan import DeployedKubernetesSecret, KubernetesSecret, where
from support.docs import example
from support.mocks import record
from support.toolchain import ROOT

PAGE = "kubernetes/secrets.md"


def test_the_example_is_sound_and_becomes_what_the_page_says(tmp_path: Path) -> None:
    project = example(PAGE, tmp_path)
    assert project.problems() == []
    plan = project.plan("prod")
    assert {(secret.path, secret.type, secret.immutable) for secret in plan.of(KubernetesSecret)} == {
        ("payments/stripe", "Opaque", False),
        ("payments/web", "kubernetes.io/tls", False),
        ("payments-jobs/bank-sftp", "kubernetes.io/ssh-auth", True),
        ("payments/monitoring", "kubernetes.io/service-account-token", False),
    }
    roles = {(r.namespace, r.name, rule.verbs, rule.names) for r in plan.of(SecretRole) for rule in r.rules}
    assert roles == {
        ("payments", "strongroom.payments.checkout", ("get",), ("stripe", "web")),
        ("payments", "strongroom.payments.release", ("get", "patch", "update"), ("stripe",)),
    }
    (brought,) = plan.of(DeployedKubernetesSecret)
    assert (brought.namespace, brought.name, brought.protect) == ("platform", "registry", True)
    assert where(plan)["payments/bank-sftp"]["namespace"] == "payments-jobs"


def test_the_program_of_the_page_gives_its_deployment_a_file_and_a_variable() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / PAGE).read_text("utf-8"), re.DOTALL)
    code = compile(program, PAGE, "exec")
    made = record(lambda: exec(code, {})).named("checkout")  # noqa: S102  the page's own program
    spec = made.inputs["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["volumeMounts"] == [{"name": "stripe", "mountPath": "/etc/stripe", "readOnly": True}]
    assert [variable["name"] for variable in container["env"]] == ["STRIPE_WEBHOOK_SECRET"]
    assert spec["volumes"][0]["secret"]["defaultMode"] == 0o400
