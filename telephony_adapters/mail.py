"""Handing mail to an SMTP server; blocks, so it belongs into a thread.

The standard library's client does all that is needed: one mail now and then, TLS, a password.
"""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

TIMEOUT_S: Final = 60.0
_PERMANENT: Final = 500
_TEMPORARY: Final = 400


class NotTakenError(Exception):
    """The server has not taken the mail, for certain; ``for_good``: nor will it."""

    def __init__(self, said: str, *, for_good: bool = False) -> None:
        super().__init__(said)
        self.for_good = for_good


class UncertainError(Exception):
    """The mail went out and no answer came: the server may have taken it."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server, and how it is reached: ``tls`` is ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int
    tls: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout: float = TIMEOUT_S

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand over a mail to one recipient, from the address in its ``From``.

        Raises:
            NotTakenError: it was not taken.
            UncertainError: nobody can tell.
        """
        with self._connected() as client:
            _obeyed(client.mail(parseaddr(str(message["From"]))[1]), "the sender")
            _obeyed(client.rcpt(recipient), recipient, for_good=True)
            self._hand_over(client, message)

    def _hand_over(self, client: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            answer = client.data(message.as_bytes())
        except smtplib.SMTPDataError as error:  # it did not want to begin
            raise NotTakenError(_said(error.smtp_code, error.smtp_error)) from None
        except (OSError, smtplib.SMTPException) as error:
            raise UncertainError(f"no answer came after the text: {error}") from error
        _obeyed(answer, "the text", for_good=True)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            client = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            text = f"the password is refused: {_said(error.smtp_code, error.smtp_error)}"
            raise NotTakenError(text) from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotTakenError(f"{self.host}:{self.port}: {error}") from error
        try:
            yield client
        except (OSError, smtplib.SMTPException) as error:
            raise NotTakenError(f"{self.host}:{self.port}: {error}") from error
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.ca_file or None)
        client: smtplib.SMTP
        if self.tls == "tls":
            client = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        else:
            client = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.tls == "starttls":
                client.starttls(context=context)
            if self.username:
                client.login(self.username, self.password)
            else:
                client.ehlo_or_helo_if_needed()
        except BaseException:
            client.close()
            raise
        return client


def _obeyed(answer: tuple[int, bytes], about: str, *, for_good: bool = False) -> None:
    code, said = answer
    if code >= _TEMPORARY:
        lasting = for_good and code >= _PERMANENT
        raise NotTakenError(f"{about}: {_said(code, said)}", for_good=lasting)


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
