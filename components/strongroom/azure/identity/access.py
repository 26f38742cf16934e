"""Rights on single secrets as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_azure_native as azure_native

from strongroom.stage import leaf


class AzureRoleAssignmentArgs(TypedDict):
    """One principal has one role on one thing."""

    scope: str
    """The id of the thing. A change makes another assignment, as does one of all the others."""
    role: str
    """The id of the role's definition."""
    principal_id: pulumi.Input[str]
    """The object id of who has it: a managed identity or service principal."""
    description: NotRequired[str]
    """For people."""


class AzureSecretAccessArgs(TypedDict):
    """Role assignments."""

    assignments: dict[str, AzureRoleAssignmentArgs]
    """The assignments by GUID."""


class AzureSecretAccess(pulumi.ComponentResource):
    """What principals may do with single secrets."""

    assignment_ids: pulumi.Output[list[str]]
    """The ids of the assignments."""

    def __init__(self, name: str, args: AzureSecretAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AzureSecretAccess", name, None, opts)
        made = [
            azure_native.authorization.RoleAssignment(
                f"{name}-{guid}",
                role_assignment_name=guid,
                scope=assignment["scope"],
                role_definition_id=assignment["role"],
                principal_id=assignment["principal_id"],
                # Else Azure looks the principal up, and one that was made a moment ago is not known everywhere yet.
                principal_type="ServicePrincipal",
                description=assignment.get("description"),
                # The name stays when an identity is made anew, and Azure has room for one of a name.
                opts=leaf(self, delete_before_replace=True),
            )
            for guid, assignment in args["assignments"].items()
        ]
        self.assignment_ids = pulumi.Output.all(*(assignment.id for assignment in made))
        self.register_outputs({"assignment_ids": self.assignment_ids})
