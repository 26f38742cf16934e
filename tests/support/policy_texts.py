"""Policies as people write them: good ones, ones that a server refuses, and ones that it takes and that are no good.

What the servers do with each was measured on OpenBao 2.7.2 and HashiCorp Vault 1.21.0; a test does so again.
"""

C = 'capabilities = ["read"]'

GOOD = [
    f'path "a" {{ {C} }}',
    f'path "a/b/*" {{ {C} }} path "c/+/d" {{ {C} }}',
    'path "a" {\n  capabilities = ["read", "list",]\n}\n',
    'path "a" { policy = "read", capabilities = ["list"], }',
    'path "a" { policy = "write" }',
    'path "a" { capabilities = ["deny"] }',
    f'"path" "a" {{ "capabilities" = ["read"] }}\npath b {{ {C} }}',
    f'# one\n// two\n/* three\n four */ path "a" {{ {C} }} # five',
    f'path "a" {{\r\n  {C}\r\n}}\r\npath "b" {{ {C} }}',
    f'path "a" {{ comment = "why" {C} }}',
    f'path "a" {{ {C} allowed_parameters = {{ "x" = [] "*" = ["a", "1", true] }} }}',
    f'path "a" {{ {C} denied_parameters {{ Secret = ["q\\"\\\\\\n\\u00e4"] }} }}',
    f'path "a" {{ {C} required_parameters = ["x", "y"] }}',
    f'path "a" {{ {C} min_wrapping_ttl = "1m" max_wrapping_ttl = 7200 }}',
    f'path "a" {{ {C} min_wrapping_ttl = "90" max_wrapping_ttl = "1d" }}',
    f'path "a" {{ {C} max_wrapping_ttl = "1h30m0.5s1500ms" }}',
    f'path "a/{{{{identity.entity.id}}}}/*" {{ {C} }}',
    '{"path": {"a": {"capabilities": ["re\\u0061d"]}, "b": {"policy": "sudo"}}}',
    '{"path": [{"a": {"capabilities": ["read"]}}, {"b": {"max_wrapping_ttl": "1h", "capabilities": ["list"]}}]}',
    ' {"path": {"a": {"capabilities": ["update"], "allowed_parameters": {"X": ["y", "1", false], "*": []}}}}',
]

REFUSED = {
    f'path "a" {{ {C}': (1, 35, "`}` is missing to end the object; found the end"),
    f'path "a {{ {C} }}': (1, 32, "the text is not ended by a quote on its line"),
    f'path "a" {{\n  {C}\n  oops\n}}': (4, 1, "`oops` needs `=` and a value; found `}`"),
    'path "a" { capabilities = ["read" "list"] }': (1, 35, "`]` is missing to end the list, or a comma before"),
    'path "a" { capabilities = [read] }': (1, 28, "a value is missing; found `read`; texts need double quotes"),
    'path "a" { capabilities: ["read"] }': (1, 24, "`capabilities` needs `=` and a value; found `:`"),
    'path "a" { capabilities ["read"] }': (1, 25, "`capabilities` needs `=` and a value; found `[`"),
    f'path "a" {{ {C}; }}': (1, 35, "`;` means nothing here"),
    f"path 'a' {{ {C} }}": (1, 6, "a text is written in double quotes"),
    f'path "a\nb" {{ {C} }}': (1, 6, "the text is not ended by a quote on its line"),
    f'path "a\\qb" {{ {C} }}': (1, 8, "the escape `\\q` means nothing"),
    f'/* x path "a" {{ {C} }}': (1, 1, "the comment is not ended"),
    f'\ufeffpath "a" {{ {C} }}': (1, 1, "`U+FEFF` means nothing here"),
    f'path "a" = {{ {C} }}': (1, 10, "a block has no `=`"),
    f'paths "a" {{ {C} }}': (1, 1, "unknown key 'paths'; did you mean 'path'?"),
    f'comment = "x"\npath "a" {{ {C} }}': (1, 1, "unknown key 'comment'; a policy is made of `path` blocks"),
    'path "a" { capability = ["read"] }': (1, 12, "unknown key 'capability'; did you mean 'capabilities'?"),
    'path "a" { capabilities = ["raed"] }': (1, 28, "unknown capability 'raed'; did you mean 'read'?"),
    'path "a" { capabilities = ["read", 5] }': (1, 36, "unknown capability 5; known: create, delete"),
    'path "a" { capabilities = "read" }': (1, 27, "needs a list; write it in brackets"),
    'path "a" { policy = "bogus" }': (1, 21, "unknown policy 'bogus'; known: deny, read, sudo, write"),
    f'path "a/+*" {{ {C} }}': (1, 6, "'+*' is refused by the server"),
    f'path "a/{{{{identity.entity.id" {{ {C} }}': (1, 6, "braces only around a template"),
    f'path "a" {{ {C} allowed_parameters = ["x"] }}': (1, 57, "needs an object from parameters to lists"),
    f'path "a" {{ {C} allowed_parameters = {{ x = "y" }} }}': (1, 63, "needs a list"),
    f'path "a" {{ {C} required_parameters = "x" }}': (1, 58, "needs a list"),
    f'path "a" {{ {C} min_wrapping_ttl = "soon" }}': (1, 55, "needs a duration; write it as 90s, 15m, 1h30m or 1d"),
    f'path "a" {{ {C} min_wrapping_ttl = "1d12h" }}': (1, 55, "needs a duration"),
    f'path "a" {{ {C} min_wrapping_ttl = "2h" max_wrapping_ttl = "1h" }}': (1, 60, "is shorter than min_wrapping_ttl"),
    "[]": (1, 1, "a name is missing; found `[`"),
    '{"path": {"a": {"capabilities": "read"}}}': (1, 33, "needs a list"),
    '{"path": {"a": null}}': (1, 16, "needs an object such as"),
    '{"paths": {}}': (1, 2, "unknown key 'paths'; did you mean 'path'?"),
}
"""Text -> line, column and beginning of what is said. Both servers refuse them too."""

NO_GOOD = {
    "# nothing yet": (1, 1, "the policy says nothing"),
    'path "a" {}': (1, 6, 'nothing is allowed here; write `capabilities = ["deny"]` to forbid it'),
    'path "a" { capabilities = [] }': (1, 27, 'nothing is allowed here; write ["deny"] to forbid it'),
    'path "a" {\n  capabilities = ["read", "deny"]\n}': (2, 27, "`deny` takes away all that stands beside it"),
    f'path "a" {{ {C} }}\npath "a" {{ {C} }}': (2, 6, "the path 'a' is given in line 1 too; write one stanza"),
    f'path "a" {{ {C} {C} }}': (1, 36, "'capabilities' is given twice"),
    f'path "a" "b" {{ {C} }}': (1, 10, "a second path has no effect"),
    f"path {{ {C} }}": (1, 1, "the block does not say for which path it is"),
    f"path = {{ {C} }}": (1, 1, "a `path` is a block, and is not assigned"),
    f'name = "x"\npath "a" {{ {C} }}': (1, 1, "the name of a policy is not part of its text"),
    f'path "/a" {{ {C} }}': (1, 6, "a policy path has no leading slash"),
    f'path "a/*b" {{ {C} }}': (1, 6, "'*' is a wildcard at the end only; elsewhere it is literal"),
    f'path "a/+b" {{ {C} }}': (1, 6, "'+' stands for one whole segment only"),
    f'path "a/{{{{entity.id}}}}" {{ {C} }}': (1, 6, "the server fills in nothing for 'entity.id'"),
    'path "a/{{identity.entity.id}}" { capabilities = ["deny"] }': (1, 6, "a `deny` at a templated path is left out"),
    f'path "a" {{ {C} allowed_parameters = {{}} }}': (1, 36, "'allowed_parameters' says nothing"),
    f'path "a" {{ {C} allowed_parameters = {{ X = ["y"] x = [] }} }}': (
        1,
        69,
        "'x' is given twice; case means",
    ),
    f'path "a" {{ {C} allowed_parameters = {{ x = [{{a = 1}}] }} }}': (1, 64, "needs a plain text, true or false"),
    f'path "a" {{ {C} denied_parameters = {{ x = ["a", 5] }} }}': (1, 68, "a number here is equal to no number of a"),
    f'path "a" {{ {C} required_parameters = ["x",, "y"] }}': (1, 63, "a comma too many"),
    "path =": (1, 7, "a value is missing; found the end"),
    f'path "a" {{ {C} max_wrapping_ttl = "500ms" }}': (1, 55, "needs at least one second, and whole ones"),
    f'path "a" {{ {C} max_wrapping_ttl = 0 }}': (1, 55, "needs at least one second, and whole ones"),
    '{"path": {"a": {"capabilities": ["read"],}}}': (1, 41, "a comma stands before the end"),
    '{"path": {"a": {"capabilities": ["read"]}}} x': (1, 45, "something follows the end of the policy"),
    '{"path": {"a": {"capabilities": ["read"]}}': (1, 43, "`}` is missing to end the object; found the end"),
    '{"path": {"a": {"policy": "read"}, "a": {"policy": "sudo"}}}': (1, 36, "the path 'a' is given in line 1 too"),
}
"""The same for what at least one of the servers takes, without doing what it seems to say."""

OF_ONE_SERVER = {
    f'path "a" {{ {C} pagination_limit = "50" }}': "openbao",
    f'path "a" {{ {C} expiration = "2030-01-01T00:00:00Z" }}': "openbao",
    'path "a" { capabilities = ["list"] list_scan_response_keys_filter_path = "a/{{ .key }}" }': "openbao",
    'path "a" { capabilities = ["scan"] }': "openbao",
    'path "a" { capabilities = ["subscribe"] subscribe_event_types = ["*"] }': "vault",
    'path "a" { capabilities = ["recover"] }': "vault",
}
"""What only one of the servers knows; the server's profile tells."""
