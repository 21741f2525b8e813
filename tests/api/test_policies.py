"""From the settings file to the policy that judges."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from api.policies import policy_of
from config.settings import Settings
from monitor.core.policy import ClockStart, CountsWhen, Policy, Rules


def test_everything_declared_reaches_the_policy() -> None:
    policy = policy_of(
        Settings.model_validate(
            {
                "commitment": {
                    "within": 30,
                    "at_risk_after": 20.5,
                    "short_abandon": 3,
                    "starts_on": "welcome_end",
                    "welcome_contexts": ["welcome"],
                },
                "pbx": [
                    {
                        "name": "lab",
                        "username": "u",
                        "secret": "s",
                        "incoming_contexts": ["incoming", "from-*"],
                    }
                ],
                "queue": [{"name": "support", "label": "Support", "within": 12.5, "pbx": "lab"}],
                "voice_server": [
                    {"name": "ivr", "contexts": ["ivr-*"], "counts_when": "first_input"}
                ],
                "centre": {"time_zone": "Europe/Paris", "test_numbers": ["019900*"]},
                "opening_hours": [{"days": ["mon-tue"], "from": "09:00", "to": "24:00"}],
            }
        ),
        version=7,
    )

    assert policy.version == 7
    assert policy.commitment.within == 30_000
    assert policy.commitment.at_risk_after == 20_500
    assert policy.commitment.short_abandon == 3_000
    assert policy.commitment.starts_on is ClockStart.WELCOME_END
    assert policy.welcome_contexts == ("welcome",)
    assert policy.zone == ZoneInfo("Europe/Paris")
    rules = Rules(policy)
    assert rules.is_incoming("lab", "from-trunk")
    assert (rules.queue("lab", "support").within, rules.queue("lab", "support").label) == (
        12_500,
        "Support",
    )
    assert rules.queue("lab", "other").within == 30_000
    server = rules.voice_server_of_context("ivr-1")
    assert server is not None
    assert server.counts_when is CountsWhen.FIRST_INPUT
    assert policy.opening_hours.spans == ((0, time(9), time.max), (1, time(9), time.max))
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert rules.exclusion("0199001234", round(noon.timestamp() * 1000), "lab") == "test_number"


def test_no_settings_are_the_default_policy() -> None:
    policy = policy_of(Settings())

    assert policy.commitment == Policy().commitment
    assert policy.opening_hours == Policy().opening_hours


def test_calendars_and_targets_reach_the_policy() -> None:
    settings = Settings.model_validate(
        {
            "commitment": {"target": 0.95, "service_level": "answered_only"},
            "centre": {"time_zone": "Europe/Paris", "calendar": "office"},
            "queue": [
                {"name": "support", "target": 0.8, "calendar": "night"},
                {"name": "sales", "service_level": "abandoned_count_against"},
            ],
            "calendar": [
                {
                    "name": "office",
                    "hours": [{"days": ["mon-fri"], "from": "09:00", "to": "18:00"}],
                    "holidays": "FR",
                },
                {"name": "night"},
            ],
        }
    )

    rules = Rules(policy_of(settings, year=2026))

    support, sales, other = (rules.queue("lab", name) for name in ("support", "sales", "other"))
    assert (support.target, support.service_level) == (0.8, "answered_only")
    assert (sales.target, sales.service_level) == (0.95, "abandoned_count_against")
    assert (other.target, other.service_level) == (0.95, "answered_only")
    may_day = round(datetime(2026, 5, 1, 10, tzinfo=UTC).timestamp() * 1000)
    assert rules.exclusion("", may_day, "lab", "sales") == "outside_opening_hours"
    assert rules.exclusion("", may_day, "lab") == "outside_opening_hours"
    assert rules.exclusion("", may_day, "lab", "support") is None


def test_the_present_year_says_which_public_holidays_a_policy_holds() -> None:
    settings = Settings.model_validate({"calendar": [{"name": "office", "holidays": "FR"}]})

    this, next_ = (policy_of(settings, year=year).calendars[0] for year in (2026, 2027))

    assert {day.year for day in this.holidays} == set(range(2025, 2030))
    assert {day.year for day in next_.holidays} == set(range(2026, 2031))
    assert policy_of(settings, year=2026) == policy_of(settings, year=2026)
