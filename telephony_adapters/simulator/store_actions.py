"""AMI actions of variables, custom device states and Asterisk's own database."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from .centre import Centre
from .requests import Request
from .session import Session, channel_of, id_line

_FUNCTION: Final = re.compile(r"(\w+)\((.*)\)")
_CUSTOM: Final = "Custom:"
_STATES: Final = frozenset(
    {
        *("UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE"),
        *("RINGING", "RINGINUSE", "ONHOLD"),
    }
)
"""What ``DEVICE_STATE()`` takes."""


# --- variables ----------------------------------------------------------------------------------


def set_variable(session: Session, request: Request) -> None:
    """Set a variable of a channel, a global one, or the state of a custom device."""
    name, value, centre = request.get("variable"), request.get("value"), session.centre
    if not name:
        session.error(request, "No variable specified")
        return
    channel = channel_of(session, request)
    if request.get("channel") and channel is None:
        session.error(request, "No such channel")
        return
    function = _FUNCTION.fullmatch(name)
    if function is None and channel is not None:
        session.success(request, "Variable Set")
        centre.frames.variable(channel, name, value)
    elif function is None or function[1] == "GLOBAL":
        session.success(request, "Variable Set")
        _set_global(centre, name if function is None else function[2], value)
    elif function[1] == "DEVICE_STATE" and _is_device(function[2]) and value.upper() in _STATES:
        session.success(request, "Variable Set")
        _set_device(centre, function[2], value.upper())
    else:
        session.error(request, "Variable not set")


def _set_global(centre: Centre, name: str, value: str) -> None:
    centre.variables[name] = value
    body = f"Channel: none\r\nUniqueid: none\r\nVariable: {name}\r\nValue: {value}\r\n"
    centre.frames.event("VarSet", "dialplan", body)


def _is_device(name: str) -> bool:
    return name.startswith(_CUSTOM) and name != _CUSTOM


def _set_device(centre: Centre, name: str, state: str) -> None:
    """A custom device tells only of a change."""
    if centre.devices.get(name) != state:
        centre.devices[name] = state
        centre.frames.event("DeviceStateChange", "call", f"Device: {name}\r\nState: {state}\r\n")


def get_variable(session: Session, request: Request) -> None:
    """Read a variable of a channel, a global one, or the state of a custom device."""
    name, centre = request.get("variable"), session.centre
    if not name:
        session.error(request, "No variable specified")
        return
    channel = channel_of(session, request)
    if request.get("channel") and channel is None:
        session.error(request, "No such channel")
        return
    function = _FUNCTION.fullmatch(name)
    if function is not None:
        value = _FUNCTIONS.get(function[1], _no_function)(centre, function[2])
    else:
        value = (centre.variables if channel is None else channel.variables).get(name, "")
    session.success(request, more=f"Variable: {name}\r\nValue: {value}\r\n")


def _device(centre: Centre, name: str) -> str:
    return centre.devices.get(name, "UNKNOWN")


def _global(centre: Centre, name: str) -> str:
    return centre.variables.get(name, "")


def _exists(centre: Centre, place: str) -> str:
    """``DIALPLAN_EXISTS(context,extension,priority)``; the extension's own, no pattern."""
    context, exten, priority = [*place.split(","), "", ""][:3]
    if not priority.isdigit() and priority:
        return "0"
    return "1" if centre.dialplan.has(context, exten, int(priority or 1)) else "0"


def _no_function(centre: Centre, arguments: str) -> str:
    del centre, arguments
    return ""


_FUNCTIONS: Final[Mapping[str, Callable[[Centre, str], str]]] = {
    "DEVICE_STATE": _device,
    "DIALPLAN_EXISTS": _exists,
    "GLOBAL": _global,
}


# --- the database -------------------------------------------------------------------------------


def database_put(session: Session, request: Request) -> None:
    """Put a value under a family and a key."""
    place = _place(session, request, "")
    if place is not None:
        session.centre.database[place] = request.get("val")
        session.success(request, "Updated database successfully")


def database_get(session: Session, request: Request) -> None:
    """Read a value, as a list of one."""
    place = _place(session, request)
    if place is None:
        return
    value = session.centre.database.get(place)
    if value is None:
        session.error(request, "Database entry not found")
        return
    item = f"Event: DBGetResponse\r\nFamily: {place[0]}\r\nKey: {place[1]}\r\nVal: {value}\r\n"
    session.listing(
        request, "Result will follow", [f"{item}{id_line(request)}\r\n"], "DBGetComplete"
    )


def database_delete(session: Session, request: Request) -> None:
    """Delete a key."""
    place = _place(session, request)
    if place is None:
        return
    if session.centre.database.pop(place, None) is None:
        session.error(request, "Database entry could not be deleted")
    else:
        session.success(request, "Key deleted successfully")


def _place(session: Session, request: Request, stop: str = ".") -> tuple[str, str] | None:
    """The family and the key that an action names; says what is missing.

    ``stop`` ends that sentence: not all of these actions write it.
    """
    family, key = request.get("family"), request.get("key")
    for value, word in ((family, "family"), (key, "key")):
        if not value:
            session.error(request, f"No {word} specified{stop}")
            return None
    return family, key
