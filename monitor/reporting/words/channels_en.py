"""What a report says of other channels, of callers' answers and of blind intervals, in English."""

from typing import Final

WORDS: Final = {
    "bc.monitor_stopped": "The monitor was stopped.",
    "bc.monitor_not_running": "The monitor was not running.",
    "bc.not_watched": "The PBX was not watched.",
    "bc.settings_changed": "The settings of the link were changed.",
    "bc.unreachable": "The PBX could not be reached.", "bc.no_answer": "The PBX did not answer.",
    "bc.closed": "The connection was lost.", "bc.restarting": "The PBX was restarting.",
    "bc.refused": "The PBX refused access.", "bc.tls": "No trusted connection with the PBX.",
    "bc.state_untold": "The PBX did not tell its state.",
    "bc.clock_set": "The PBX’s clock was set.", "bc.filters": "The link was made again.",
    "bc.link_failed": "The link failed.", "bc.restarted": "The PBX started anew.",
    "k.channels": "Other channels, answered in time",
    "k.channels_note": "{met} of {judged} contacts judged",
    "k.satisfaction": "Callers’ mean score", "k.satisfaction_note": "{answers} answers",
    "cn.email": "E-mail", "cn.letter": "Letter", "cn.callback": "Callback", "cn.chat": "Chat",
    "cn.complaint": "Complaint", "cn.other": "Other",
    "pr.span": "within {span}", "pr.opening_hours": "within {span} of opening hours",
    "pr.moment": "before a given moment", "pr.day": "1 day", "pr.days": "{days} days",
    "xr.duplicate": "told twice", "xr.unsolicited": "unsolicited", "xr.test": "test",
    "xr.not_ours": "not ours to answer",
    "c.channel": "Channel", "c.registered": "Registered", "c.in_time": "In time",
    "c.late": "Late", "c.pending": "Pending", "c.withdrawn": "Withdrawn",
    "c.answer_time": "Mean answer", "c.promise": "What was announced", "c.contacts": "Contacts",
    "c.score": "Score", "c.answers": "Answers", "c.asked": "Asked", "c.response": "Share",
    "c.mean": "Mean", "c.satisfied": "Two best",
    "t.channels": "Promises by channel", "t.promises": "By what was announced",
    "t.channel_months": "Answered in time, by channel and month",
    "t.contact_exclusions": "Excluded contacts, by reason",
    "t.scale": "Scores from 1 to {best}", "t.satisfaction_months": "Answers by month",
    "p.channels": "What was announced for other channels is measured by the same rule: answered "
    "before the deadline is in time, answered at it or later, or not at all, is late. The share is "
    "in time / (in time + late); what is pending, withdrawn or excluded stands beside it. Contacts "
    "belong to the month in which they were received, and are told as they stood when this report "
    "was made.",
    "p.overdue": "Deadlines that passed without an answer so far: {overdue}.",
    "p.callbacks": "Callbacks that callers asked for: {asked}; made: {done} ({share}); made before "
    "the deadline: {in_time}.",
    "p.promises": "Spans count night and day, or only the opening hours of the calendar that was "
    "named.",
    "p.promises_most": "The {shown} with the most contacts are listed; the JSON of this report has "
    "all.",
    "p.no_contacts": "No contact of other channels was registered in this period.",
    "p.contacts_removed": "Contacts of this period cannot be proved any more: their time of "
    "keeping was over.",
    "p.satisfaction": "Calls after which the caller was asked for a score: {asked}. Answered: "
    "{answered} ({share}).",
    "p.scale": "On a scale from 1 to {best}, {answers} answers have a mean of {mean}. The two best "
    "scores: {satisfied}.",
    "p.scale_short": "On a scale from 1 to {best}, {answers} answers have a mean of {mean}. The "
    "best score: {satisfied}.",
    "df.contact_rate": "Other channels, in time", "dn.contact_rate": "in time / (in time + late)",
    "d.contact_rate": "By the deadline that was announced when the contact was registered.",
    "df.callbacks_done": "Callbacks made", "dn.callbacks_done": "made / asked for",
    "d.callbacks_done": "In time or late; without the excluded.",
    "df.satisfaction_response": "Response", "dn.satisfaction_response": "answered / asked",
    "d.satisfaction_response": "Calls after which a score was asked for.",
    "df.satisfaction_mean": "Mean score", "dn.satisfaction_mean": "sum of scores / answers",
    "d.satisfaction_mean": "Of each scale alone: a 4 of 5 is no 4 of 10.",
    "df.satisfied": "Two best scores", "dn.satisfied": "answers with one of them / answers",
    "d.satisfied": "On a scale of 2 or 3 the best alone.",
}  # fmt: skip
