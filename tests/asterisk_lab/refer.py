"""An agent's phone joins two of its calls: a REFER with ``Replaces``, sent in its place.

sipp cannot know the tags of another of its calls. Asterisk can say them all, so the lab sends the
request itself; what Asterisk answers to the phone's address the phone takes.
"""

from __future__ import annotations

import socket
from urllib.parse import quote

from .ami import LabAmi
from .server import AsteriskLab, LabError


def join_calls(lab: AsteriskLab, ami: LabAmi, talk: str, consultation: str) -> None:
    """Join those whom one phone talks to on the channels ``talk`` and ``consultation``."""
    first, second = (_dialog(ami, channel) for channel in (talk, consultation))
    replaces = f"{second['call-id']};to-tag={second['local_tag']};from-tag={second['remote_tag']}"
    target = f"sip:joined@127.0.0.1:{lab.sip_port}?Replaces={quote(replaces, safe='')}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(5)
        own = f"127.0.0.1:{phone.getsockname()[1]}"
        lines = (
            f"REFER sip:asterisk@127.0.0.1:{lab.sip_port} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};branch=z9hG4bKjoin{own[-5:]}",
            f"From: <{first['remote_uri']}>;tag={first['remote_tag']}",
            f"To: <{first['local_uri']}>;tag={first['local_tag']}",
            f"Call-ID: {first['call-id']}",
            "CSeq: 50 REFER",
            f"Contact: <sip:{own}>",
            f"Refer-To: <{target}>",
            "Max-Forwards: 70",
            "Content-Length: 0",
        )
        phone.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), ("127.0.0.1", lab.sip_port))
        answer = phone.recv(65536).decode(errors="replace").partition("\r\n")[0]
    if " 202 " not in answer:
        raise LabError(f"the transfer was refused: {answer}")


def _dialog(ami: LabAmi, channel: str) -> dict[str, str]:
    names = ("call-id", "local_tag", "remote_tag", "local_uri", "remote_uri")
    values = {
        name: ami.action("Getvar", Channel=channel, Variable=f"CHANNEL(pjsip,{name})")["Value"]
        for name in names
    }
    for name in ("local_uri", "remote_uri"):
        values[name] = values[name].partition("<")[2].partition(">")[0] or values[name]
    return values
