"""The stand-in for `kubernetes`, which drives the sandbox's API server with the official Python client.

It follows the rules of pulumi-kubernetes 4.34 for names, replacement, field managers and what is secret. An object is
created with POST, so that one which exists is not taken over silently (`upsertExistingObjects` allows that), and
changed by server-side apply; previews are dry runs of the server. It is stricter in one way: a field that the server
does not know is refused, where the official provider lets it be dropped. What it cannot do it refuses: to wait for
pods where there is no node, and to render YAML. Helm releases are records in a file, as no Helm runs here.
"""
