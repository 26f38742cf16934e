"""`make up`: toolchain, servers, deployment, values and proof, with every line that a person sees."""

from collections.abc import Sequence
from pathlib import Path

from strongroom.errors import StrongroomError
from strongroom.spec.problems import SpecError
from strongroom.vault.profile import Flavour
from strongroom_sandbox import deployment
from strongroom_sandbox.engine import EngineError, Result
from strongroom_sandbox.proof.run import prove
from strongroom_sandbox.proof.world import World
from strongroom_sandbox.sandbox import Sandbox
from strongroom_sandbox.servers.server import SandboxError
from strongroom_sandbox.toolchain import ToolchainError
from strongroom_sandbox.toolchain.process import Report


def make_up(
    root: Path, directory: Path, report: Report, allow_loss: Sequence[str] = (), flavour: Flavour | None = None
) -> bool:
    """Brings everything up and proves it; returns whether all promises hold. Says what failed instead of raising."""
    try:
        return _make_up(root, Sandbox(directory, flavour), report, allow_loss)
    except EngineError as error:
        # What `pulumi` printed was shown as it came; the rest of the text would be that again.
        report(f"error: {str(error).splitlines()[0] if error.result else error}")
    except (SandboxError, SpecError, StrongroomError, ToolchainError) as error:
        report(f"error: {error}")
    return False


def _make_up(root: Path, sandbox: Sandbox, report: Report, allow_loss: Sequence[str]) -> bool:
    deployed, engine, result = deployment.up(root, sandbox, report, allow_loss)
    report(_summary(result))
    world = World(
        sandbox=sandbox,
        plan=deployed.plan(engine),
        searched=(engine.backend, engine.work / "logs", engine.config_file),
    )
    report(f"\nThe proof on {sandbox.vault.title}, as the workload payments/checkout:")
    return prove(world, report)


def _summary(result: Result) -> str:
    changed = ", ".join(f"{number} {operation}" for operation, number in result.changes.items() if operation != "same")
    return f"stack sandbox: {changed or 'no changes'}; {result.changes.get('same', 0)} resources as they were"
