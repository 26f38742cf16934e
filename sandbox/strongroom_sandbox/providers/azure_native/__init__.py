"""A stand-in for pulumi-azure-native. It is no Azure: nobody has an emulator of Azure's control plane.

Resources are kept in a local file. Bodies are built as the official provider builds them, and refused where the
vendor's own models (the `azure-mgmt-*` packages) refuse them: unknown and read-only properties, missing ones, wrong
types, values that an enumeration does not have. Rules beyond the models are coded from the documentation, each with its
page. What it makes says so: `systemData.createdBy`, and addresses that end in `.invalid`.

What no file can show: whether Azure's own policies, quotas and names that others have taken would refuse the same.
"""
