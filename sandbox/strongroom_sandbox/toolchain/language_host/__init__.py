"""A small Pulumi language host for Python, for machines that cannot get the vendor's.

The engine starts it as `pulumi-language-python ENGINE_ADDRESS`, reads a port number from its first line of
output and then calls the gRPC service `LanguageRuntime` there. It is used only if no official
`pulumi-language-python` is found (see `toolchain/pulumi.py`), and does what plain programs, policy packs and
component packages need:

    __main__.py     start, port, signals, end
    service.py      the gRPC methods
    interpreter.py  which Python runs a program
    processes.py    started programs, and that none of them outlives the host
    program.py      runs a program; executed by the program's own interpreter

Not supported, with an error that says so: the poetry toolchain, debuggers, code generation (`pulumi convert`,
`package gen-sdk`, `package add`), and installing dependencies (`make` does that here).
"""
