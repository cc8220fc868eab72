from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.authentication_failed_not_authenticated_token_invalid_failure import (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure,
)
from ...models.bad_gateway_failure import BadGatewayFailure
from ...models.bad_request_failure import BadRequestFailure
from ...models.empty_envelope import EmptyEnvelope
from ...models.gateway_timeout_failure import GatewayTimeoutFailure
from ...models.headers_too_large_failure import HeadersTooLargeFailure
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/auth/sessions",
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | UriTooLongFailure
    | None
):
    if response.status_code == 200:
        response_200 = EmptyEnvelope.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = BadRequestFailure.from_dict(response.json())

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
    | BadRequestFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
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
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | UriTooLongFailure
]:
    """End all my sessions, this one too

     The caller's live sessions, newest first.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs()

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | UriTooLongFailure
    | None
):
    """End all my sessions, this one too

     The caller's live sessions, newest first.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | UriTooLongFailure
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
) -> Response[
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | UriTooLongFailure
]:
    """End all my sessions, this one too

     The caller's live sessions, newest first.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs()

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
) -> (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure
    | BadGatewayFailure
    | BadRequestFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | UriTooLongFailure
    | None
):
    """End all my sessions, this one too

     The caller's live sessions, newest first.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuthenticationFailedNotAuthenticatedTokenInvalidFailure | BadGatewayFailure | BadRequestFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
