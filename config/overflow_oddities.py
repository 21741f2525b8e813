"""What is odd about overflow rules that are good each by itself."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from config.overflow import OverflowRule


def odd_rules(rules: Sequence[OverflowRule], voice_servers: Sequence[str]) -> list[str]:
    """One sentence for each oddity.

    Args:
        rules: those of the settings.
        voice_servers: the names of those that are declared.
    """
    enabled = [rule for rule in rules if rule.enabled]
    return [*_nowhere(enabled, voice_servers), *_to_and_fro(enabled)]


def _nowhere(rules: Sequence[OverflowRule], voice_servers: Sequence[str]) -> Iterator[str]:
    for rule in rules:
        for pattern in rule.voice_servers:
            if not any(fnmatchcase(name, pattern) for name in voice_servers):
                known = ", ".join(voice_servers) or "none"
                yield (
                    f'[[overflow_rule]] "{rule.id}" redirects callers out of {pattern}, and no '
                    f"[[voice_server]] has such a name; known are {known}."
                )


def _to_and_fro(rules: Sequence[OverflowRule]) -> Iterator[str]:
    for number, rule in enumerate(rules):
        for other in rules[number + 1 :]:
            if _leads_into(rule, other) and _leads_into(other, rule):
                here, there = _target(other), _target(rule)
                yield (
                    f'[[overflow_rule]] "{rule.id}" leads from {here} to {there}, and '
                    f'"{other.id}" back again: a caller is never moved back, so while both apply '
                    "neither moves anybody."
                )


def _target(rule: OverflowRule) -> str:
    return "" if rule.do.withdraw is None else rule.do.withdraw.queue


def _leads_into(rule: OverflowRule, other: OverflowRule) -> bool:
    """Whether a rule moves callers into a queue that another watches."""
    target = _target(rule)
    same_pbx = "" in (rule.pbx, other.pbx) or rule.pbx == other.pbx
    return bool(target) and same_pbx and any(fnmatchcase(target, name) for name in other.queues)
