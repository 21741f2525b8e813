"""What the tables of the settings file have in common: their base, and kinds of values."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
        description='a name of letters, digits, ".", "-" and "_", such as "lab"',
    ),
]
Host = Annotated[
    str, Field(min_length=1, pattern=r"^\S+$", description='a host name or address: "127.0.0.1"')
]
Port = Annotated[int, Field(ge=1, le=65535, description="a whole number from 1 to 65535")]
Span = Annotated[
    float, Field(gt=0, le=86400, allow_inf_nan=False, description="seconds, more than 0: 60")
]
HttpUrl = Annotated[
    str, Field(pattern=r"^https?://[^\s/]+\S*$", description='"http://…" or "https://…"')
]
Texts = Annotated[list[Annotated[str, Field(min_length=1)]], Field(description='a list: ["…"]')]


class Table(BaseModel):
    """Base of all tables: what is not declared is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
