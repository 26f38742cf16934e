"""The provider of Google Cloud for one project, which refuses a project that only has the same name."""

import pulumi
import pulumi_gcp as gcp

from strongroom.gcp.place import GcpPlace
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options


def check(plan: Plan, stage: Stage) -> None:
    """Asks which project the credentials reach, before any resource of Google Cloud is registered. Raises
    pulumi.RunError if it is not the declared one, or cannot be seen."""
    places = {place for record in plan.records if isinstance(place := getattr(record, "place", None), GcpPlace)}
    for place in sorted(places, key=str):
        _check(place, provider_of(stage, place))


def _check(place: GcpPlace, provider: pulumi.ProviderResource) -> None:
    try:
        found = gcp.organizations.get_project(project_id=place.project, opts=pulumi.InvokeOptions(provider=provider))
        number = found.number
    except Exception as error:
        # What the provider says is a paragraph; its first line says what Google refused.
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise pulumi.RunError(
            f"project {place.project} cannot be seen with these credentials, and nothing was made there ({said}); log "
            "in with `gcloud auth application-default login`, and see that they have resourcemanager.projects.get and "
            "that the API cloudresourcemanager.googleapis.com is enabled"
        ) from None
    if number != place.number:
        raise pulumi.RunError(
            f"project {place.project} has the number {number or 'none'}, and the environment file says {place.number}: "
            "these are two projects, and nothing was made. Correct `gcp.project_number`, or `gcp.project`"
        )


def provider_of(stage: Stage, place: GcpPlace) -> pulumi.ProviderResource:
    """The provider itself, one for each project."""
    name = f"gcp-{place.project}"
    if name not in stage.providers:
        # Nothing is made that the plan does not say, not even a label.
        stage.providers[name] = gcp.Provider(name, project=place.project, add_pulumi_attribution_label=False)
    return stage.providers[name]


def options(stage: Stage, place: GcpPlace) -> pulumi.ResourceOptions:
    """Options of a component whose resources are in that project.

    The provider finds its credentials as every tool of Google does; none are in the configuration, and so in the state.
    """
    return pulumi.ResourceOptions.merge(
        component_options(stage, after=stage.gcp_first), pulumi.ResourceOptions(providers=[provider_of(stage, place)])
    )
