"""The words of reports in English."""

from typing import Final

WORDS: Final = {
    "title": "Commitment report",
    "header": "Commitment report · {period}",
    "period": "{first} to {last}",
    "whole": "All queues",
    "only": "Only these queues: {queues}",
    "pbxs": "Telephone systems: {pbxs}",
    "contents": "Contents",
    "sentence": "Every caller is handled in less than {within} by an agent or a voice server.",
    "one_minute": "one minute",
    "measures": "These are measurements, made from the record of calls. Whether they satisfy a "
    "reference document is for its auditor to judge.",
    "made": "Made on {at} by {by} with {program}; times are those of {zone}",
    "made_bare": "Times are those of {zone}",
    "yes": "yes", "no": "no", "none": "none", "nothing": "Nothing of the kind in this period.",
    "not_known": "not known",
    "between": "between {low} and {high}",
    "total": "Total",
    "no_queue": "(no queue)",
    "still": "in force at the end",
    # --- sections
    "s.summary": "Summary", "s.queues": "By queue", "s.months": "By month",
    "s.queue_months": "By queue and month", "s.waits": "How long callers waited",
    "s.exclusions": "Excluded calls", "s.observation": "What was observed",
    "s.channels": "Other channels", "s.satisfaction": "What callers answered",
    "s.corrections": "Corrections", "s.voice": "Voice servers", "s.overflow": "Overflow",
    "s.previous": "Against the period before", "s.policies": "Policy versions",
    "s.definitions": "Definitions", "s.seals": "Seals, and how to verify",
    # --- key figures
    "k.rate": "Commitment kept", "k.rate_note": "{met} of {judged} judged calls",
    "k.target": "target {target}",
    "k.level": "Service level", "k.calls": "Calls",
    "k.calls_note": "{unknown} of unknown outcome",
    "k.coverage": "Opening time observed", "k.coverage_note": "{count} blind intervals",
    "k.coverage_note_one": "{count} blind interval",
    # --- verdicts and tables
    "v.met": "Met", "v.breached": "Breached", "v.abandoned": "Abandoned in time",
    "v.refused": "Refused in time", "v.excluded": "Excluded", "v.unknown": "Unknown",
    "v.pending": "Not judged yet",
    "vh.met": "Handled before the deadline",
    "vh.breached": "The deadline passed: {handled} handled late, {abandoned} abandoned later, "
    "{refused} turned away later, {otherwise} otherwise",
    "vh.abandoned": "The caller left before the deadline, unhandled; {short} of them at once",
    "vh.refused": "Turned away by the telephone system before the deadline, unhandled",
    "vh.excluded": "Not judged, with a reason for each",
    "vh.unknown": "The outcome was not observed",
    "vh.pending": "Calls that went on when the report was made",
    "c.verdict": "Verdict", "c.calls": "Calls", "c.share": "Share", "c.meaning": "Meaning",
    "c.queue": "Queue", "c.month": "Month", "c.met": "Met", "c.breached": "Breached",
    "c.abandoned": "Aband.", "c.refused": "Refused", "c.excluded": "Excl.", "c.unknown": "Unkn.",
    "c.rate": "Kept", "c.range": "Range", "c.target": "Target", "c.level": "Serv. level",
    "c.asa": "ASA", "c.formula": "Formula", "c.numerator": "Numerator",
    "c.denominator": "Denominator", "c.value": "Value", "c.figure": "Figure",
    "c.reason": "Reason", "c.pbx": "System", "c.from": "From", "c.to": "To",
    "c.length": "Length", "c.open": "In opening hours", "c.cause": "Cause",
    "c.open_time": "Opening time", "c.observed": "Observed", "c.action": "Action",
    "c.outcome": "Outcome", "c.commands": "Commands", "c.voice": "Voice server",
    "c.reached": "Reached", "c.with_input": "With input", "c.left_without": "Left unhandled",
    "c.average": "Mean stay", "c.now": "This period", "c.before": "The one before",
    "c.change": "Change", "c.version": "Version", "c.since": "Since", "c.changed": "What changed",
    "c.definition": "What it is", "c.offered": "Offered",
    "t.verdicts": "Calls by verdict", "t.levels": "Service level of the visits to queues",
    "t.queues": "Results by queue", "t.months": "Results by month",
    "t.queue_months": "Commitment kept, by queue and month",
    "t.waits": "Waits", "t.exclusions": "Excluded calls by reason",
    "t.coverage": "Coverage", "t.blind": "Blind intervals", "t.voice": "Voice servers",
    "t.overflow": "Overflow commands and what came of them", "t.previous": "Comparison",
    "t.policies": "Policy versions in force", "t.definitions": "Definitions and formulas",
    # --- texts
    "p.summary": "In the period, {calls} calls arrived. {judged} were judged by the commitment: "
    "{met} were handled in time, {breached} were not. The rest is shown beside it, never hidden "
    "in it.",
    "p.range": "Calls of unknown outcome: {unknown}. Counted all against the commitment and all "
    "for it, the rate lies {range}.",
    "p.no_unknown": "No call has an unknown outcome, so the rate is no range.",
    "p.levels": "The service level is not one formula. All five in use are told. T is the "
    "threshold of each queue when the caller joined; visits of unknown outcome ({unknown}) make "
    "it a range.",
    "p.queues": "A call belongs to one queue, the first that let the caller in, so the lines add "
    "up to the total. Service level and ASA are of the visits to each queue.",
    "p.months": "Calls by the month in which they arrived, in the centre’s time zone.",
    "p.queue_months": "Met / (met + breached); the number of judged calls stands below.",
    "p.waits": "From the start of the commitment’s clock until the caller was handled, in time or "
    "late; callers who were never handled are not in it. Waits are rounded up to whole seconds.",
    "p.waits_longer": "Calls that waited longer than {last}: {calls}.",
    "p.exclusions": "These calls are in no rate. Each has its reason in the record.",
    "p.coverage": "Opening time by the centre’s calendar, each telephone system counted. What is "
    "not observed is recorded as a blind interval and never filled by guessing.",
    "p.begins": "The record begins on {at}: the opening time before it counts as not observed.",
    "p.blind": "Blind intervals: {count}, {length} in all, {open} of it in opening hours.",
    "p.blind_most": "The {shown} longest are listed; the JSON of this report has all.",
    "p.corrections": "A verdict is corrected when a late event or the queue log proves it wrong; "
    "what it was before stays in the record. Calls corrected: {corrected}; corrections: "
    "{corrections}. Calls observed in part: {partly}.",
    "p.overflow": "What Minuteur asked the telephone system to do for callers about to wait too "
    "long, and what was seen to come of it.",
    "p.voice": "Stays in voice servers. “Left unhandled”: the call ended there and nobody had "
    "handled the caller.",
    "p.previous": "The period before has equal length: {period}.",
    "p.no_previous": "This report has no comparison: it was made without the calls of the period "
    "before.",
    "p.policies": "Each verdict keeps the policy version that judged it; a later change rewrites "
    "no closed call.",
    "p.first_version": "the first one", "p.unknown_changes": "not told here",
    "p.no_changes": "nothing that judges calls",
    "p.starts": "The clock starts {start}. Calls abandoned in less than {short} are marked short.",
    "p.thresholds": "Thresholds by which calls were judged, and how many: {list}.",
    "p.threshold": "{within} ({calls})",
    "p.seals": "Each day (UTC) is sealed once it is over: its calls are digested, and each seal "
    "names the one before. This is the head of the chain when the report was made:",
    "p.sealed": "Sealed from {first} to {last}. Days of the period that are sealed: {days}; not "
    "yet, or before the chain: {open}.",
    "p.no_seals": "No day was sealed yet when this report was made.",
    "p.verify": "Ask for the evidence pack of the period and verify it on a computer of your own, "
    "without the database and without trusting whoever made it:",
    "p.verify_more": "It finds any change, insertion and removal, checks that the chain has the "
    "head above, and counts the figures of this report anew from the calls and contacts.",
    "p.not_in_pack": "Not in the pack, and so not counted anew: the comparison with the period "
    "before, agents’ time, and who made this report when. Contacts and corrections of the last two "
    "days are sealed later, and are in a pack from then on.",
    # --- clock starts
    "start.arrival": "when the call arrives", "start.welcome_end": "at the end of the welcome",
    "start.voice_server_left": "on leaving the voice server",
    "start.queue_joined": "on joining the queue",
    # --- service levels
    "f.abandoned_within_count_for": "Abandons within T count for",
    "f.answered_only": "Answered calls alone",
    "f.abandoned_count_against": "All abandons count against",
    "f.abandoned_within_left_out": "Abandons within T left out",
    "f.short_abandoned_count_for": "Short abandons count for",
    "n.abandoned_within_count_for": "(ans≤T + ab≤T) / (ans + ab)",
    "n.answered_only": "ans≤T / ans",
    "n.abandoned_count_against": "ans≤T / (ans + ab)",
    "n.abandoned_within_left_out": "ans≤T / (ans + ab>T)",
    "n.short_abandoned_count_for": "(ans≤T + ab≤short) / (ans + ab)",
    # --- waits
    "w.mean": "Mean", "w.longest": "Longest, also of those who gave up",
    "w.percentile": "{p}% waited at most",
    "w.calls": "Calls (clock until handled)", "w.visits": "Queues (joining until answered)",
    "w.talk": "Mean conversation", "w.hold": "of it on hold", "w.rna": "Offers left ringing",
    "w.transfers": "Conversations passed on", "w.repeats": "Called again within 7 days",
    "w.repeats_help": "a proxy for unresolved requests", "w.agent": "Handled by an agent",
    "w.voice": "Handled by a voice server",
    # --- codes
    "r.outside_opening_hours": "outside opening hours", "r.test_number": "test number",
    "r.internal_call": "internal call", "r.left_before_the_clock": "left before the clock started",
    "a.withdraw_caller": "take the caller out of the queue",
    "a.redirect_channel": "send the caller elsewhere", "a.change_priority": "change the priority",
    "a.add_member": "add an agent", "a.remove_member": "remove an agent",
    "a.change_penalty": "change a penalty", "a.set_global": "set a variable",
    "a.put_database": "write to the PBX’s database", "a.change_lamp": "switch a lamp",
    "o.pending": "under way", "o.done": "done", "o.moved": "moved",
    "o.answered_meanwhile": "answered meanwhile", "o.left_meanwhile": "left meanwhile",
    "o.still_waiting": "still waiting", "o.failed": "failed", "o.not_observed": "not observed",
    # --- changes of policy; «subject» is a queue, a voice server, a calendar, a PBX
    "ch.within": "threshold", "ch.at_risk_after": "at risk after", "ch.short_abandon":
    "short abandon below", "ch.starts_on": "start of the clock", "ch.target": "target",
    "ch.service_level": "service-level formula", "ch.queue_within": "{subject}: threshold",
    "ch.queue_at_risk_after": "{subject}: at risk after", "ch.queue_target": "{subject}: target",
    "ch.queue_service_level": "{subject}: formula", "ch.queue_calendar": "{subject}: calendar",
    "ch.queue_label": "{subject}: label", "ch.queue_added": "queue {subject} added",
    "ch.queue_removed": "queue {subject} removed",
    "ch.voice_server_added": "voice server {subject} added",
    "ch.voice_server_removed": "voice server {subject} removed",
    "ch.voice_server_counts_when": "voice server {subject} counts when",
    "ch.voice_server_contexts": "voice server {subject}: contexts",
    "ch.voice_server_stasis_apps": "voice server {subject}: applications",
    "ch.calendar_added": "calendar {subject} added",
    "ch.calendar_removed": "calendar {subject} removed",
    "ch.calendar_changed": "calendar {subject} changed", "ch.centre_calendar": "centre’s calendar",
    "ch.centre_label": "the centre’s name",
    "ch.opening_hours": "opening hours changed", "ch.zone": "time zone",
    "ch.test_numbers": "test numbers, how many",
    "ch.internal_numbers": "internal numbers, how many",
    "ch.incoming_contexts": "{subject}: contexts of arrival",
    "ch.welcome_contexts": "contexts of the welcome",
    "ch.fromto": "{what}: {before} → {after}",
    # --- definitions
    "d.legend": "ans: answered visits; ab: abandoned visits; T: the queue’s threshold when the "
    "caller joined; short: below the limit of short abandons.",
    "df.rate": "Commitment kept", "dn.rate": "met / (met + breached)",
    "d.rate": "Abandoned, refused, excluded and unknown calls are shown beside it.",
    "df.asa": "ASA, average speed of answer", "dn.asa": "sum of the waits / answered visits",
    "d.asa": "From joining the queue to the answer.",
    "df.wait_percentile": "Percentile of waits", "dn.wait_percentile": "nearest rank",
    "d.wait_percentile": "The smallest whole second that at least so many percent of the waits do "
    "not exceed.",
    "df.average_talk": "Mean conversation",
    "dn.average_talk": "sum of conversations / their number",
    "d.average_talk": "Of answered visits whose conversation has ended.",
    "df.average_hold": "Mean hold", "dn.average_hold": "sum of hold / conversations",
    "d.average_hold": "Of conversations of which it is known, also those without.",
    "df.ring_no_answer": "Offers left ringing", "dn.ring_no_answer": "offers missed / offers",
    "d.ring_no_answer": "An offer is one ringing at one agent.",
    "df.repeats": "Called again within 7 days", "dn.repeats": "repeat calls / calls with a number",
    "d.repeats": "The caller had called in the 7 × 24 hours before: a proxy, as nobody says that "
    "it was for the same request.",
    "df.coverage": "Coverage", "dn.coverage": "opening time observed / opening time",
    "d.coverage": "Each telephone system counted, by the centre’s calendar.",
    # --- charts
    "g.rate": "Commitment kept by month; the dashed line is the target, the bars are the ranges",
    "g.rate_plain": "Commitment kept by month",
    "g.rate_alt": "Line chart. {points}",
    "g.waits": "Calls by wait until handled, in steps of 5 seconds; the line is the threshold",
    "g.waits_alt": "Bar chart. {within} calls waited at most {threshold}, {beyond} longer.",
    "g.verdicts_alt": "Bar of the verdicts' shares. {points}",
    "g.threshold": "{within}",
    "g.point": "{name}: {value}.",
    # --- mail
    "m.subject": "{title}, {period}",
    "m.body": "The report on the commitment for {period} is attached.\n\nCommitment kept: {rate} "
    "({range}).\nCalls: {calls}, of unknown outcome: {unknown}.\nOpening time observed: "
    "{coverage}.\n\nMinuteur sends this report automatically.\n",
    "m.too_large": "\nToo large to be attached: {files}. Fetch it from {address}\n",
    "m.no_address": "the page “Reports” of Minuteur",
}  # fmt: skip
