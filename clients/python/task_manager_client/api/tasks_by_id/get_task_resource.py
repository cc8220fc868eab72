from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.authentication_failed_not_authenticated_token_invalid_failure import (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure,
)
from ...models.bad_gateway_failure import BadGatewayFailure
from ...models.bad_request_failure import BadRequestFailure
from ...models.gateway_timeout_failure import GatewayTimeoutFailure
from ...models.headers_too_large_failure import HeadersTooLargeFailure
from ...models.not_found_failure import NotFoundFailure
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.task_resource import TaskResource
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: UUID,
    *,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/tasks/tasks/{id}".format(
            id=quote(str(id), safe=""),
        ),
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    Any
    | AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskResource
    | UriTooLongFailure
    | None
):
    if response.status_code == 200:
        response_200 = TaskResource.from_dict(response.json())

        return response_200

    if response.status_code == 304:
        response_304 = cast(Any, None)
        return response_304

    if response.status_code == 400:
        response_400 = BadRequestFailure.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = AuthenticationFailedNotAuthenticatedTokenInvalidFailure.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = NotFoundFailure.from_dict(response.json())

        return response_404

    if response.status_code == 413:
        response_413 = PayloadTooLargeFailure.from_dict(response.json())

        return response_413

    if response.status_code == 414:
        response_414 = UriTooLongFailure.from_dict(response.json())

        return response_414

    if response.status_code == 431:
        response_431 = HeadersTooLargeFailure.from_dict(response.json())

        return response_431

    if response.status_code == 500:
        response_500 = ServerErrorFailure.from_dict(response.json())

        return response_500

    if response.status_code == 502:
        response_502 = BadGatewayFailure.from_dict(response.json())

        return response_502

    if response.status_code == 503:
        response_503 = ServiceUnavailableFailure.from_dict(response.json())

        return response_503

    if response.status_code == 504:
        response_504 = GatewayTimeoutFailure.from_dict(response.json())

        return response_504

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[
    Any
    | AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskResource
    | UriTooLongFailure
]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    if_none_match: str | Unset = UNSET,
) -> Response[
    Any
    | AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskResource
    | UriTooLongFailure
]:
    """Show a task

     One task.

    Args:
        id (UUID):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskResource | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        id=id,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: UUID,
    *,
    client: AuthenticatedClient,
    if_none_match: str | Unset = UNSET,
) -> (
    Any
    | AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskResource
    | UriTooLongFailure
    | None
):
    """Show a task

     One task.

    Args:
        id (UUID):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskResource | UriTooLongFailure
    """

    return sync_detailed(
        id=id,
        client=client,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    if_none_match: str | Unset = UNSET,
) -> Response[
    Any
    | AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskResource
    | UriTooLongFailure
]:
    """Show a task

     One task.

    Args:
        id (UUID):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskResource | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        id=id,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    if_none_match: str | Unset = UNSET,
) -> (
    Any
    | AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | NotFoundFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | TaskResource
    | UriTooLongFailure
    | None
):
    """Show a task

     One task.

    Args:
        id (UUID):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | NotFoundFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | TaskResource | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            if_none_match=if_none_match,
        )
    ).parsed
