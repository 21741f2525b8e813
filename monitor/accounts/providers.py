"""People whom an identity provider vouches for: made at their first sign-in, refreshed at each."""

from typing import Any

from sqlalchemy import RowMapping, select

from monitor.accounts.storage import account_of, checked_name, queues_of, queues_text
from monitor.accounts.users import NO_PASSWORD, Users
from monitor.accounts.values import KEEP, Account, AccountError, Fault, Kind, Provided
from monitor.history.audit import Via, Who
from monitor.history.tables import user


class ProvidedUsers(Users):
    """Users who sign in by an identity provider."""

    def admit(self, person: Provided) -> Account:
        """The account of somebody whom an identity provider has just signed in.

        They are known by issuer and subject, never by name: a user of the same name is another.

        Raises:
            AccountError: they are disabled, or another user has their name.
        """
        theirs = (user.c.issuer == person.issuer) & (user.c.subject == person.subject)
        with self._writing() as connection:
            row = connection.execute(select(user).where(theirs)).mappings().first()
            if row is None:
                name = checked_name(person.name)
                values = _columns(person, None) | {
                    "name": name,
                    "password_hash": NO_PASSWORD,
                    "issuer": person.issuer,
                    "subject": person.subject,
                }
                self._insert(connection, values, Who(name, Via.SESSION))
            elif row["disabled"]:
                raise AccountError("This account is disabled: ask an admin.", Fault.DISABLED)
            else:
                values = _columns(person, row)
                self._update(connection, row, values, Who(row["name"], Via.SESSION))
            found = connection.execute(select(user).where(theirs)).mappings().one()
        return account_of(found, Kind.PERSON)


def _columns(person: Provided, row: RowMapping | None) -> dict[str, Any]:
    """What the provider says they may, and what admins have set where it says nothing."""
    same_role = row is not None and row["role"] == person.role.value
    queues = person.queues
    if queues is KEEP:
        queues = None if row is None else queues_of(row["queues"])
    shown = row["sees_numbers"] if row is not None and same_role else person.role.sees_numbers
    return {
        "role": person.role.value,
        "queues": queues_text(queues),
        "sees_numbers": shown,
    }
