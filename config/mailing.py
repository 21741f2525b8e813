"""``[mail]`` and ``[[report]]``: reports that are sent by mail, each week or month."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr

from config.base import Host, Name, Port, Table

Address = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$",
        description='a mail address: "quality@example.org"',
    ),
]
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


class Mail(Table):
    """``[mail]``: the server that mail is handed to."""

    host: Host
    port: Port | None = None
    """Left out: 587 with ``starttls``, 465 with ``tls``, 25 with ``none``."""
    tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description='"starttls", "tls" (from the first byte on) or "none"'
    )
    ca_file: str = Field(default="", description="path of a PEM file with the trusted authorities")
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: Address = Field(alias="from")
    page: str = Field(
        default="",
        pattern=r"^(?:https?://[^\s@?#]+)?$",
        description='the address of this page in browsers: "https://minuteur.example"',
    )
    """Where too large files are fetched from."""
    largest_mb: float = Field(
        default=10,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="megabytes of files that one mail may carry: 10",
    )

    @property
    def port_in_use(self) -> int:
        """The port as it was said, else the usual one."""
        return self.port or _PORTS[self.tls]


class ReportSchedule(Table):
    """``[[report]]``: a report of the last whole week or month, sent when it is over."""

    name: Name
    every: Literal["week", "month"] = Field(description='"week" or "month"')
    recipients: list[Address] = Field(
        min_length=1, max_length=50, description='a list: ["quality@example.org"]'
    )
    language: Literal["en", "fr"] = Field(default="en", description='"en" or "fr"')
    formats: list[Literal["pdf", "csv", "json"]] = Field(
        default=["pdf"], min_length=1, description='a list of "pdf", "csv" and "json"'
    )


def report_problem(reports: Sequence[ReportSchedule], mail: Mail | None) -> str:
    """What is wrong between these tables; empty when nothing."""
    names = Counter(report.name for report in reports)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        return f'[[report]]: the name "{twice[0]}" is used twice'
    return "[[report]] needs [mail]" if reports and mail is None else ""
