from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.authentication_failed_not_authenticated_token_invalid_failure import (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure,
)
from ...models.bad_gateway_failure import BadGatewayFailure
from ...models.bad_request_validation_error_failure import (
    BadRequestValidationErrorFailure,
)
from ...models.gateway_timeout_failure import GatewayTimeoutFailure
from ...models.headers_too_large_failure import HeadersTooLargeFailure
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.session_page import SessionPage
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = 50,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/auth/sessions",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | SessionPage
    | UriTooLongFailure
    | None
):
    if response.status_code == 200:
        response_200 = SessionPage.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = BadRequestValidationErrorFailure.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = AuthenticationFailedNotAuthenticatedTokenInvalidFailure.from_dict(response.json())

        return response_401

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
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | SessionPage
    | UriTooLongFailure
]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = 50,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | SessionPage
    | UriTooLongFailure
]:
    """List my sessions

     Live sessions, newest first, in pages; `meta.next` is the next page or null.

    Args:
        cursor (str | Unset):
        page_size (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | SessionPage | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        page_size=page_size,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = 50,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | SessionPage
    | UriTooLongFailure
    | None
):
    """List my sessions

     Live sessions, newest first, in pages; `meta.next` is the next page or null.

    Args:
        cursor (str | Unset):
        page_size (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | SessionPage | UriTooLongFailure
    """

    return sync_detailed(
        client=client,
        cursor=cursor,
        page_size=page_size,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = 50,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | SessionPage
    | UriTooLongFailure
]:
    """List my sessions

     Live sessions, newest first, in pages; `meta.next` is the next page or null.

    Args:
        cursor (str | Unset):
        page_size (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | SessionPage | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        page_size=page_size,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = 50,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestValidationErrorFailure
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | SessionPage
    | UriTooLongFailure
    | None
):
    """List my sessions

     Live sessions, newest first, in pages; `meta.next` is the next page or null.

    Args:
        cursor (str | Unset):
        page_size (int | Unset):  Default: 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestValidationErrorFailure | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | SessionPage | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            client=client,
            cursor=cursor,
            page_size=page_size,
        )
    ).parsed
