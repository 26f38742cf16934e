"""The stand-in for package `aws`: pulumi-aws' resource types on the APIs that moto serves.

A row names operations; which parameters each takes is read from botocore's description of the service, so that a row
holds nothing but what Pulumi and the API name differently, and the official provider's own rules.

Not served on purpose: `secretsmanager.SecretVersion` (and `secretsmanager.getSecretVersion`). Whoever owns the version
of a rotated secret writes the old value over the live one as soon as two rotations have passed, and has the value in
its state: values go through the values channel.
"""
