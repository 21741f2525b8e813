"""What a settings file may say, and what is said about one that is no good."""

import json
import re
from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

import config
from config.calendars import Calendar
from config.hours import OpeningHours
from config.loading import Loaded, SettingsError, load
from config.overflow import OverflowRule, OverflowSettings
from config.publishing import Mqtt, Webhook
from config.retention import Retention
from config.settings import (
    Api,
    Ari,
    Centre,
    Commitment,
    History,
    Pbx,
    Queue,
    Settings,
    Tls,
    VoiceServer,
)
from config.teams import FigureSettings, Team

Write = Callable[[str], Path]

HOOK = '[[webhook]]\nname = "crm"\nsecret = "hush, hush, hush, hush"\n'

DESIGN_EXAMPLE = """
[history]
database = "sqlite:///minuteur.db"
[api]
host = "127.0.0.1"
port = 8060
[[pbx]]
name = "lab"
host = "127.0.0.1"
port = 5038
username = "minuteur"
secret = "hush"
incoming_contexts = ["incoming"]
[pbx.ari]
url = "http://127.0.0.1:8088/ari"
username = "minuteur"
password = "hush too"
app = "minuteur"
[[voice_server]]
name = "welcome"
contexts = ["ivr"]
counts_when = "reached"
[[queue]]
name = "support"
label = "Support"
within = 60
at_risk_after = 45
[mqtt]
url = "mqtt://127.0.0.1:1883"
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "centre.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path)
    return caught.value.problems


def test_the_documented_example_is_good(write: Write) -> None:
    settings = load(write(DESIGN_EXAMPLE)).settings

    assert settings.pbx[0].secret.get_secret_value() == "hush"
    assert settings.pbx[0].ari is not None
    assert settings.queue[0].thresholds(settings.commitment) == (60, 45)
    assert "hush" not in repr(settings)


def test_every_problem_is_told_at_once_with_its_line(write: Write) -> None:
    path = write(
        """[api]
prot = 8060
port = 99999

[[pbx]]
name = "lab"
hots = "127.0.0.1"
username = "minuteur"
incoming_contexts = "incoming"
[pbx.ari]
url = "ftp://nowhere"
username = "minuteur"
password = "p"
""",
    )

    told = "\n".join(problems(path))

    assert f"{path}, line 2: [api]: unknown key 'prot'; did you mean 'port'?" in told
    assert "line 3: [api]: port: it should be less than or equal to 65535 (got 99999)" in told
    assert "line 5: [[pbx]] \"lab\": 'secret' is missing" in told
    assert "or set MINUTEUR_PBX_LAB_SECRET" in told
    assert "line 7: [[pbx]] \"lab\": unknown key 'hots'; did you mean 'host'?" in told
    assert 'line 9: [[pbx]] "lab": incoming_contexts: it should be a valid list' in told
    assert 'line 11: [pbx.ari] "lab": url:' in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "line 1: unknown key 'colour'; known here: history, api, pbx"),
        ("[histroy]", "line 1: unknown key 'histroy'; did you mean 'history'?"),
        ("[api\n", "is not TOML:"),
        ("[commitment]\nwithin = 30\nat_risk_after = 30", "less than within = 30"),
        ("[commitment]\nwithin = 0", "greater than 0"),
        (
            '[[opening_hours]]\ndays = []\nfrom = "08:00"\nto = "19:00"',
            'days: it must not be empty; write weekdays, also as a range: ["mon-fri", "sun"]',
        ),
        ("[commitment]\nwithin = nan", "within: it should be"),
        ("[commitment]\nshort_abandon = 60", "less than within = 60"),
        ('[commitment]\nstarts_on = "welcome_end"', "welcome_contexts"),
        ('[[queue]]\nname = "q"\nwithin = 45\nat_risk_after = 50', "line 4: "),
        ('[[queue]]\nname = "q"\n[[queue]]\nname = "q"', '[[queue]]: the name "q" is used twice'),
        ('[[queue]]\nname = "q"\npbx = "x"', 'there is no [[pbx]] named "x"'),
        ('[history]\ndatabase = "mysql://u:hush@h/d"', "this kind of database"),
        ('[history]\ndatabase = "postgresql+pg8000://u:hush@h/d"', "postgresql+psycopg://"),
        ('[mqtt]\nurl = "mqtt://u:hush@h"', 'write "mqtt://host:1883"'),
        ('[mqtt]\nurl = "mqtt://h:x"', "line 2: [mqtt]: url: its port is none"),
        ('[mqtt]\nurl = "mqtt://h"\nprefix = "$SYS/"', 'without "#" and "+"'),
        ('[mqtt]\nurl = "mqtt://h"\nca_file = "ca.pem"', "which is not encrypted"),
        ('[mqtt]\nurl = "mqtt://h"\nnumbers = "all"', 'write "masked" or "full"'),
        (f'{HOOK}url = "ftp://h"', 'line 4: [[webhook]] "crm": url: this is no http:// or'),
        (f'{HOOK}url = "http://h:x/hush"', "this is no address"),
        (f"{HOOK}", "or set MINUTEUR_WEBHOOK_CRM_URL"),
        (f'{HOOK}url = "http://h"\nevents = ["breach"]', "'breach' names none of arrived,"),
        ('[[webhook]]\nname = "crm"\nsecret = "hush"\nurl = "http://h"', "less than 16 characters"),
        (f'{HOOK}url = "http://h"\n{HOOK}url = "http://h"', 'the name "crm" is used twice'),
        ('[centre]\ntime_zone = "Europe/Pari"', "no such time zone (got 'Europe/Pari')"),
        ('[[opening_hours]]\ndays = ["mon-fry"]\nfrom = "9:00"\nto = "10:00"', "not a weekday"),
        ('[[opening_hours]]\ndays = ["mon"]\nfrom = 9\nto = "10:00"', "not a time of day"),
        ('[[opening_hours]]\ndays = ["mon"]\nfrom = "18:00"\nto = "09:00"', "from = 18:00"),
    ],
)
def test_a_bad_value_is_told_plainly(write: Write, text: str, told: str) -> None:
    lines = problems(write(text))

    assert any(told in line for line in lines), lines
    assert not any("hush" in line for line in lines)
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://pbx:8088", "url: it does not end in /ari"),
        ("http://pbx:8088/", "url: it does not end in /ari"),
        ("http://pbx:99999/ari", "url: its port is none"),
        ("http://me:hush@pbx:8088/ari", 'write "http://host:8088/ari", without user and password'),
        ("http://pbx:8088/ari?api_key=me:hush", "without user and password"),
        ("ws://pbx:8088/ari", "without user and password"),
    ],
)
def test_an_ari_url_that_cannot_work_is_told(write: Write, url: str, told: str) -> None:
    (line,) = problems(write(DESIGN_EXAMPLE.replace("http://127.0.0.1:8088/ari", url)))

    assert told in line
    assert "hush" not in line


def test_an_ari_url_may_end_in_a_slash_and_have_a_prefix(write: Write) -> None:
    url = "https://pbx.example/asterisk/ari"
    text = DESIGN_EXAMPLE.replace("http://127.0.0.1:8088/ari", f"{url}/")
    ari = load(write(text)).settings.pbx[0].ari

    assert ari is not None
    assert ari.url == url


def test_the_monitor_does_not_take_the_application_of_a_voice_server(write: Write) -> None:
    text = DESIGN_EXAMPLE.replace('contexts = ["ivr"]', 'stasis_apps = ["min*"]')

    (told,) = problems(write(text))

    assert 'app = "minuteur" is the application of the [[voice_server]] "welcome"' in told


STASIS_KEYS = """
[[voice_server]]
name = "keys"
stasis_apps = ["keys"]
counts_when = "first_input"
"""


def test_keys_in_a_stasis_application_need_ari_or_a_read_class(write: Write) -> None:
    ari = DESIGN_EXAMPLE.index("[pbx.ari]")
    without = DESIGN_EXAMPLE[:ari] + DESIGN_EXAMPLE[DESIGN_EXAMPLE.index("[[voice_server]]") :]

    (told,) = load(write(without + STASIS_KEYS)).warnings
    assert '"keys" counts on keys pressed in a Stasis application' in told
    assert load(write(DESIGN_EXAMPLE + STASIS_KEYS)).warnings == ()


def test_names_that_share_a_variable_are_refused(write: Write) -> None:
    pbx = '[[pbx]]\nname = "{}"\nusername = "u"\nsecret = "s"\nincoming_contexts = ["in"]\n'

    (told,) = problems(write(pbx.format("lab-1") + pbx.format("lab_1")))

    assert 'the name "lab_1" is used twice (like "lab-1")' in told


def test_a_secret_with_a_line_break_is_refused(write: Write) -> None:
    (told,) = problems(write(DESIGN_EXAMPLE.replace('"hush"', '"hu\\nsh"')))

    assert "secret: it holds a line break" in told


@pytest.mark.parametrize("kind", ["missing", "directory", "binary"])
def test_an_unreadable_file_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.toml"
    if kind == "directory":
        path.mkdir()
    elif kind == "binary":
        path.write_bytes(b"\xff\xfe")

    assert problems(path)[0].startswith(f"{path}: ")


def test_opening_hours_take_ranges_and_the_end_of_the_day(write: Write) -> None:
    settings = load(
        write('[[opening_hours]]\ndays = ["sat-mon", "Wednesday"]\nfrom = 08:30:00\nto = "24:00"')
    ).settings

    (hours,) = settings.opening_hours
    assert hours.days == [0, 2, 5, 6]
    assert (hours.from_, hours.to) == (time(8, 30), time.max)


def test_at_risk_is_three_quarters_where_nobody_said_it() -> None:
    settings = Settings.model_validate(
        {
            "commitment": {"within": 20},
            "queue": [
                {"name": "a"},
                {"name": "b", "within": 40},
                {"name": "c", "at_risk_after": 5},
            ],
        }
    )

    assert [queue.thresholds(settings.commitment) for queue in settings.queue] == [
        (20, 15),
        (40, 30),
        (20, 5),
    ]


def test_a_queue_cannot_be_at_risk_after_the_commitments_threshold() -> None:
    with pytest.raises(ValueError, match="at_risk_after = 70 must be less than within = 60"):
        Settings.model_validate({"queue": [{"name": "a", "at_risk_after": 70}]})


# --- where settings come from -------------------------------------------------------------------


def from_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Loaded:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load()


PBX = json.dumps([{"name": "lab-1", "username": "minuteur", "incoming_contexts": ["incoming"]}])


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = from_environment(
        monkeypatch,
        MINUTEUR_PBX=PBX,
        MINUTEUR_PBX_LAB_1_SECRET="hush",
        MINUTEUR_API__PORT="9000",
        MINUTEUR_HISTORY__DATABASE="postgresql+psycopg://u:p@h/d",
    )

    assert loaded.settings.api.port == 9000
    assert loaded.settings.pbx[0].secret.get_secret_value() == "hush"
    assert loaded.settings.history.database.get_secret_value().endswith("@h/d")


def test_minuteur_toml_here_wins_over_the_environment_but_for_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "minuteur.toml").write_text(f'{DESIGN_EXAMPLE}[[webhook]]\nname = "crm"\n')

    loaded = from_environment(
        monkeypatch,
        MINUTEUR_API__PORT="9000",
        MINUTEUR_PBX_LAB_SECRET="newer",
        MINUTEUR_PBX_LAB_ARI_PASSWORD="newer too",
        MINUTEUR_MQTT_PASSWORD="third",
        MINUTEUR_WEBHOOK_CRM_SECRET="a fourth that is long enough",
        MINUTEUR_WEBHOOK_CRM_URL="https://crm.example/hooks/key",
    )

    settings = loaded.settings
    assert settings.api.port == 8060
    assert settings.pbx[0].secret.get_secret_value() == "newer"
    assert settings.pbx[0].ari is not None
    assert settings.pbx[0].ari.password.get_secret_value() == "newer too"
    assert settings.mqtt is not None
    assert settings.mqtt.password.get_secret_value() == "third"
    assert settings.webhook[0].secret.get_secret_value() == "a fourth that is long enough"
    assert settings.webhook[0].url.get_secret_value() == "https://crm.example/hooks/key"
    assert loaded.warnings == (
        "The settings come from minuteur.toml; MINUTEUR_API__PORT is not used.",
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("MINUTEUR_AIP__PORT", "1", "MINUTEUR_AIP__PORT is not a known variable"),
        ("MINUTEUR_API__PROT", "1", "did you mean 'port'?"),
        ("MINUTEUR_PBX", "[", "MINUTEUR_PBX is not JSON"),
        ("MINUTEUR_PBX", PBX, "or set MINUTEUR_PBX_LAB_1_SECRET"),
    ],
)
def test_a_bad_variable_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)

    assert any(told in line for line in problems())


def test_no_settings_at_all_is_told() -> None:
    (told,) = problems()

    assert "--config" in told


def test_no_pbx_is_odd_but_allowed(write: Write) -> None:
    loaded = load(write("[api]\nport = 1\n"))

    assert loaded.warnings == ("No [[pbx]] is configured: there is nothing to watch.",)


@pytest.mark.parametrize(("written", "meant"), [("a", "a/"), ("a/b/", "a/b/"), ("", "")])
def test_a_prefix_ends_a_level_of_the_topic(write: Write, written: str, meant: str) -> None:
    settings = load(write(f'[mqtt]\nurl = "mqtts://[::1]:8883"\nprefix = "{written}"')).settings

    assert settings.mqtt is not None
    assert settings.mqtt.prefix == meant


# --- the sample ---------------------------------------------------------------------------------

SAMPLE = Path(config.__file__).parent / "minuteur.toml"


def test_the_sample_is_good_and_shows_the_defaults() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    plain = load(SAMPLE).settings

    assert plain.commitment == Commitment()
    assert plain.api == Api()
    shown = set(re.findall(r"^(?:# )?([a-z_]+) = ", text, re.MULTILINE))
    models = (History, Api, Tls, Ari, Pbx, VoiceServer, Commitment, Queue, Centre, Mqtt)
    more = (Team, FigureSettings, Retention, OpeningHours, Calendar, OverflowSettings)
    for model in (*models, *more, OverflowRule, Webhook):
        keys = {field.alias or name for name, field in model.model_fields.items()}
        assert keys - {"tls", "ari", "stasis_apps"} <= shown, model


def test_the_sample_is_good_with_everything_taken_in(write: Write) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    every = re.sub(r"^# (\[|[a-z_]+ = )", r"\1", text, flags=re.MULTILINE)

    settings = load(write(every)).settings

    assert settings.mqtt is not None
    assert settings.pbx[0].tls is not None
    assert settings.opening_hours[0].days == [0, 1, 2, 3, 4]
    assert settings.calendar[0].subdivision == "57"
    assert [hook.name for hook in settings.webhook] == ["crm"]
    assert [rule.id for rule in settings.overflow_rule] == ["support-to-backup"]
