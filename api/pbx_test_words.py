"""The connection test in words, for the command line; the page has its own, in its languages."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from telephony_adapters.asterisk.ami_checks import WHAT
from telephony_adapters.asterisk.pbx_test_reading import Check

MARKS: Final = {"ok": "ok", "warning": "!!", "failed": "XX", "skipped": "--"}

Params = Mapping[str, Any]

_CONNECT: Final = {
    "timeout": "nothing answers there; check the address and the firewall",
    "unreachable": "cannot be reached ({said}); check the address, that Asterisk runs, and "
    "enabled, port and bindaddr in manager.conf",
    "name": "the host's name is not known ({said})",
    "untrusted": "its certificate is not trusted ({said}); set ca_file and server_name",
    "tls": "no TLS ({said}); check tlsbindaddr and tlsenable in manager.conf",
    "ca_file": "the ca_file cannot be used",
}
_LOGIN: Final = {
    "refused": "the account is refused; Asterisk does not say why: check username, secret, and "
    "permit/deny (and acl) of the account in manager.conf",
    "in_use": "the account is logged in already: set allowmultiplelogin = yes, as the monitor "
    "needs two connections",
    "closed": "the connection was closed; check authlimit, and permit/deny in manager.conf",
    "no_answer": "nothing answers like an Asterisk manager; check port and tls",
}
_HOW: Final = {
    "told": "the account's read line does not have it",
    "missing": "things happened of which it should have told",
    "link": "the running link has missed it",
    "quiet": "nothing happened meanwhile of which it tells; test while calls go through",
}
_ARI: Final = {
    "timeout": "ARI does not answer; check url in [pbx.ari]",
    "unreachable": "ARI cannot be reached ({said}); check url, and enabled, bindaddr and bindport "
    "in http.conf",
    "no_ari": "there is no ARI; check url, enabled in ari.conf, and that the modules res_ari_* are "
    "loaded",
}


def line(check: Check) -> str:
    """One check in one line."""
    return f"[{MARKS[check.status]}] {sentence(check)}"


def sentence(check: Check) -> str:
    """One check in words."""
    code, params = check.code, check.params
    for begin, words in _FAMILIES.items():
        if code.startswith(begin):
            return words(code.removeprefix(begin), check.status, params)
    single = _SINGLE.get(code)
    return code if single is None else single(code, check.status, params)


def _told(texts: Mapping[str, str], params: Params) -> str:
    text = texts.get(str(params.get("reason", "")), str(params.get("reason", "")))
    return text.format(said=params.get("said", ""))


def _connect(_: str, status: str, params: Params) -> str:
    return "connected" if status == "ok" else f"not connected: {_told(_CONNECT, params)}"


def _connection(_: str, status: str, params: Params) -> str:
    del status, params
    return "the connection ended during the test"


def _time(_: str, status: str, params: Params) -> str:
    del status
    return f"the PBX was too slow: the test was not done within {params['seconds']:g} s"


def _banner(_: str, status: str, params: Params) -> str:
    if status == "ok":
        return f"an Asterisk manager (AMI {params['said']})"
    return "what listens there is no Asterisk manager; check the port"


def _login(_: str, status: str, params: Params) -> str:
    return "logged in" if status == "ok" else f"not logged in: {_told(_LOGIN, params)}"


def _version(_: str, status: str, params: Params) -> str:
    version = params.get("version", "")
    return {
        "ok": f"Asterisk {version}",
        "failed": f"Asterisk {version} is too old: 16.25 is needed",
        "warning": f"Asterisk {version} is newer than what this version was tried with",
        "skipped": "the account may not ask for the version (write class reporting)",
    }[status]


def _clock(_: str, status: str, params: Params) -> str:
    if status == "skipped":
        return "the PBX does not tell its time"
    text = f"the PBX's clock is {abs(params['offset_s']):.3f} s off"
    return text if status == "ok" else f"{text}; have both machines keep time (NTP)"


def _queues(_: str, status: str, params: Params) -> str:
    if status == "failed":
        return "the PBX does not tell its queues; check that app_queue is loaded"
    text = f"queues: {', '.join(params['queues']) or 'none'}"
    missing = ", ".join(params["missing"])
    return f"{text}; declared and not there: {missing}" if missing else text


def _context(code: str, status: str, params: Params) -> str:
    what = "callers" if code == "context" else "a voice server"
    text = f"context {params['context']} of {what}"
    return {
        "ok": text,
        "failed": f"{text}: not in the dialplan; write the one where their calls begin",
        "warning": f"{text}: not in the dialplan",
        "skipped": f"{text}: a pattern, not looked up"
        if params.get("reason") == "pattern"
        else f"{text}: could not be looked up (write class reporting; func_dialplan)",
    }[status]


def _read(name: str, status: str, params: Params) -> str:
    text = f"read class {name} ({WHAT[name]})"
    return text if status == "ok" else f"{text}: {_HOW[params['how']]}"


def _write(name: str, status: str, params: Params) -> str:
    text = f"write class {name}"
    if status == "ok":
        return text
    rules = f"; needed by the rules {', '.join(params['rules'])}" if params["rules"] else ""
    return f"{text}: not in the account's write line (for {', '.join(params['actions'])}{rules})"


def _feature(name: str, status: str, params: Params) -> str:
    if name == "eventfilter":
        return {
            "ok": "events can be chosen by name",
            "skipped": "whether events can be chosen by name: the account may not (write class "
            "system)",
        }.get(status, "events cannot be chosen by name before Asterisk 22.1: all come")
    text = {"withdraw": "callers can be withdrawn", "prioritise": "callers can be moved ahead"}[
        name
    ]
    if status == "ok":
        return text
    return f"{text}: the PBX has no {params['action']} (there since {params['since']})"


def _event_filter(_: str, status: str, params: Params) -> str:
    if status == "failed":
        return (
            f"events are left out: {', '.join(params['events'])}; see eventfilter and "
            "disabledevents in manager.conf"
        )
    return (
        "no needed event is left out"
        if status == "ok"
        else ("whether events are left out: no call came meanwhile")
    )


def _timestamps(_: str, status: str, params: Params) -> str:
    del params
    return {
        "ok": "events tell their time",
        "failed": "events do not tell their time: set timestampevents = yes in manager.conf",
    }.get(status, "whether events tell their time: none came meanwhile")


def _ari(name: str, status: str, params: Params) -> str:
    if status == "ok":
        return {"connect": "ARI answers", "login": "ARI lets us in"}.get(
            name, "ARI: the application's name is free"
        )
    if name == "connect":
        return _told(_ARI, params)
    if name == "login":
        return "ARI refuses the account; check username and password, and ari.conf"
    return f"ARI: the application {params['app']} is another program's; choose another name"


Words = Callable[[str, str, Params], str]

_FAMILIES: Final[Mapping[str, Words]] = {
    "read_": _read, "write_": _write, "feature_": _feature, "ari_": _ari,
}  # fmt: skip
_SINGLE: Final[Mapping[str, Words]] = {
    "connect": _connect, "connection": _connection, "time": _time, "banner": _banner,
    "login": _login, "version": _version, "clock": _clock, "queues": _queues,
    "context": _context, "voice_context": _context, "event_filter": _event_filter,
    "timestamps": _timestamps,
}  # fmt: skip
