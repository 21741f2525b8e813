"""Where personal data stand: every text of the schema, told personal or not.

``docs/personal-data.md`` and the page of personal data say what stands here; a test compares it
with the schema, so a new column has to be told, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monitor.privacy.retention import Kind


class Fixed(StrEnum):
    """Kinds of data that have no period of their own."""

    ACCOUNTS = "accounts"
    SESSIONS = "sessions"
    SETTINGS = "settings"
    EVIDENCE = "evidence"
    LIVE = "live"
    MQTT = "mqtt"
    LOGS = "logs"
    FILES = "files"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Description:
    """What a kind of data is, what it is kept for, and what takes it away."""

    what: str
    why: str
    ends: str


Described = Kind | Fixed

DESCRIPTIONS: Final[Mapping[Described, Description]] = {
    Kind.NUMBERS: Description(
        "Callers' numbers and names, names of channels, texts of timelines such as where to a "
        "call was transferred, numbers in decisions and commands, and lost callers.",
        "To call back, to find a caller's calls, to answer a complaint.",
        "Emptied, or the row deleted, once the day is sealed. The pseudonym stays.",
    ),
    Kind.DIGITS: Description(
        "What callers entered: in a voice server, and anywhere else on the line.",
        "To see where callers go wrong in a voice server.",
        "Each digit becomes a dot, so that only their count is left.",
    ),
    Kind.PERSONS: Description(
        "Numbers, names, addresses, subjects and notes of contacts, and what their source calls "
        "them.",
        "To answer the contact.",
        "The row is deleted, once the contact is not open any more. The pseudonym stays.",
    ),
    Kind.AGENTS: Description(
        "Who answered: agents' names and telephones in calls, visits, timelines and commands, who "
        "answered contacts, and agents' time, where figures of each agent are kept.",
        "To clear up single calls with whoever took them.",
        "Pseudonyms stand in their place.",
    ),
    Kind.TIMELINES: Description(
        "What happened in a call, moment by moment.",
        "To show how a verdict came about.",
        "Deleted by whole days; the chain of seals tells of it.",
    ),
    Kind.CALLS: Description(
        "Calls, their stays in queues and in voice servers: by pseudonym, once numbers and names "
        "are gone.",
        "Evidence of the commitment, call by call.",
        "Deleted by whole days; the chain of seals tells of it, and the figures stay.",
    ),
    Kind.DECISIONS: Description(
        "Decisions and commands of overflow, and who forced them.",
        "To show what was done for whom, and why.",
        "Deleted; of commands whole days, and the chain of seals tells of it.",
    ),
    Kind.CONTACTS: Description(
        "Contacts, by pseudonym once their persons are gone, and who answered and changed them.",
        "Evidence of answers within the announced time.",
        "Deleted, once the contact is not open any more; its figures go with it.",
    ),
    Kind.AUDIT: Description(
        "Who changed, exported and erased what, and who signed in, from which address.",
        "Evidence of how the record and the settings came about.",
        "Deleted.",
    ),
    Kind.ALERTS: Description(
        "Acknowledged alerts, and by whom. No number.",
        "To show who saw what, and when.",
        "Deleted, once they are over.",
    ),
    Kind.MESSAGES: Description(
        "Messages for other programs that wait, or that were given up: with numbers, as masked "
        "only when they are sent.",
        "To deliver them.",
        "Deleted when all have taken them; what nobody takes, after its days (in the outbox after "
        "seven at most).",
    ),
    Kind.REPORT_MAILS: Description(
        "To whom which report was sent by mail.",
        "So that none is sent twice, and to show that it was sent.",
        "Deleted.",
    ),
    Fixed.ACCOUNTS: Description(
        "Users: name, role, digest of the password, last sign-in. Tokens and wallboards.",
        "To sign in.",
        "An admin deletes the user or the token.",
    ),
    Fixed.SESSIONS: Description(
        "Who is signed in: address and program of the browser.",
        "To stay signed in, and to see where one is.",
        "Signing out, or its end ([api] session_hours); what is over is deleted.",
    ),
    Fixed.SETTINGS: Description(
        "Who set what; test and internal numbers, names of agents in teams and rules, numbers to "
        "which rules send callers.",
        "Calls are judged by them, so every version is kept.",
        "Nothing: for as long as the installation exists. Patterns in place of whole numbers keep "
        "people out of them.",
    ),
    Fixed.EVIDENCE: Description(
        "Pseudonyms of callers and agents, in calls, contacts and sealed documents.",
        "To tell repeat calls, and to prove that nothing was changed.",
        "With the calls and contacts. Without the key of the pseudonyms nobody can be found by "
        "them.",
    ),
    Fixed.LIVE: Description(
        "Live calls, in memory: all of the above. Who is logged in: also stored.",
        "To watch the commitment.",
        "Two minutes after a call's end; of an alert, when it is taken off the board; of an agent, "
        "logging out.",
    ),
    Fixed.MQTT: Description(
        "Messages at the broker: numbers only where [mqtt] says so. What is retained, the states "
        "of queues, holds no person.",
        "For other programs.",
        "The broker, and whoever takes them.",
    ),
    Fixed.LOGS: Description(
        "What the process says on its standard error: long numbers are masked.",
        "To find faults.",
        "Whoever keeps it, such as the journal.",
    ),
    Fixed.FILES: Description(
        "Files that somebody had written: exports of calls (with numbers, for whoever sees them), "
        "reports and packs (no number), recordings of a PBX (with pseudonyms, unless told not to), "
        "backups.",
        "As whoever made them needs.",
        "Whoever made them: Minuteur does not know where they are.",
    ),
    Fixed.KEYS: Description(
        "The key of the pseudonyms and that of the secrets, beside the database. No person.",
        "To make the same pseudonym of the same number.",
        "Deleting the key of the pseudonyms makes them meet no number any more.",
    ),
}  # fmt: skip
"""In English; the page has words of its own for each kind."""

WHERE: Final[Mapping[str, Described]] = {
    "call.caller": Kind.NUMBERS,
    "call.caller_name": Kind.NUMBERS,
    "call.channel": Kind.NUMBERS,
    "call.caller_key": Fixed.EVIDENCE,
    "call.agent": Kind.AGENTS,
    "call.id": Kind.CALLS,
    "call.uniqueid": Kind.CALLS,
    "call.linkedid": Kind.CALLS,
    "call.exten": Kind.CALLS,
    "visit.call_id": Kind.CALLS,
    "visit.agent": Kind.AGENTS,
    "visit.interface": Kind.AGENTS,
    "voice_server_stay.call_id": Kind.CALLS,
    "voice_server_stay.inputs": Kind.DIGITS,
    "fact.call_id": Kind.TIMELINES,
    "fact.detail": Kind.TIMELINES,
    "lost_caller.caller": Kind.NUMBERS,
    "lost_caller.note": Kind.NUMBERS,
    "lost_caller.updated_by": Kind.NUMBERS,
    "overflow_decision.caller": Kind.NUMBERS,
    "overflow_decision.call_id": Kind.DECISIONS,
    "overflow_decision.by": Kind.DECISIONS,
    "overflow_decision.reasons": Kind.DECISIONS,
    "overflow_decision.destination": Kind.DECISIONS,
    "overflow_command.call_id": Kind.DECISIONS,
    "overflow_command.body": Kind.NUMBERS,
    "overflow_command.answer": Kind.NUMBERS,
    "contact_person.contact_id": Kind.PERSONS,
    "contact_person.number": Kind.PERSONS,
    "contact_person.name": Kind.PERSONS,
    "contact_person.email": Kind.PERSONS,
    "contact_person.subject": Kind.PERSONS,
    "contact_person.note": Kind.PERSONS,
    "contact.reference": Kind.PERSONS,
    "contact.answered_by": Kind.AGENTS,
    "contact.call_id": Kind.CONTACTS,
    "contact.contact_key": Fixed.EVIDENCE,
    "contact_change.by": Kind.CONTACTS,
    "contact_change.before": Kind.CONTACTS,
    "contact_change.after": Kind.CONTACTS,
    "agent_time.agent": Kind.AGENTS,
    "agent_pause.agent": Kind.AGENTS,
    "agent_name.agent": Kind.AGENTS,
    "agent_name.name": Kind.AGENTS,
    "agent_present.agent": Fixed.LIVE,
    "agent_present.name": Fixed.LIVE,
    "audit_entry.by": Kind.AUDIT,
    "audit_entry.subject": Kind.AUDIT,
    "audit_entry.before": Kind.AUDIT,
    "audit_entry.after": Kind.AUDIT,
    "alert.acknowledged_by": Kind.ALERTS,
    "alert.call_id": Kind.ALERTS,
    "alert.id": Kind.ALERTS,
    "alert.params": Kind.ALERTS,
    "outbox.payload": Kind.MESSAGES,
    "outbox.call_id": Kind.MESSAGES,
    "dead_letter.payload": Kind.MESSAGES,
    "dead_letter.call_id": Kind.MESSAGES,
    "dead_letter.error": Kind.MESSAGES,
    "report_mail.recipient": Kind.REPORT_MAILS,
    "report_mail.detail": Kind.REPORT_MAILS,
    "user.name": Fixed.ACCOUNTS,
    "user.password_hash": Fixed.ACCOUNTS,
    "user.created_by": Fixed.ACCOUNTS,
    "user.issuer": Fixed.ACCOUNTS,
    "user.subject": Fixed.ACCOUNTS,
    "api_token.name": Fixed.ACCOUNTS,
    "api_token.label": Fixed.ACCOUNTS,
    "api_token.token_hash": Fixed.ACCOUNTS,
    "api_token.created_by": Fixed.ACCOUNTS,
    "web_session.token_hash": Fixed.SESSIONS,
    "web_session.user_name": Fixed.SESSIONS,
    "web_session.device_name": Fixed.SESSIONS,
    "web_session.address": Fixed.SESSIONS,
    "web_session.agent": Fixed.SESSIONS,
    "policy_version.created_by": Fixed.SETTINGS,
    "policy_version.policy": Fixed.SETTINGS,
    "setting.body": Fixed.SETTINGS,
    "setting.created_by": Fixed.SETTINGS,
    "setting.updated_by": Fixed.SETTINGS,
    "setting_version.body": Fixed.SETTINGS,
    "setting_version.by": Fixed.SETTINGS,
    "overflow_rule.body": Fixed.SETTINGS,
    "overflow_rule.created_by": Fixed.SETTINGS,
    "overflow_rule.updated_by": Fixed.SETTINGS,
    "overflow_rule.forced_by": Fixed.SETTINGS,
    "overflow_rule_version.body": Fixed.SETTINGS,
    "overflow_rule_version.by": Fixed.SETTINGS,
    "overflow_switch.by": Fixed.SETTINGS,
    "overflow_switch.note": Fixed.SETTINGS,
    "standing_action.undo": Fixed.SETTINGS,
    "evidence_before.call_id": Fixed.EVIDENCE,
    "evidence_before.document": Fixed.EVIDENCE,
    "evidence_before.facts": Fixed.EVIDENCE,
    "evidence_amendment.call_id": Fixed.EVIDENCE,
    "evidence_amendment.line": Fixed.EVIDENCE,
}
"""Columns that say something of a person, or lead to one."""

_RULE_OF = frozenset({"rule_id", "decision_id", "pbx", "queue"})
NOBODY: Final[Mapping[str, frozenset[str]]] = {
    "call": frozenset({"pbx", "context", "handled_by", "verdict", "reason", "observed"}),
    "visit": frozenset({"pbx", "verdict", "queue", "exit"}),
    "voice_server_stay": frozenset({"name"}),
    "fact": frozenset({"kind"}),
    "blind_interval": frozenset({"pbx", "cause"}),
    "observed": frozenset({"pbx"}),
    "policy_version": frozenset({"sha256"}),
    "user": frozenset({"role", "queues"}),
    "api_token": frozenset({"role", "kind", "queues"}),
    "lost_caller": frozenset({"status", "pbx", "queue"}),
    "overflow_rule": frozenset({"id"}),
    "overflow_rule_version": frozenset({"id"}),
    "overflow_decision": frozenset({"id", "asked_by", "verb"}) | (_RULE_OF - {"decision_id"}),
    "overflow_command": frozenset({"id", "kind", "outcome"}) | _RULE_OF,
    "standing_action": _RULE_OF,
    "audit_entry": frozenset({"via", "what"}),
    "outbox": frozenset({"id", "topic"}),
    "outbox_cursor": frozenset({"sink"}),
    "dead_letter": frozenset({"sink", "message_id", "topic"}),
    "contact": frozenset(
        {"id", "source", "channel", "pbx", "queue", "team", "promise", "calendar", "excluded",
         "verdict", "reason", "statement"}
    ),
    "contact_change": frozenset({"contact_id", "via", "what"}),
    "alert": frozenset({"kind", "pbx", "queue"}),
    "report_mail": frozenset({"schedule", "state"}),
    "setting": frozenset({"kind", "id"}),
    "setting_version": frozenset({"kind", "id"}),
    "secret": frozenset({"kind", "id", "field", "encrypted"}),
    "seal": frozenset({"day", "head", "line"}),
    "seal_part": frozenset({"day", "part", "digests"}),
    "seal_removal": frozenset({"day", "part"}),
    "evidence_mark": frozenset({"name"}),
    "evidence_before": frozenset({"day"}),
    **{
        f"{name}{span}": columns
        for span in ("", "_day")
        for name, columns in (
            ("rollup_call", frozenset({"pbx", "queue"})),
            ("rollup_visit", frozenset({"pbx", "queue"})),
            ("rollup_voice", frozenset({"pbx", "name"})),
            ("rollup_waits", frozenset({"pbx", "queue", "kind", "seconds", "longer"})),
        )
    },
    "rollup_writer": frozenset({"writer"}),
    "agent_time": frozenset({"pbx", "team", "queue"}),
    "agent_pause": frozenset({"pbx", "team", "reason"}),
    "agent_name": frozenset({"pbx"}),
    "agent_present": frozenset({"pbx"}),
    "agent_time_mark": frozenset({"pbx"}),
}  # fmt: skip
"""Texts that say nothing of anybody, by table."""


def where(kind: Described) -> list[str]:
    """The columns of a kind, ``table.column``."""
    return [place for place, found in WHERE.items() if found is kind]
