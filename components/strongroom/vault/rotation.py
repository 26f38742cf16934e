"""The rotation of a first credential: from then on only the server knows the one that is good."""

import pulumi
import pulumi_vault as vault


def rotate_away(
    name: str, path: pulumi.Input[str], given: pulumi.Resource, opts: pulumi.ResourceOptions
) -> vault.generic.Endpoint:
    """Has the server change what it was `given`, once and again whenever another one is given.

    `path` is the engine's or auth method's own for this, such as `database-prod/rotate-root/orders`.
    """
    return vault.generic.Endpoint(
        f"{name}-rotation",
        path=path,
        data_json="{}",
        disable_read=True,
        disable_delete=True,
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(depends_on=[given], deleted_with=given, replace_with=[given])
        ),
    )
