"""The policy in force, and the older ones by which calls that are still live are judged.

A call keeps the version under which it arrived in all that its verdict depends on. So a change is
in force at once for who calls from now on, and moves nobody's deadline.
"""

from collections.abc import Container, Iterable

from monitor.core.policy import Policy, Rules


class PolicyBook:
    """Rules by policy version; shared by all PBXs."""

    def __init__(self, policy: Policy) -> None:
        self.rules = Rules(policy)
        """Those in force."""
        self._older: dict[int, Rules] = {}

    def of(self, version: int) -> Rules:
        """The rules of a version; those in force where nobody has told of it."""
        return self._older.get(version, self.rules)

    def know(self, policies: Iterable[Policy]) -> None:
        """Learn older policies, of calls that are taken back after a restart."""
        for policy in policies:
            if policy.version != self.rules.policy.version:
                self._older[policy.version] = Rules(policy)

    def change(self, policy: Policy) -> None:
        """Put a policy in force; calls of older versions go on by theirs."""
        self._older[self.rules.policy.version] = self.rules
        self.rules = Rules(policy)
        self._older.pop(policy.version, None)

    def forget_but(self, versions: Container[int]) -> None:
        """Let older policies go that no call goes by any more."""
        self._older = {
            version: rules for version, rules in self._older.items() if version in versions
        }

    @property
    def versions(self) -> set[int]:
        """The versions that are known."""
        return {self.rules.policy.version, *self._older}
