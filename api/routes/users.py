"""Who may sign in: for admins."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Response

from api import access_examples, access_views, examples
from api.access_schemas import Ended, NewPassword, NewUser, QueueRefIn, UserChanges, UserList
from api.access_schemas import UserOut as UserShape
from api.answers import Json
from api.auth import Admin, AdminActs, ServicesDep
from api.entering import ask
from api.errors import ApiError, documented
from api.reading import read
from api.services import Services
from monitor.accounts import KEEP, QueueRef, Queues, Role, UserChange

router = APIRouter(prefix="/users", tags=["access"])

UserName = Annotated[str, Path(description="The user's name", examples=["zoe"], max_length=200)]
_ONE: Final = documented(401, 403, 404, 422, 503)


@router.get(
    "",
    response_model=UserList,
    responses=documented(401, 403, 503) | examples.answer({"items": [access_examples.USER]}),
)
async def list_users(services: ServicesDep, _: Admin) -> Json:
    """All users, disabled ones too, by name."""
    found = await read(services.accounts.users)
    return Json({"items": [access_views.user(user) for user in found]})


@router.post(
    "",
    status_code=201,
    response_model=UserShape,
    responses=documented(401, 403, 409, 413, 422, 503) | examples.answer(access_examples.USER, 201),
)
async def create_user(services: ServicesDep, who: AdminActs, wanted: NewUser) -> Json:
    """Create a user with a password."""
    account = await ask(
        read(
            services.accounts.add_user,
            wanted.name,
            wanted.password,
            Role(wanted.role),
            queues=queues_of(wanted.queues),
            sees_numbers=wanted.sees_numbers,
            by=who,
        )
    )
    services.first_run.closed = True
    return Json(await _shown(services, account.name), 201)


@router.get(
    "/{name}", response_model=UserShape, responses=_ONE | examples.answer(access_examples.USER)
)
async def one_user(services: ServicesDep, _: Admin, name: UserName) -> Json:
    """One user."""
    return Json(await _shown(services, name))


@router.patch(
    "/{name}",
    response_model=UserShape,
    responses=documented(401, 403, 404, 409, 413, 422, 503) | examples.answer(access_examples.USER),
)
async def change_user(
    services: ServicesDep, who: AdminActs, name: UserName, changes: UserChanges
) -> Json:
    """Change what a user may do and see; it counts at once, also for what they have open.

    Who is disabled is signed out everywhere. The last admin who can sign in with a password cannot
    be disabled or given another role (`last_admin`).
    """
    said = "queues" in changes.model_fields_set
    change = UserChange(
        role=None if changes.role is None else Role(changes.role),
        queues=queues_of(changes.queues) if said else KEEP,
        sees_numbers=changes.sees_numbers,
        disabled=changes.disabled,
    )
    user = await ask(read(services.accounts.change_user, name, change, who))
    if user is None:
        raise _no_user(name)
    await tell(services, user.name)
    return Json(access_views.user(user))


@router.delete("/{name}", status_code=204, responses=documented(401, 403, 404, 409, 422, 503))
async def delete_user(services: ServicesDep, who: AdminActs, name: UserName) -> Response:
    """Remove a user; they are signed out everywhere. The last admin stays (`last_admin`)."""
    if not await ask(read(services.accounts.remove_user, name, who)):
        raise _no_user(name)
    await tell(services, name)
    return Response(status_code=204)


@router.post(
    "/{name}/password",
    status_code=204,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
async def set_user_password(
    services: ServicesDep, who: AdminActs, name: UserName, wanted: NewPassword
) -> Response:
    """Give a user another password; they are signed out everywhere."""
    if not await ask(read(services.accounts.set_password, name, wanted.password, who)):
        raise _no_user(name)
    await tell(services, name)
    return Response(status_code=204)


@router.post(
    "/{name}/end-sessions",
    response_model=Ended,
    responses=_ONE | examples.answer({"ended": 2}),
)
async def end_user_sessions(services: ServicesDep, who: AdminActs, name: UserName) -> Json:
    """Sign a user out everywhere, at once."""
    ended = await read(services.accounts.end_sessions, name, who)
    if ended is None:
        raise _no_user(name)
    await tell(services, name)
    return Json({"ended": ended})


def queues_of(said: list[QueueRefIn] | None) -> Queues:
    """Queues as somebody sent them."""
    return None if said is None else frozenset(QueueRef(ref.pbx, ref.queue) for ref in said)


async def tell(services: Services, name: str) -> None:
    """Have a change of an account count at once."""
    services.askers.changed(name)
    await services.access.changed(name)


async def _shown(services: Services, name: str) -> dict[str, object]:
    user = await read(services.accounts.user, name)
    if user is None:
        raise _no_user(name)
    return access_views.user(user)


def _no_user(name: str) -> ApiError:
    return ApiError(404, "not_found", f"There is no user {name}.")
