"""What is wrong with policies by hand, at the place where it is written; and whether the server knows their words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc, Problem, did_you_mean
from strongroom.vault.needs import profile_of
from strongroom.vault.policy.document import parse
from strongroom.vault.policy.path_templates import methods_in
from strongroom.vault.policy.stanza import Stanza
from strongroom.vault.policy.tokens import At
from strongroom.vault.profile import FEATURES, Profile

if TYPE_CHECKING:
    from strongroom.plan.references import Sources


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment's policies by hand."""
    vault = scope.environment.vault
    if vault is None:
        return
    profile = profile_of(vault)
    methods = sources.in_environment("vault", "auth")
    for name, policy in vault.policies.items():
        loc: Loc = ("vault", "policies", name)
        for position, workload in enumerate(policy.workloads):
            if missing := sources.no_workload(workload):
                yield sources.environment.problem((*loc, "workloads", position), *missing)
        for position, rule in enumerate(policy.rules):
            for unknown in _missing_methods(rule.path, methods):
                yield sources.environment.problem((*loc, "rules", position, "path"), *unknown)
            for number, capability in enumerate(rule.capabilities):
                if lacking := _lacking(profile, capability):
                    where = (*loc, "rules", position, "capabilities", number)
                    yield sources.environment.problem(where, *lacking)
        if policy.text is not None:
            yield from _text(policy.text, (*loc, "text"), profile, methods, sources)


def _missing_methods(path: str, methods: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the auth methods whose accessors a path refers to."""
    for method in methods_in(path):
        if method not in methods:
            remedy = did_you_mean(method, methods, f"declared: {', '.join(methods) or 'none'}")
            yield f"there is no auth method '{method}' to have an accessor", remedy


def _text(text: str, loc: Loc, profile: Profile, methods: Collection[str], sources: Sources) -> Iterator[Problem]:
    stanzas, flaws = parse(text)
    for flaw in flaws:
        yield sources.environment.problem_in_text(loc, flaw.at, flaw.message, flaw.remedy)
    for stanza in stanzas:
        for missing in _missing_methods(stanza.path, methods):
            yield sources.environment.problem_in_text(loc, stanza.at, *missing)
    for at, lacking in _unknown_words(stanzas, profile):
        yield sources.environment.problem_in_text(loc, at, *lacking)


def _unknown_words(stanzas: tuple[Stanza, ...], profile: Profile) -> Iterator[tuple[At, tuple[str, str]]]:
    for stanza in stanzas:
        for word in (*stanza.capabilities, *stanza.settings):
            if lacking := _lacking(profile, word):
                yield stanza.places.get(f"capability {word}", stanza.places.get(word, stanza.at)), lacking


def _lacking(profile: Profile, word: str) -> tuple[str, str] | None:
    """What is wrong if a server does not know a capability or a key; most are known to all."""
    feature = f"policy.{word}"
    return profile.lacks(feature) if feature in FEATURES else None
