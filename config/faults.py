"""What can be wrong with a value: a stable code with its parameters, and the English sentence.

The sentence is for settings files, logs and programs. Pages have words of their own for each code.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

Param = str | int | float


class Wrong(StrEnum):
    """What is wrong. The parameters of each stand behind it."""

    MISSING = "missing"
    EMPTY = "empty"
    UNKNOWN_KEY = "unknown_key"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_WHOLE_NUMBER = "not_a_whole_number"
    NOT_TEXT = "not_text"
    NOT_A_LIST = "not_a_list"
    NOT_A_DATE = "not_a_date"
    NOT_A_TIME = "not_a_time"
    NOT_A_WEEKDAY = "not_a_weekday"
    NOT_ONE_OF = "not_one_of"  # known
    BAD_FORM = "bad_form"
    ABOVE = "above"  # limit: it must be more
    AT_LEAST = "at_least"  # limit
    BELOW = "below"  # limit: it must be less
    AT_MOST = "at_most"  # limit
    TOO_LONG = "too_long"  # most
    TOO_MANY = "too_many"  # most
    TOO_SHORT = "too_short"  # least
    LINE_BREAK = "line_break"
    CONTROL_CHARACTER = "control_character"
    COMMA = "comma"
    BAD_CHARACTERS = "bad_characters"  # shown
    NOT_A_SLUG = "not_a_slug"
    NOT_A_VARIABLE = "not_a_variable"
    NO_PORT = "no_port"
    NOT_ARI = "not_ari"
    NO_TIME_ZONE = "no_time_zone"
    NO_COUNTRY = "no_country"
    COUNTRY_NEEDED = "country_needed"
    NO_PART = "no_part"  # country, known
    NOT_AFTER = "not_after"
    ENDS_BEFORE = "ends_before"
    LONGER_THAN_A_YEAR = "longer_than_a_year"
    NOT_BELOW_WITHIN = "not_below_within"  # within
    WELCOME_NEEDED = "welcome_needed"
    ONLY_WITHDRAW = "only_withdraw"
    NO_QUEUES = "no_queues"
    LEADS_BACK = "leads_back"  # queue
    NO_VOICE_SERVERS = "no_voice_servers"
    ONLY_REDIRECT = "only_redirect"
    ALWAYS = "always"
    ONE_QUEUE = "one_queue"
    LEAVE_CUSTOM_OUT = "leave_custom_out"
    TWICE = "twice"  # name
    NOTHING_TO_DO = "nothing_to_do"
    MORE_THAN_ONE_ACTION = "more_than_one_action"
    NO_METRIC = "no_metric"
    IS_A_NUMBER = "is_a_number"
    IS_WORDS = "is_words"
    PATTERNS_NEEDED = "patterns_needed"
    LIMITS_NEEDED = "limits_needed"
    NAME_TAKEN = "name_taken"  # name
    NO_PBX = "no_pbx"  # pbx
    NO_CALENDAR = "no_calendar"  # calendar
    TAKEN_APP = "taken_app"  # app
    KEEPS_ITS_NAME = "keeps_its_name"  # name
    SECRET_ANEW = "secret_anew"  # noqa: S105 - a code
    SECRET_ELSEWHERE = "secret_elsewhere"  # noqa: S105 - a code
    HOURS_TWICE = "hours_twice"


class Complaint(str):
    """The sentence, which knows its code."""

    __slots__ = ("code", "params")
    code: Wrong
    params: Mapping[str, Param]

    def __new__(cls, code: Wrong, text: str, **params: Param) -> Self:
        """``params``: what the code's words need."""
        found = super().__new__(cls, text)
        found.code, found.params = code, params
        return found

    def worded(self, text: str) -> "Complaint":
        """The same complaint in another sentence."""
        return Complaint(self.code, text, **self.params)


class FaultError(ValueError):
    """A value is no good."""

    def __init__(self, code: Wrong, text: str, **params: Param) -> None:
        super().__init__(text)
        self.complaint = Complaint(code, text, **params)


def fault(problem: str) -> ValueError:
    """A problem as the error to raise; with its code, if it has one."""
    if isinstance(problem, Complaint):
        return FaultError(problem.code, str(problem), **problem.params)
    return ValueError(problem)


_TYPES: Mapping[str, Wrong] = {
    "missing": Wrong.MISSING,
    "extra_forbidden": Wrong.UNKNOWN_KEY,
    "string_pattern_mismatch": Wrong.BAD_FORM,
    "float_parsing": Wrong.NOT_A_NUMBER,
    "float_type": Wrong.NOT_A_NUMBER,
    "finite_number": Wrong.NOT_A_NUMBER,
    "int_parsing": Wrong.NOT_A_WHOLE_NUMBER,
    "int_type": Wrong.NOT_A_WHOLE_NUMBER,
    "int_from_float": Wrong.NOT_A_WHOLE_NUMBER,
    "string_type": Wrong.NOT_TEXT,
    "list_type": Wrong.NOT_A_LIST,
    "date_type": Wrong.NOT_A_DATE,
    "date_parsing": Wrong.NOT_A_DATE,
    "date_from_datetime_parsing": Wrong.NOT_A_DATE,
    "time_type": Wrong.NOT_A_TIME,
    "time_parsing": Wrong.NOT_A_TIME,
}
_LIMITS: Mapping[str, tuple[Wrong, str, str]] = {
    "greater_than": (Wrong.ABOVE, "gt", "limit"),
    "greater_than_equal": (Wrong.AT_LEAST, "ge", "limit"),
    "less_than": (Wrong.BELOW, "lt", "limit"),
    "less_than_equal": (Wrong.AT_MOST, "le", "limit"),
    "string_too_long": (Wrong.TOO_LONG, "max_length", "most"),
    "too_long": (Wrong.TOO_MANY, "max_length", "most"),
    "string_too_short": (Wrong.TOO_SHORT, "min_length", "least"),
    "too_short": (Wrong.TOO_SHORT, "min_length", "least"),
    "literal_error": (Wrong.NOT_ONE_OF, "expected", "known"),
    "enum": (Wrong.NOT_ONE_OF, "expected", "known"),
}


def coded(type_: str, context: Mapping[str, Any], text: str) -> str:
    """A sentence with the code of what a validator found, if there is one.

    Args:
        type_: pydantic's name of the error.
        context: its ``ctx``.
        text: the sentence.
    """
    cause = context.get("error")
    if isinstance(cause, FaultError):
        return cause.complaint.worded(text)
    if type_ in _LIMITS:
        code, theirs, ours = _LIMITS[type_]
        if code is Wrong.TOO_SHORT and context.get(theirs) == 1:
            return Complaint(Wrong.EMPTY, text)
        return Complaint(code, text, **{ours: context.get(theirs, "")})
    return Complaint(_TYPES[type_], text) if type_ in _TYPES else text
