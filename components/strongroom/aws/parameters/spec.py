"""What people write about parameters that are no secrets: settings that applications read beside them."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from strongroom.aws.parameter_store.spec import LONGEST, Tier
from strongroom.aws.parameters.lookalikes import looks_like_a_secret
from strongroom.spec.catalog import Pattern
from strongroom.spec.model import Model
from strongroom.spec.names import refuse


class AwsParameter(Model):
    """A parameter of Parameter Store that everybody may know. Its value is in files, in the state, and in previews."""

    value: Annotated[str, Field(min_length=1)] | None = None
    """Its value, a text: a String."""
    values: tuple[str, ...] = ()
    """Instead of `value`: several, a StringList."""
    description: Annotated[str, Field(max_length=1024, pattern=r"^[^\r\n]*$")] = ""
    """For people."""
    allowed_pattern: Pattern | None = None
    """A regular expression that matches the whole value. It is checked here, and by AWS whenever that is changed."""
    tier: Tier = "standard"
    """What a value may be, and costs. From `advanced` back to `standard` makes another parameter."""
    data_type: Literal["text", "aws:ec2:image"] = "text"
    """`aws:ec2:image`: AWS checks that it is the id of an image that exists."""
    no_secret: Annotated[str, Field(min_length=10, max_length=300, pattern=r"^[^\r\n]*$")] | None = None
    """Why this is no secret, where its name or value looks like one."""

    @property
    def text(self) -> str:
        """The value as AWS keeps it."""
        return ",".join(self.values) if self.value is None else self.value

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if (self.value is None) == (not self.values):
            raise refuse("a parameter has either `value` or `values`", "write one of them")
        for item in self.values:
            if not item or "," in item:
                raise refuse("one of values is empty or has a comma, which separates them", "write it as one `value`")
        if "{{" in self.text:
            # AWS Systems Manager, "PutParameter": a parameter cannot name another one.
            raise refuse("the value has '{{', which AWS refuses in values", "leave it out")
        if (size := len(self.text.encode())) > (most := LONGEST[self.tier]):
            remedy = "write `tier: advanced`" if size <= LONGEST["advanced"] else "keep it elsewhere, for example in S3"
            raise refuse(f"the value has {size} bytes, the limit of the tier {self.tier} is {most}", remedy)
        return self

    @model_validator(mode="after")
    def _fits_its_pattern(self) -> Self:
        if self.allowed_pattern is None:
            return self
        if self.values:
            raise refuse("AWS does not say what of a list it compares with allowed_pattern", "leave it out")
        if not re.fullmatch(self.allowed_pattern, self.text):
            raise refuse("the value does not match allowed_pattern", "correct one of them")
        return self

    @model_validator(mode="after")
    def _is_no_secret(self) -> Self:
        for item in self.values or (self.text,):
            if self.no_secret is None and (what := looks_like_a_secret(item)):
                raise refuse(
                    f"the value looks like {what}, and would be readable in files, previews and the state",
                    "take it out of the file, revoke it, and declare a secret in a catalog, in a store "
                    "`aws_parameter_store`; if it is none, say why in `no_secret`",
                )
        return self
