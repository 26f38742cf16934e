"""Rules as CrossGuard policies, and the process that serves them to the engine.

Two things the SDK has no public way for are done by extending its servicer: the stack's name, configuration and tags
arrive (`ConfigureStack`) before the engine asks for the default levels, and *undecided* is advisory whatever the level
of the rule is. Both work on the public protocol messages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent import futures
from datetime import UTC, date, datetime
from typing import Any

import grpc
import pulumi_policy as crossguard
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy.policy import _PolicyAnalyzerServicer

from strongroom_policies.frame.enforcement import UNKNOWN, resolve
from strongroom_policies.frame.rule import (
    Finding,
    NotApplicableError,
    Resource,
    ResourceRule,
    Rule,
    StackRule,
    Undecided,
    Violation,
)
from strongroom_policies.frame.settings import AllowList, Settings

PACK_NAME = "strongroom"
UNDECIDED = "undecided: "
_MAX_MESSAGE_BYTES = 400 * 1024 * 1024  # as the SDK: a whole stack is one message

Today = Callable[[], date]


def utc_today() -> date:
    """The day on which allow-list entries are judged."""
    return datetime.now(UTC).date()


def serve(rules: Sequence[Rule]) -> None:
    """Serve the rules to the engine that started this process, until it ends it."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4),
        options=[("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(rules, utc_today), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")  # the engine reads the port from the first line
    sys.stdout.flush()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        server.stop(grace=None)


class Analyzer(_PolicyAnalyzerServicer):
    """The SDK's servicer with levels by environment and with *undecided*."""

    def __init__(self, rules: Sequence[Rule], today: Today) -> None:
        self._rules = tuple(rules)
        self._policies = [_policy(rule, today) for rule in self._rules]
        super().__init__(
            name=PACK_NAME,
            version="0.0.1",  # the engine takes the one of PulumiPolicy.yaml
            policies=self._policies,
            enforcement_level=crossguard.EnforcementLevel.MANDATORY,
        )

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802 the protocol's name
        environment = resolve(request.stack, request.config, request.tags)
        for rule, policy in zip(self._rules, self._policies, strict=True):
            policy.enforcement_level = environment.level(rule.severity)
        return super().ConfigureStack(request, context)

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802
        return _undecided_is_advisory(super().Analyze(request, context))  # type: ignore[no-untyped-call]

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        return _undecided_is_advisory(super().AnalyzeStack(request, context))  # type: ignore[no-untyped-call]


def _undecided_is_advisory(response: Any) -> Any:
    for diagnostic in response.diagnostics:
        message = diagnostic.message.removeprefix(f"{diagnostic.description}\n")
        if message.startswith(UNDECIDED):
            diagnostic.message = message
            diagnostic.enforcementLevel = proto.ADVISORY
    return response


def _policy(rule: Rule, today: Today) -> crossguard.Policy:
    metadata: dict[str, Any] = {
        "name": rule.name,
        "description": rule.title,
        "display_name": f"{rule.id} {rule.title}",
        "severity": rule.severity,
        "enforcement_level": UNKNOWN.level(rule.severity),
        "config_schema": crossguard.PolicyConfigSchema(rule.schema),
        "tags": list(rule.topics),
        "remediation_steps": f"{rule.remediation} See {rule.docs}.",
    }
    if rule.frameworks:
        first = rule.frameworks[0]  # the protocol has room for one
        metadata["framework"] = crossguard.PolicyComplianceFramework(
            name=first.name, version=first.version, reference=first.number
        )
    match rule:
        case ResourceRule():
            return crossguard.ResourceValidationPolicy(validate=_resource_validation(rule, today), **metadata)
        case StackRule():
            return crossguard.StackValidationPolicy(validate=_stack_validation(rule, today), **metadata)
    raise TypeError(f"{rule.id}: a rule is a ResourceRule or a StackRule")


def _resource_validation(rule: ResourceRule, today: Today) -> Callable[..., None]:
    def validate(args: crossguard.ResourceValidationArgs, report: crossguard.ReportViolation) -> None:
        if args.resource_type not in rule.types:
            return
        settings = Settings(args.get_config(), rule.schema, today())
        allowed = settings.allow_list()
        for resource, problem in allowed.problems:
            if resource in (args.urn, args.name):  # elsewhere it would be reported once per resource
                report(_allow_list_message(rule, resource, problem), args.urn)
        _run(rule, args, report, allowed, lambda: rule.check(args, settings))

    return validate


def _stack_validation(rule: StackRule, today: Today) -> Callable[..., None]:
    def validate(args: crossguard.StackValidationArgs, report: crossguard.ReportViolation) -> None:
        settings = Settings(args.get_config(), rule.schema, today())
        allowed = settings.allow_list()
        for resource, problem in allowed.problems:
            report(_allow_list_message(rule, resource, problem), None)
        resources: Sequence[Resource] = args.resources
        _run(rule, args, report, allowed, lambda: rule.check(resources, settings))

    return validate


def _run(
    rule: Rule,
    args: crossguard.ResourceValidationArgs | crossguard.StackValidationArgs,
    report: crossguard.ReportViolation,
    allowed: AllowList,
    check: Callable[[], Iterable[Finding]],
) -> None:
    try:
        findings = list(check())
    except NotApplicableError as reason:
        args.not_applicable(str(reason))
        return
    for finding in findings:
        urn = finding.resource.urn if finding.resource else None
        name = finding.resource.name if finding.resource else ""
        match finding:
            case Undecided():
                report(f"{UNDECIDED}{rule.id}: {finding.message}", urn)
            case Violation() if not (urn and allowed.covers(urn, name)):
                report(f"{rule.id}: {finding.message} {rule.remediation} See {rule.docs}.", urn)


def _allow_list_message(rule: Rule, resource: str, problem: str) -> str:
    return (
        f"{rule.id}: the allow-list entry for {resource!r} {problem}, so it does not hold. "
        f"Renew it with a reason and a date, or remove it from the pack configuration of '{rule.name}'."
    )
