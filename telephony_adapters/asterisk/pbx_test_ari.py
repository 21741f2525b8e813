"""The part of the connection test that concerns ARI."""

from typing import Final

import httpx

from telephony_adapters.asterisk.ari_client import ALL_CHANNELS, AriSettings
from telephony_adapters.asterisk.pbx_test_reading import Check

_LARGEST: Final = 1024 * 1024
"""Characters of an answer that is looked at."""


async def ari_checks(settings: AriSettings, within: float) -> list[Check]:
    """See whether ARI is reached, lets us in, and has our application's name free.

    Args:
        settings: the account there.
        within: seconds for the answer.
    """
    url = f"{settings.url}/applications/{settings.app}"
    try:
        async with httpx.AsyncClient(
            auth=(settings.username, settings.password), timeout=within, trust_env=False
        ) as client:
            answer = await client.get(url)
    except httpx.TimeoutException:
        return [Check("ari_connect", "failed", {"reason": "timeout"})]
    except httpx.ProtocolError:
        return [Check("ari_connect", "failed", {"reason": "no_ari"})]
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return [Check("ari_connect", "failed", {"reason": "unreachable", "said": str(error)[:200]})]
    return _understood(answer, settings)


def _understood(answer: httpx.Response, settings: AriSettings) -> list[Check]:
    status = answer.status_code
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        reason = "refused" if status == httpx.codes.UNAUTHORIZED else "forbidden"
        return [Check("ari_connect", "ok"), Check("ari_login", "failed", {"reason": reason})]
    found = _json(answer)
    free = status == httpx.codes.NOT_FOUND and found.get("message") == "Application not found"
    if not free and not answer.is_success:
        return [Check("ari_connect", "failed", {"reason": "no_ari", "http": status})]
    channels = found.get("channel_ids")
    ours = isinstance(channels, list) and ALL_CHANNELS in channels
    if not free and channels is None:
        return [Check("ari_connect", "failed", {"reason": "no_ari", "http": status})]
    app = Check("ari_app", "ok" if free or ours else "failed", {"app": settings.app})
    return [Check("ari_connect", "ok"), Check("ari_login", "ok"), app]


def _json(answer: httpx.Response) -> dict[str, object]:
    try:
        found = answer.json() if len(answer.content) < _LARGEST else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
