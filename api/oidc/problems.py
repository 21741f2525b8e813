"""Why a sign-in by an identity provider came to nothing."""

from enum import StrEnum


class ProviderProblem(StrEnum):
    """Stable codes; the page has the words."""

    UNREACHABLE = "provider_unreachable"
    """The provider does not answer, or answers what it must not."""
    CANCELLED = "provider_cancelled"
    """The person did not go through with it, or the provider did not let them."""
    REFUSED = "provider_refused"
    """The provider answered with an error."""
    EXPIRED = "provider_expired"
    """It took too long, was begun in another browser, or is answered twice."""
    NOT_BELIEVED = "provider_not_believed"
    """What came is not what was asked for, or not from the provider."""
    NO_ROLE = "provider_no_role"
    """The provider knows the person, and nothing lets them in here."""
    NO_NAME = "provider_no_name"
    """The provider does not say what to call the person."""


class ProviderError(Exception):
    """A sign-in that came to nothing. ``detail`` is for the log: it holds no secret."""

    def __init__(self, problem: ProviderProblem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail
