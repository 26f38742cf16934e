"""The stand-in for package `gcp`: pulumi-gcp's resource types on a file.

It is no Google Cloud. Nobody has an emulator of its control plane, so each request is made as the official provider
makes it, checked against Google's own description of the API (the discovery documents in `google-api-python-client`)
and against the rules that only Google's pages tell, and kept in a local file. It encrypts, publishes and logs nothing.

Not served on purpose: `secretmanager.SecretVersion`, whose value would be in the state, and IAM on whole projects.
"""
