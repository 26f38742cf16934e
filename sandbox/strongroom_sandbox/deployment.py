"""Deploys a stack to the sandbox with the real engine, fills in values, and says what it does."""

import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.safeguards.contents import Live, Unasked
from strongroom.safeguards.guard import LossError, judge, lines
from strongroom.safeguards.release import release
from strongroom.spec.problems import SpecError
from strongroom.values.channel import Target, fill
from strongroom.values.generate import generate
from strongroom.values.vault_kv import VaultKvValues
from strongroom.vault.auth.kubernetes.plan import KubernetesRole
from strongroom.vault.connection import Connection
from strongroom.vault.kv.plan import KvSecret
from strongroom_sandbox import packages
from strongroom_sandbox.engine import Engine, Result
from strongroom_sandbox.sandbox import Sandbox
from strongroom_sandbox.toolchain import Toolchain, ensure, provider_plugin
from strongroom_sandbox.toolchain.process import Report

_NOTHING_HAPPENS: Final = re.compile(
    r"^@ |^ ~ .* (refreshing|refresh) \(|^    [a-z]+:\S+ \S+ *(running *)?$|creating \(0s\) $"
)
FIRST_PASSWORD: Final = "orders-first-password"  # noqa: S105  the name of a reference
"""The configuration key under which the example environments expect the first password of their database."""
REVIEWER_TOKEN: Final = "cluster-reviewer"  # noqa: S105
"""The same for the token with which the server asks the cluster about those of workloads."""


@dataclass(frozen=True)
class Deployment:
    """One stack of a project, and the sandbox that it is deployed to."""

    project: Path
    """The folder of `Pulumi.yaml`."""
    sandbox: Sandbox
    stack: str = "sandbox"
    policy_packs: Sequence[Path] = ()
    environment: str = ""
    """The environment that the stack is or is a slice of, for which policies are configured. Empty: as the stack."""

    def engine(self, toolchain: Toolchain, report: Report, also: Collection[str] = ()) -> Engine:
        """The engine for this stack, with the providers that it needs: the official ones where they can be had, else
        the stand-ins, and the servers that those drive. `also` names packages that neither plan nor state tell, as
        before an import."""
        work = self.sandbox.directory / "pulumi"
        engine = Engine(
            toolchain=toolchain,
            project=self.project,
            stack=self.stack,
            work=work,
            policy_packs=self.policy_packs,
            policy_configuration=self.environment,
            console=report,
        )
        needed = self._planned_packages() | packages.of_state(engine.state_file) | set(also)
        providers: dict[str, int] = {}
        variables: dict[str, str] = {}
        for package in sorted(needed):
            source = provider_plugin(toolchain, package, version(packages.DISTRIBUTION.format(package)), report=report)
            report(str(source))
            official = source.kind == "official"
            stand_in = self.sandbox.providers[package]
            self.sandbox.up(report, only=stand_in.depends_on if official else [stand_in.name])
            if not official:
                providers[package] = stand_in.listens_at
            if package == "vault":
                variables |= self.sandbox.environment(with_token=official)
            elif package == "aws":
                variables |= self.sandbox.moto.environment()
        return replace(engine, providers=providers, variables=variables)

    def _planned_packages(self) -> frozenset[str]:
        project = Project.read(self.project)
        try:
            stack = project.stack(self.stack)
            settings = stack.settings | self.sandbox.settings()
            return packages.of_plan(project.plan(self.stack, stack.model_copy(update={"settings": settings})))
        except SpecError:
            return frozenset()  # the program says so itself, and registers nothing

    def configure(self, engine: Engine) -> None:
        """The stack's tracked settings, where the sandbox's servers listen, and the values that a deployment needs."""
        tracked = self.project / "stacks" / f"Pulumi.{self.stack}.yaml"
        engine.configure({"settings": self.sandbox.settings()}, tracked)
        # Encrypted in the generated settings; worthless as soon as it has been used once.
        engine.set_secret(FIRST_PASSWORD, self.sandbox.postgres.first_password)
        # Encrypted there as well, and in the state. It may ask about tokens, and nothing else. A sandbox in which only
        # some servers were started may have no cluster.
        if self.sandbox.kube.has_run:
            engine.set_secret(REVIEWER_TOKEN, self.sandbox.service_accounts.reviewer_token())

    def prepare_workloads(self, plan: Plan) -> None:
        """Has the service accounts of workloads, as the cluster's platform team would."""
        for role in plan.of(KubernetesRole):
            self.sandbox.service_accounts.ensure(role.namespace, role.service_account)

    def up(self, engine: Engine, allow_loss: Sequence[str] = ()) -> Result:
        """Deploys, whatever an earlier run left behind.

        Raises LossError, before the engine runs, for what would be lost and is not among the paths of `allow_loss`.
        """
        for line in engine.recover():
            engine.console(f"recovered: {line}")
        self.guard(engine, allow_loss)
        return engine.up("--refresh", "--suppress-outputs")

    def guard(self, engine: Engine, allow_loss: Sequence[str] = ()) -> None:
        """As `strongroom guard --unprotect` does: docs/safeguards.md. Raises LossError."""
        project = Project.of_stack(self.project, self.stack, engine.config_file)
        try:
            plan = project.plan(self.stack)
        except SpecError:
            return  # the program says so itself, and registers nothing
        server = self._vault(engine, plan)
        contents = Live(server) if server else Unasked("nothing of this stack is on a Vault server")
        verdict = judge(plan, engine.export(), contents, allow_loss)
        options = ["--stack", self.stack, "--config-file", str(engine.config_file)]
        said = lines(verdict, project, plan.environment, options)
        if verdict.refused:
            folders = (shlex.quote(str(folder)) for folder in (self.project, self.sandbox.directory))
            shell = 'cd {}; eval "$(strongroom sandbox env --with-token --directory {})"'.format(*folders)
            raise LossError("\n".join([*said, f"Nothing was touched. The commands run in a shell with: {shell}"]))
        for line in said:
            engine.console(line)
        if verdict.allowed:
            release(engine, server, verdict.allowed, engine.console)

    def _vault(self, engine: Engine, plan: Plan) -> Connection | None:
        """The Vault server; None if the stack neither has nor will have anything there."""
        if "vault" not in packages.of_plan(plan) | packages.of_state(engine.state_file):
            return None
        return Connection(self.sandbox.vault.client()).within(plan.namespace)

    def plan(self, engine: Engine) -> Plan:
        """The plan that the engine applies."""
        return Project.of_stack(self.project, self.stack, engine.config_file).plan(self.stack)

    def fill(self, plan: Plan, report: Report) -> None:
        """Generates the values that are missing in Vault, straight into the store."""
        if not (secrets := plan.of(KvSecret)):
            return
        store = VaultKvValues(Connection(self.sandbox.vault.client()).within(plan.namespace))
        for secret in secrets:
            stored_version, fields = fill(store, Target(secret, None), generate, replace=False)
            if fields:
                report(f"values: made {', '.join(fields)} of {secret.key}, version {stored_version}")


def _show(line: str, report: Report) -> None:
    """A line that `pulumi` prints, unless it says of a resource that nothing happens to it. Its log has them all."""
    if line and not _NOTHING_HAPPENS.search(line):
        report(f"  | {line}")


def up(
    root: Path, sandbox: Sandbox, report: Report, allow_loss: Sequence[str] = ()
) -> tuple[Deployment, Engine, Result]:
    """Everything that `make up` needs: toolchain, servers, the stack `sandbox`, values. Returns what was made."""
    toolchain = ensure(root, report)
    report(f"pulumi: {toolchain.pulumi}; Python language host: {toolchain.language_host}")
    sandbox.up(report)
    deployment = Deployment(root, sandbox, policy_packs=[root / "policies"])
    engine = deployment.engine(toolchain, report)
    deployment.configure(engine)
    result = deployment.up(replace(engine, console=lambda line: _show(line, report)), allow_loss)
    plan = deployment.plan(engine)
    deployment.fill(plan, report)
    deployment.prepare_workloads(plan)
    return deployment, engine, result
