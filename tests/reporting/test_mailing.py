"""Reports by mail, against a real SMTP server."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr, ValidationError

from api.report_mailing import ReportMailer
from config.mailing import Mail, ReportSchedule
from config.settings import Settings
from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.history import History, open_history
from monitor.history.audit import AuditFilter, AuditRecord
from monitor.history.policies import current_policy
from monitor.history.report_mails import RETRIES, MailState, ReportMails
from monitor.history.writer import BatchWriter
from monitor.reporting.files import ReportFile
from monitor.reporting.letter import Envelope as Cover
from monitor.reporting.letter import letter
from monitor.reporting.reading import Wanted
from monitor.reporting.schedule import SENT_AFTER, Every, last_period
from telephony_adapters.mail import NotTakenError, SmtpServer, UncertainError
from tests.bench import big_record
from tests.reporting import samples
from tests.reporting.samples import PARIS, moment

ANNA, BERT = "anna@example.org", "bert@example.org"


@dataclass
class Postbox:
    """A mail server that keeps what it takes; ``answers`` are given first, one for each mail."""

    port: int = 0
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    hang_up: bool = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.answers and self.answers[0]:
            return self.answers.pop(0)
        self.answers[:1] = []
        content = envelope.content
        assert isinstance(content, bytes)
        told = message_from_bytes(content, policy=policy.default)
        assert isinstance(told, EmailMessage)
        self.mails.append((envelope.rcpt_tos[0], told))
        if self.hang_up:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 taken"


@pytest.fixture
async def post() -> AsyncIterator[Postbox]:
    box = Postbox()
    async with serving(box):
        yield box


class serving:  # noqa: N801 - reads like a function
    """Runs a mail server for a block."""

    def __init__(self, box: Postbox, **options: Any) -> None:  # noqa: ANN401
        self.box = box
        self.options = options

    async def __aenter__(self) -> Postbox:
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {"hostname": "test", "loop": loop} | self.options
        self.server = await loop.create_server(lambda: SMTP(self.box, **options), "127.0.0.1", 0)
        self.box.port = self.server.sockets[0].getsockname()[1]
        return self.box

    async def __aexit__(self, *_: object) -> None:
        self.server.close()


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record to be copied: making it takes a moment."""
    path = tmp_path_factory.mktemp("reports") / "record.db"
    with open_history(f"sqlite:///{path}") as history:
        current_policy(history, samples.policy(), now=moment(2026, 1, 5))
        with BatchWriter(history) as writer:
            writer.add(list(big_record.calls(20, days=30)))
    return path


@pytest.fixture
def history(tmp_path: Path, record: Path) -> Iterator[History]:
    shutil.copy(record, tmp_path / "record.db")
    with open_history(f"sqlite:///{tmp_path / 'record.db'}", migrate=False) as history:
        yield history


@dataclass
class Desk:
    """A mailer whose clock only tests move."""

    mailer: ReportMailer
    at: Ms

    async def look(self, later: Ms = 0) -> None:
        self.at += later
        await asyncio.to_thread(self.mailer.send_due)

    def states(self) -> list[tuple[str, MailState]]:
        mails = ReportMails(self.mailer.history).all()
        return [(mail.recipient, mail.state) for mail in mails]


Make = Callable[..., Desk]


@pytest.fixture
def desk_of(history: History) -> Make:
    def make(box: Postbox, recipients: tuple[str, ...] = (ANNA,), **mail: object) -> Desk:
        told = {"host": "127.0.0.1", "port": box.port, "tls": "none", "from": "m@example.org"}
        schedule = ReportSchedule(
            name="monthly", every="month", recipients=list(recipients), language="fr",
            formats=["csv"],
        )  # fmt: skip
        desk: Desk
        mailer = ReportMailer(
            history, Mail.model_validate(told | mail), [schedule], lambda: desk.at, lambda: PARIS
        )
        desk = Desk(mailer, moment(2026, 5, 1, 8))
        return desk

    return make


# --- when -----------------------------------------------------------------------------------------


def test_a_report_is_due_some_hours_after_its_week_or_month() -> None:
    may = moment(2026, 5, 1)
    assert last_period(Every.MONTH, may + SENT_AFTER, PARIS) == (moment(2026, 4, 1), may)
    before = last_period(Every.MONTH, may + SENT_AFTER - 1, PARIS)
    assert before == (moment(2026, 3, 1), moment(2026, 4, 1))
    # The clocks change in this week.
    week = last_period(Every.WEEK, moment(2026, 4, 1), PARIS)
    assert week == (moment(2026, 3, 23), moment(2026, 3, 30))
    assert week[1] - week[0] == 7 * DAY - HOUR
    assert last_period(Every.WEEK, moment(2026, 4, 1), UTC)[0] == week[0] + HOUR


# --- sending --------------------------------------------------------------------------------------


async def test_each_recipient_gets_the_report_once(post: Postbox, desk_of: Make) -> None:
    desk = desk_of(post, (ANNA, BERT))
    for _ in range(3):
        await desk.look(DAY)
    assert [to for to, _ in post.mails] == [ANNA, BERT]
    _, mail = post.mails[0]
    assert mail["Subject"] == (
        "Rapport sur l’engagement, du 1er\u00a0avril 2026 au 30\u00a0avril 2026"
    )
    body = mail.get_body()
    assert body is not None
    assert "Engagement tenu\u202f:" in body.get_content()
    (file,) = mail.iter_attachments()
    assert file.get_filename() == "minuteur-report_2026-04-01_2026-04-30_fr.csv"
    assert file.get_payload(decode=True)[:3] == b"\xef\xbb\xbf"  # type: ignore[index]
    trail = AuditRecord(desk.mailer.history).entries(AuditFilter(what="report_sent"))
    assert len(trail.entries) == 2


async def test_another_monitor_and_another_start_send_nothing_again(
    post: Postbox, desk_of: Make
) -> None:
    for _ in range(2):
        desk = desk_of(post)
        desk.mailer.begin()
        await desk.look()
    assert len(post.mails) == 1


async def test_the_next_month_brings_the_next_report(post: Postbox, desk_of: Make) -> None:
    desk = desk_of(post)
    await desk.look()
    await desk.look(31 * DAY)
    subjects = [mail["X-Minuteur-Report"] for _, mail in post.mails]
    assert subjects == ["monthly; 2026-04-01/2026-04-30", "monthly; 2026-05-01/2026-05-31"]
    assert len({mail["Message-ID"] for _, mail in post.mails}) == 2


async def test_what_is_not_taken_is_tried_again_later(post: Postbox, desk_of: Make) -> None:
    post.answers = ["451 come back later"]
    desk = desk_of(post)
    await desk.look()
    await desk.look(RETRIES[0] - 1)
    assert desk.states() == [(ANNA, MailState.WAITING)]
    await desk.look(1)
    assert desk.states() == [(ANNA, MailState.SENT)]
    assert len(post.mails) == 1


async def test_a_report_that_cannot_be_made_is_tried_again_and_keeps_no_other_waiting(
    post: Postbox, desk_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(post)
    (monthly,) = desk.mailer.schedules
    weekly = monthly.model_copy(update={"name": "weekly", "every": "week", "recipients": [BERT]})
    desk.mailer.schedules = [monthly, weekly]
    make = desk.mailer._letter

    def broken(mail: Mail, schedule: ReportSchedule, wanted: Wanted) -> EmailMessage:
        if schedule.name == "monthly":
            raise ValueError("no font")
        return make(mail, schedule, wanted)

    monkeypatch.setattr(desk.mailer, "_letter", broken)
    await desk.look()
    assert [to for to, _ in post.mails] == [BERT]
    assert dict(desk.states()) == {ANNA: MailState.WAITING, BERT: MailState.SENT}
    await desk.look(RETRIES[0] - 1)
    monkeypatch.undo()
    await desk.look()
    assert dict(desk.states())[ANNA] is MailState.WAITING
    await desk.look(1)
    assert dict(desk.states())[ANNA] is MailState.SENT


async def test_a_server_that_is_not_there_is_tried_again(desk_of: Make) -> None:
    desk = desk_of(Postbox(port=1))
    await desk.look()
    assert desk.states() == [(ANNA, MailState.WAITING)]


def test_what_is_never_taken_is_given_up_after_two_days(history: History) -> None:
    mails, now = ReportMails(history), moment(2026, 5, 1)
    mails.plan("monthly", 0, [ANNA], now)
    for pause in RETRIES:
        (one,) = mails.due("monthly", 0, now)
        assert mails.claim(one, now)
        assert mails.failed(one, now, "nobody there")
        now += pause
    (last,) = mails.due("monthly", 0, now)
    assert mails.claim(last, now)
    assert not mails.failed(last, now, "nobody there")
    assert [mail.state for mail in mails.all()] == [MailState.REFUSED]
    assert 2 * DAY - 3 * HOUR < sum(RETRIES) < 2 * DAY + 3 * HOUR


async def test_one_mailbox_that_is_not_there_keeps_no_other_waiting(
    post: Postbox, desk_of: Make
) -> None:
    post.refused = {ANNA}
    desk = desk_of(post, (ANNA, BERT))
    await desk.look()
    await desk.look(MINUTE)
    assert desk.states() == [(ANNA, MailState.REFUSED), (BERT, MailState.SENT)]


async def test_a_server_that_falls_silent_after_the_text_gets_it_no_second_time(
    post: Postbox, desk_of: Make
) -> None:
    post.hang_up = True
    desk = desk_of(post)
    for _ in range(3):
        await desk.look(DAY)
    assert desk.states() == [(ANNA, MailState.UNKNOWN)]
    assert len(post.mails) == 1


async def test_what_was_being_sent_when_the_monitor_died_is_not_sent_again(
    post: Postbox, desk_of: Make
) -> None:
    desk = desk_of(post)
    mails = ReportMails(desk.mailer.history)
    since = moment(2026, 4, 1)
    mails.plan("monthly", since, [ANNA], desk.at)
    (waiting,) = mails.due("monthly", since, desk.at)
    assert mails.claim(waiting, desk.at)
    assert not mails.claim(waiting, desk.at)  # by another monitor
    desk.mailer.begin()
    await desk.look(DAY)
    assert desk.states() == [(ANNA, MailState.UNKNOWN)]
    assert not post.mails


async def test_the_task_sends_what_is_due_and_ends_when_told(post: Postbox, desk_of: Make) -> None:
    desk = desk_of(post)
    desk.mailer.first = 0.0
    task = asyncio.create_task(desk.mailer.run())
    while desk.states() != [(ANNA, MailState.SENT)]:  # noqa: ASYNC110 - bounded by the time limit
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_too_large_files_are_linked_and_not_attached() -> None:
    files = [ReportFile("r.pdf", "application/pdf", b"x" * 900),
             ReportFile("r.csv", "text/csv; charset=utf-8", b"y" * 200)]  # fmt: skip
    cover = Cover("m@example.org", "https://minuteur.example/", largest=1000)
    made = letter(samples.report(), files, "en", cover, "monthly")
    assert [file.get_filename() for file in made.iter_attachments()] == ["r.csv"]
    body = made.get_body()
    assert body is not None
    assert (
        "https://minuteur.example/api/v1/reports/compliance"
        "?from=2026-04-01&to=2026-09-30&format=pdf&lang=en"
    ) in body.get_content().replace("=\n", "")


# --- the server -----------------------------------------------------------------------------------


def _let_in(_server: Any, _session: Any, _envelope: Any, _how: str, told: Any) -> AuthResult:  # noqa: ANN401
    good = isinstance(told, LoginPassword) and told.password == b"hush"
    return AuthResult(success=good, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    folder = tmp_path_factory.mktemp("tls")
    pem = folder / "cert.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=DNS:localhost -keyout {folder / 'key.pem'} -out {pem}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, folder / "key.pem")
    return pem, context


async def test_mail_goes_encrypted_and_with_the_password(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    pem, context = certificate
    options = {"tls_context": context, "require_starttls": True, "authenticator": _let_in,
               "auth_required": True}  # fmt: skip
    message = letter(samples.report(), [], "en", Cover("m@example.org"), "monthly")
    async with serving(Postbox(), **options) as box:
        server = SmtpServer("localhost", box.port, "starttls", "minuteur", "hush", str(pem))
        await asyncio.to_thread(server.send, message, ANNA)
        assert [to for to, _ in box.mails] == [ANNA]
        wrong = SmtpServer("localhost", box.port, "starttls", "minuteur", "wrong", str(pem))
        with pytest.raises(NotTakenError, match="password"):
            await asyncio.to_thread(wrong.send, message, ANNA)
        unknown = SmtpServer("localhost", box.port, "starttls", "minuteur", "hush")
        with pytest.raises(NotTakenError, match=r"(?i)certificate"):
            await asyncio.to_thread(unknown.send, message, ANNA)
        assert len(box.mails) == 1


async def test_who_falls_silent_leaves_it_uncertain(post: Postbox) -> None:
    post.hang_up = True
    message = letter(samples.report(), [], "en", Cover("m@example.org"), "monthly")
    with pytest.raises(UncertainError):
        await asyncio.to_thread(SmtpServer("127.0.0.1", post.port, "none").send, message, ANNA)


# --- settings -------------------------------------------------------------------------------------


def test_the_port_follows_from_the_encryption() -> None:
    ports = [
        Mail.model_validate({"host": "h", "from": ANNA, "tls": tls}).port_in_use
        for tls in ("starttls", "tls", "none")
    ]
    assert ports == [587, 465, 25]


@pytest.mark.parametrize("recipient", ["anna", "anna@x.org\r\nBcc: b@x.org", "a b@x.org", ""])
def test_what_is_no_address_is_refused(recipient: str) -> None:
    with pytest.raises(ValidationError):
        ReportSchedule(name="m", every="week", recipients=[recipient])


def test_reports_need_a_mail_server_and_names_of_their_own() -> None:
    report = {"name": "m", "every": "week", "recipients": [ANNA]}
    mail = {"host": "h", "from": ANNA}
    for told, said in (
        ({"report": [report]}, "needs"),
        ({"report": [report, report], "mail": mail}, "used twice"),
    ):
        with pytest.raises(ValidationError, match=said):
            Settings(**told)
    assert Settings(report=[report], mail=mail).mail is not None


def test_the_password_is_never_shown() -> None:
    mail = Mail.model_validate({"host": "h", "from": ANNA, "password": SecretStr("hush")})
    server = SmtpServer("h", 25, "none", "u", "hush")
    assert "hush" not in repr(mail) + repr(server)
