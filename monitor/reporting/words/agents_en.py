"""What a report says of agents' time, in English."""

from typing import Final

WORDS: Final = {
    "s.agents": "Agents’ time", "no_team": "(no team)",
    "c.team": "Team", "c.logged_in": "Logged in", "c.paused": "Paused", "c.occupancy": "Occupancy",
    "c.conversations": "Conversations", "c.aht": "AHT", "c.talk": "Talk", "c.hold": "Hold",
    "c.wrap_up": "Wrap-up",
    "t.agents": "Agents’ time by team",
    "t.agent_months": "Occupancy by team and month, with the average handling time (AHT)",
    "p.agents": "Time of agents who were logged in and observed, of all agents of a team together. "
    "Occupancy is talk, hold and wrap-up / the time logged in less pauses. AHT is talk, hold and "
    "wrap-up of a conversation, on average. These figures come from a record of their own: they "
    "are not in an evidence pack, and not counted anew.",
    "p.agents_unobserved": "Not observed, of agents who were logged in when that began: "
    "{unobserved}. It is in no figure below.",
    "df.occupancy": "Occupancy", "dn.occupancy": "(talk + hold + wrap-up) / (logged in − pauses)",
    "d.occupancy": "Of all agents together, while they were observed.",
    "df.aht": "Average handling time (AHT)", "dn.aht": "(talk + hold + wrap-up) / conversations",
    "d.aht": "Conversations count in the hour in which they ended.",
}  # fmt: skip
