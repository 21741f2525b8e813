"""Contacts: registered with the deadline that was announced, answered, and counted."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api import contact_examples, contact_views, examples, views
from api.answers import Json
from api.auth import Lead, LeadActs, ServicesDep, Viewer, ViewerActs
from api.contact_export import filter_words, table
from api.contact_reading import contact_change, new_contact
from api.contact_schemas import (
    ChannelName,
    ContactBatch,
    ContactCountsOut,
    ContactDetailOut,
    ContactFiguresOut,
    ContactNew,
    ContactOut,
    ContactPageOut,
    ContactPatch,
    ContactsDone,
    ContactVerdictName,
    SatisfactionFiguresOut,
)
from api.errors import ApiError, bad_field, documented
from api.exports import Download
from api.history_examples import with_csv
from api.parameters import (
    CursorText,
    FormatParam,
    From,
    Limit,
    PbxName,
    QueueName,
    To,
    check_range,
)
from api.reading import read, read_in
from api.routes.indicators import range_of
from api.services import Services
from api.visibility import Scope, scope_of
from monitor.accounts import Account
from monitor.core.buckets import TooManyBucketsError
from monitor.core.contacts import Channel, ContactError, ContactVerdict
from monitor.core.policy import Policy
from monitor.history.audit import AuditEntry, Who
from monitor.history.contact_log import ContactFilter, ContactPage, KnownContact
from monitor.history.contacts import ContactConflictError, Outcome, Registered

router = APIRouter(tags=["contacts"])

ContactId = Annotated[str, Path(max_length=64, description="The `id` of a contact")]
ChannelParam = Annotated[ChannelName | None, Query(description="Only of this channel")]
VerdictParam = Annotated[ContactVerdictName | None, Query(description="Only with this verdict")]
OverdueParam = Annotated[
    bool | None, Query(description="Only those whose deadline passed unanswered, or all others")
]
OpenParam = Annotated[
    bool | None,
    Query(
        alias="open",
        description="Only those who wait for an answer, overdue or not, the first deadline first; "
        "or all others",
    ),
]
RiskParam = Annotated[
    bool | None,
    Query(description="Only those of whose time three quarters passed unanswered, or all others"),
]
TeamParam = Annotated[str | None, Query(max_length=200, description="Only of this team")]
SourceParam = Annotated[str | None, Query(max_length=200, description="Only of this source")]
Reference = Annotated[str | None, Query(max_length=200, description="Only of this reference")]
CallParam = Annotated[
    str | None, Query(max_length=200, description="Only asked for in this call: `pbx:uniqueid`")
]


class Asked:
    """Which contacts are asked for: filters that apply together, within what is seen."""

    def __init__(  # noqa: PLR0917 - one for each parameter of the interface
        self,
        account: Viewer,
        since: From = None,
        to: To = None,
        channel: ChannelParam = None,
        verdict: VerdictParam = None,
        pbx: PbxName = None,
        queue: QueueName = None,
        team: TeamParam = None,
        source: SourceParam = None,
        reference: Reference = None,
        call: CallParam = None,
        overdue: OverdueParam = None,
        is_open: OpenParam = None,
        at_risk: RiskParam = None,
    ) -> None:
        check_range(since, to)
        self.scope = scope_of(account)
        self.wanted = ContactFilter(
            since=since,
            until=to,
            channel=None if channel is None else Channel(channel),
            verdict=None if verdict is None else ContactVerdict(verdict),
            pbx=pbx,
            queue=queue,
            team=team,
            source=source,
            reference=reference,
            call=call,
            overdue=overdue,
            open=is_open,
            at_risk=at_risk,
            queues=self.scope.queues,
        )


AskedContacts = Annotated[Asked, Depends()]


@router.get(
    "/contacts",
    response_model=ContactPageOut,
    responses=documented(401, 403, 422, 429, 503) | with_csv(contact_examples.PAGE),
)
async def list_contacts(
    services: ServicesDep,
    asked: AskedContacts,
    who: ViewerActs,
    limit: Limit = 50,
    cursor: CursorText = None,
    shown_as: FormatParam = "json",
) -> Response:
    """Contacts, the last received first (of open ones the first deadline); all filters apply.

    As a table (`format=csv`) all of them come, whatever the `limit`, made while it is taken; that
    it was taken away is noted in the audit trail. Two at once for one account, four for all: more
    are refused (429). A contact of no queue is shown to those who see all queues.
    """
    log, scope = services.contacts.log, asked.scope
    if shown_as == "csv":
        told = filter_words(asked.wanted)
        entry = AuditEntry(services.now(), who.by, who.via, "contacts_exported", "", None, told)
        with services.exports.begin(who.by) as running:
            await read(services.overflow_control.record.audit.add, entry)
            lines = table(log, asked.wanted, scope)
            return Download(lines, "minuteur-contacts.csv", running.pop_all())
    try:
        page: ContactPage = await read(log.page, asked.wanted, limit=limit, cursor=cursor)
    except ValueError as error:
        raise bad_field("cursor", str(error).removeprefix("cursor ")) from None
    items = [contact_views.contact(one, scope) for one in page.contacts]
    return Json({"items": items, "next_cursor": page.next_cursor})


@router.post(
    "/contacts",
    status_code=201,
    response_model=ContactOut,
    responses=documented(401, 403, 409, 413, 422, 503)
    | {
        200: {
            "model": ContactOut,
            "description": "It was registered before, the same",
            "content": {"application/json": {"example": contact_examples.REGISTERED}},
        },
        201: {"content": {"application/json": {"example": contact_examples.REGISTERED}}},
    },
)
async def register_contact(
    services: ServicesDep, account: Lead, who: LeadActs, sent: ContactNew
) -> Json:
    """Register a contact with the deadline that was announced.

    The same `source` and `reference` again is the same contact: 200, and nothing changes; where
    something else is told of it, 409. The deadline is worked out now and never moves, but where
    the reception or the promise itself is corrected.
    """
    scope = scope_of(account)
    (done,) = await _register(services, account, who, [sent])
    if done.error is not None:
        raise _refused(done.error)
    # One that was moved meanwhile, to a queue that is not seen, is not shown.
    hidden = done.contact is None or not contact_views.sees(scope, done.contact)
    if done.outcome is Outcome.DIFFERENT or hidden or done.contact is None:
        message = "Something else is registered under this reference: correct it with PATCH."
        raise ApiError(409, "reference_taken", message)
    found = await read(services.contacts.log.one, done.contact.id)
    known = KnownContact(done.contact, new_contact(sent, who.by).person)
    status = 201 if done.outcome is Outcome.CREATED else 200
    shown = found[0] if found is not None else known
    return Json(contact_views.contact(shown, scope), status)


@router.post(
    "/contacts/batch",
    response_model=ContactsDone,
    responses=documented(401, 403, 413, 422, 503) | examples.answer(contact_examples.BATCH),
)
async def register_contacts(
    services: ServicesDep, account: Lead, who: LeadActs, sent: ContactBatch
) -> Json:
    """Register up to 100 contacts in one transaction; what cannot be is refused, the rest stands.

    Told again after an error of any kind, nothing is registered twice.
    """
    done = await _register(services, account, who, sent.items)
    return Json(
        {
            "items": [
                {
                    "reference": one.reference,
                    "outcome": result.outcome.value,
                    "id": result.contact.id if result.contact is not None else "",
                    "code": result.error.code if result.error is not None else "",
                    "field": result.error.field if result.error is not None else "",
                    "message": str(result.error or ""),
                }
                for one, result in zip(sent.items, done, strict=True)
            ]
        }
    )


async def _register(
    services: Services, account: Account, who: Who, sent: list[ContactNew]
) -> list[Registered]:
    scope = scope_of(account)
    found: list[Registered | None] = []
    new = []
    for one in sent:
        if not scope.sees_name(one.pbx or None, one.queue):
            message = "You may register contacts of the queues that you see only."
            raise ApiError(403, "restricted", message)
        try:
            new.append(new_contact(one, who.by))
            found.append(None)
        except ContactError as error:
            found.append(Registered(Outcome.REFUSED, None, error))
    done = iter(await services.contacts.register(new, who))
    return [next(done) if one is None else one for one in found]


@router.get(
    "/contacts/counts",
    response_model=ContactCountsOut,
    responses=documented(401, 403, 503) | examples.answer(contact_examples.COUNTS),
)
async def contact_counts(services: ServicesDep, account: Viewer) -> Json:
    """What is open now: pending, at risk and overdue, as a whole and by channel."""
    found = await read(services.contacts.log.counts, scope_of(account).queues)
    return Json(contact_views.counts(found))


@router.get(
    "/contacts/indicators",
    response_model=ContactFiguresOut,
    responses=documented(401, 403, 422, 503) | examples.answer(contact_examples.FIGURES),
)
async def contact_indicators(services: ServicesDep, asked: AskedContacts) -> Json:
    """Figures of a range, by when contacts were received; all filters apply together.

    Without `from` and `to`: today, in the centre's zone. The rate is met / (met + breached); what
    is pending, withdrawn or excluded stands beside it.
    """
    policy, wanted = services.monitor.engine.policy, asked.wanted
    begin, end = range_of(wanted.since, wanted.until, services.now(), policy)
    try:
        found = await read_in(
            services.figures_lane, services.contacts.log.figures,
            replace(wanted, since=begin, until=end), begin, end, policy.zone,
        )  # fmt: skip
    except TooManyBucketsError:
        raise bad_field("from", "the range has too many months; take a shorter one") from None
    return Json(contact_views.figures(found))


@router.get(
    "/indicators/satisfaction",
    response_model=SatisfactionFiguresOut,
    responses=documented(401, 403, 422, 503) | examples.answer(contact_examples.SATISFACTION),
)
async def satisfaction_indicators(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
) -> Json:
    """What callers answered when they were asked after their call, by when the call arrived.

    Without `from` and `to`: today, in the centre's zone. `queue` means calls that visited it.
    """
    policy: Policy = services.monitor.engine.policy
    begin, end = range_of(since, to, services.now(), policy)
    try:
        found = await read_in(
            services.figures_lane,
            services.contacts.log.satisfaction,
            begin,
            end,
            policy.zone,
            pbx=pbx,
            queue=queue,
            queues=scope_of(account).queues,
        )
    except TooManyBucketsError:
        raise bad_field("from", "the range has too many months; take a shorter one") from None
    return Json(contact_views.satisfaction(found))


@router.get(
    "/contacts/{contact_id}",
    response_model=ContactDetailOut,
    responses=documented(401, 403, 404, 422, 503) | examples.answer(contact_examples.DETAIL),
)
async def one_contact(services: ServicesDep, account: Viewer, contact_id: ContactId) -> Json:
    """One contact with its history: who changed what, and when."""
    scope = scope_of(account)
    return Json(await _detail(services, contact_id, scope))


@router.patch(
    "/contacts/{contact_id}",
    response_model=ContactDetailOut,
    responses=documented(401, 403, 404, 409, 413, 422, 503)
    | examples.answer(contact_examples.DETAIL),
)
async def change_contact(
    services: ServicesDep, account: Lead, who: LeadActs, contact_id: ContactId, sent: ContactPatch
) -> Json:
    """Answer, withdraw, exclude or correct a contact.

    Answered in time though told late, a breach is corrected, and the correction is kept. Where
    somebody else was faster, nothing changes: 409. What is personal can be changed by those who
    see numbers only: 403.
    """
    scope = scope_of(account)
    try:
        change = contact_change(sent)
        if change.person and not scope.sees_numbers:
            message = "You may not see what is personal, so you cannot change it."
            raise ApiError(403, "numbers_hidden", message)
        done = await services.contacts.change(contact_id, change, who, sent.version, scope)
    except ContactError as error:
        raise _refused(error) from None
    except ContactConflictError as error:
        raise ApiError(409, "changed_meanwhile", str(error)) from None
    if done is None:
        raise _missing(contact_id)
    return Json(await _detail(services, contact_id, scope))


async def _detail(services: Services, contact_id: str, scope: Scope) -> views.Json:
    found = await read(services.contacts.log.one, contact_id)
    if found is None or not contact_views.sees(scope, found[0].contact):
        raise _missing(contact_id)
    return contact_views.contact_detail(*found, scope)


def _missing(contact_id: str) -> ApiError:
    return ApiError(404, "not_found", f"No contact has the id {contact_id[:64]}.")


def _refused(error: ContactError) -> ApiError:
    message = f"{error.field}: {error}"
    return ApiError(422, error.code, message, {error.field: str(error)})
