"""Stand-in Pulumi providers: a way to run the real engine against real servers without vendor downloads.

A stand-in is a table from Pulumi resource type to the real server's HTTP API. It is used only where the official
plugin cannot be had, only in the sandbox (it refuses any address that is not loopback), and is no replacement of the
official provider. `frame/` is what every stand-in shares and knows no vendor; `<package>/` holds one table each.

    python -m strongroom_sandbox.providers vault --token-file FILE

serves on 127.0.0.1 until SIGTERM or SIGINT, and prints `vault:PORT` first: what PULUMI_DEBUG_PROVIDERS wants.
"""
