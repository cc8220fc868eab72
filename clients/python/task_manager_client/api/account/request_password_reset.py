from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.bad_gateway_failure import BadGatewayFailure
from ...models.bad_request_malformed_json_validation_error_failure import (
    BadRequestMalformedJsonValidationErrorFailure,
)
from ...models.empty_envelope import EmptyEnvelope
from ...models.gateway_timeout_failure import GatewayTimeoutFailure
from ...models.headers_too_large_failure import HeadersTooLargeFailure
from ...models.password_reset_request import PasswordResetRequest
from ...models.payload_too_large_failure import PayloadTooLargeFailure
from ...models.server_error_failure import ServerErrorFailure
from ...models.service_unavailable_failure import ServiceUnavailableFailure
from ...models.throttled_failure import ThrottledFailure
from ...models.unsupported_media_type_failure import UnsupportedMediaTypeFailure
from ...models.uri_too_long_failure import UriTooLongFailure
from ...types import Response


def _get_kwargs(
    *,
    body: PasswordResetRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/auth/password/reset",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> (
    BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    if response.status_code == 200:
        response_200 = EmptyEnvelope.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = BadRequestMalformedJsonValidationErrorFailure.from_dict(response.json())

        return response_400

    if response.status_code == 413:
        response_413 = PayloadTooLargeFailure.from_dict(response.json())

        return response_413

    if response.status_code == 414:
        response_414 = UriTooLongFailure.from_dict(response.json())

        return response_414

    if response.status_code == 415:
        response_415 = UnsupportedMediaTypeFailure.from_dict(response.json())

        return response_415

    if response.status_code == 429:
        response_429 = ThrottledFailure.from_dict(response.json())

        return response_429

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
    BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
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
    client: AuthenticatedClient | Client,
    body: PasswordResetRequest,
) -> Response[
    BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Ask for a password reset

     Send a reset token, good once and for one hour, to an address; the answer never says if it has an
    account.

    A mailbox gets at most one mail in two minutes and three in an hour, however many clients ask.
    Further requests get
    the same answer but send no mail; the last token stays valid.

    Args:
        body (PasswordResetRequest): Whose password to reset.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: PasswordResetRequest,
) -> (
    BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Ask for a password reset

     Send a reset token, good once and for one hour, to an address; the answer never says if it has an
    account.

    A mailbox gets at most one mail in two minutes and three in an hour, however many clients ask.
    Further requests get
    the same answer but send no mail; the last token stays valid.

    Args:
        body (PasswordResetRequest): Whose password to reset.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: PasswordResetRequest,
) -> Response[
    BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
]:
    """Ask for a password reset

     Send a reset token, good once and for one hour, to an address; the answer never says if it has an
    account.

    A mailbox gets at most one mail in two minutes and three in an hour, however many clients ask.
    Further requests get
    the same answer but send no mail; the last token stays valid.

    Args:
        body (PasswordResetRequest): Whose password to reset.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: PasswordResetRequest,
) -> (
    BadGatewayFailure
    | BadRequestMalformedJsonValidationErrorFailure
    | EmptyEnvelope
    | GatewayTimeoutFailure
    | HeadersTooLargeFailure
    | PayloadTooLargeFailure
    | ServerErrorFailure
    | ServiceUnavailableFailure
    | ThrottledFailure
    | UnsupportedMediaTypeFailure
    | UriTooLongFailure
    | None
):
    """Ask for a password reset

     Send a reset token, good once and for one hour, to an address; the answer never says if it has an
    account.

    A mailbox gets at most one mail in two minutes and three in an hour, however many clients ask.
    Further requests get
    the same answer but send no mail; the last token stays valid.

    Args:
        body (PasswordResetRequest): Whose password to reset.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BadGatewayFailure | BadRequestMalformedJsonValidationErrorFailure | EmptyEnvelope | GatewayTimeoutFailure | HeadersTooLargeFailure | PayloadTooLargeFailure | ServerErrorFailure | ServiceUnavailableFailure | ThrottledFailure | UnsupportedMediaTypeFailure | UriTooLongFailure
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
