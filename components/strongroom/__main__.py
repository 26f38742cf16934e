"""Hosts the component package, so that any Pulumi language can use it: `pulumi package add ./components`.

The engine starts it as `python -m strongroom`; people use the command `strongroom`.
"""

from pulumi.provider.experimental import component_provider_host

from strongroom.exports import COMPONENTS

if __name__ == "__main__":
    component_provider_host(name="strongroom", components=list(COMPONENTS))
