"""A first access key of AWS: given to the server once, and worthless as soon as the server has rotated it.

Neither `vault.aws.SecretBackend` nor `ignore_changes` would do. That resource sends both halves of the key again
whenever anything of the engine's configuration changes, and so puts the dead key in the place of the living one. And a
key with a mistake in it is taken by the server without a question: to ignore changes would be never to send the right
one. So the key is a write of its own, done anew exactly when another key is given, and each time it is rotated away.
"""

from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.spec.value_source import how_to_set
from strongroom.stage import Stage

NO_KEY: Final = {"access_key": "", "secret_key": ""}
"""What a server without a key is told, so that one from before, or from a hand, is not used any longer."""


class AwsFirstKeyArgs(TypedDict):
    """An access key that is rotated away. `{}`: it was given before, and is no longer known to the deployment."""

    access_key: NotRequired[pulumi.Input[str]]
    """Its id."""
    secret_key: NotRequired[pulumi.Input[str]]
    """Its secret half."""


def give_first_key(
    name: str, path: pulumi.Input[str], args: AwsFirstKeyArgs, mount: pulumi.Resource, opts: pulumi.ResourceOptions
) -> vault.generic.Endpoint:
    """Writes the key to `path`, the engine's or auth method's configuration, which lives in `mount`."""
    halves = {half: args[half] for half in ("access_key", "secret_key") if args.get(half)}
    data: pulumi.Input[str] = pulumi.Output.json_dumps(halves, sort_keys=True)
    return vault.generic.Endpoint(
        f"{name}-first-key",
        path=path,
        data_json=pulumi.Output.secret(data),
        disable_read=True,
        disable_delete=True,
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(
                deleted_with=mount,
                replace_on_changes=["dataJson"],
                # A key that is no longer known is not another key.
                ignore_changes=[] if halves else ["dataJson"],
            ),
        ),
    )


def resolved_first_key(source: tuple[tuple[str, str], tuple[str, str]], stage: Stage) -> AwsFirstKeyArgs:
    """The key behind the references. Raises ValueError if only one half has a value: AWS knows no such key."""
    access_key, secret_key = (stage.secret(*reference) for reference in source)
    if access_key is None and secret_key is None:
        return {}
    if access_key is None or secret_key is None:
        kind, name = source[0] if access_key is None else source[1]
        remedy = how_to_set(kind, name)
        raise ValueError(f"only one half of AWS's first key has a value; set the other with {remedy}, or neither")
    return {"access_key": access_key, "secret_key": secret_key}
