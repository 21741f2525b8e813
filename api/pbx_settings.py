"""From the settings of a PBX to those of its links."""

from config.settings import Pbx, Settings
from telephony_adapters.asterisk.ami_login import AmiSettings, AmiTls
from telephony_adapters.asterisk.ari_client import AriSettings


def wants_digits(settings: Settings) -> bool:
    """Whether a voice server counts on the caller's first key; each may be on any PBX."""
    return any(server.counts_when == "first_input" for server in settings.voice_server)


def ami_settings(pbx: Pbx, *, wants_digits: bool = False) -> AmiSettings:
    """A PBX's manager account, as the adapter wants it."""
    tls = None
    if pbx.tls is not None:
        tls = AmiTls(pbx.tls.ca_file, pbx.tls.server_name, pbx.tls.verify)
    return AmiSettings(
        name=pbx.name,
        host=pbx.host,
        port=pbx.port,
        username=pbx.username,
        secret=pbx.secret.get_secret_value(),
        tls=tls,
        wants_digits=wants_digits,
    )


def ari_settings(pbx: Pbx) -> AriSettings | None:
    """A PBX's REST interface, as the adapter wants it; None where none is declared."""
    if pbx.ari is None:
        return None
    return AriSettings(
        name=pbx.name,
        url=pbx.ari.url.rstrip("/"),
        username=pbx.ari.username,
        password=pbx.ari.password.get_secret_value(),
        app=pbx.ari.app,
    )
