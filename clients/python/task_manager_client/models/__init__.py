"""Contains all the data models used in inputs/outputs"""

from .account import Account
from .account_envelope import AccountEnvelope
from .authentication_failed_not_authenticated_token_invalid_code import (
    AuthenticationFailedNotAuthenticatedTokenInvalidCode,
)
from .authentication_failed_not_authenticated_token_invalid_error import (
    AuthenticationFailedNotAuthenticatedTokenInvalidError,
)
from .authentication_failed_not_authenticated_token_invalid_error_details_type_0 import (
    AuthenticationFailedNotAuthenticatedTokenInvalidErrorDetailsType0,
)
from .authentication_failed_not_authenticated_token_invalid_error_details_type_0_additional_property_type_1 import (
    AuthenticationFailedNotAuthenticatedTokenInvalidErrorDetailsType0AdditionalPropertyType1,
)
from .authentication_failed_not_authenticated_token_invalid_failure import (
    AuthenticationFailedNotAuthenticatedTokenInvalidFailure,
)
from .bad_gateway_code import BadGatewayCode
from .bad_gateway_error import BadGatewayError
from .bad_gateway_error_details_type_0 import BadGatewayErrorDetailsType0
from .bad_gateway_error_details_type_0_additional_property_type_1 import (
    BadGatewayErrorDetailsType0AdditionalPropertyType1,
)
from .bad_gateway_failure import BadGatewayFailure
from .bad_request_code import BadRequestCode
from .bad_request_error import BadRequestError
from .bad_request_error_details_type_0 import BadRequestErrorDetailsType0
from .bad_request_error_details_type_0_additional_property_type_1 import (
    BadRequestErrorDetailsType0AdditionalPropertyType1,
)
from .bad_request_failure import BadRequestFailure
from .bad_request_malformed_json_user_not_found_validation_error_code import (
    BadRequestMalformedJsonUserNotFoundValidationErrorCode,
)
from .bad_request_malformed_json_user_not_found_validation_error_error import (
    BadRequestMalformedJsonUserNotFoundValidationErrorError,
)
from .bad_request_malformed_json_user_not_found_validation_error_error_details_type_0 import (
    BadRequestMalformedJsonUserNotFoundValidationErrorErrorDetailsType0,
)
from .bad_request_malformed_json_user_not_found_validation_error_error_details_type_0_additional_property_type_1 import (
    BadRequestMalformedJsonUserNotFoundValidationErrorErrorDetailsType0AdditionalPropertyType1,
)
from .bad_request_malformed_json_user_not_found_validation_error_failure import (
    BadRequestMalformedJsonUserNotFoundValidationErrorFailure,
)
from .bad_request_malformed_json_validation_error_code import (
    BadRequestMalformedJsonValidationErrorCode,
)
from .bad_request_malformed_json_validation_error_error import (
    BadRequestMalformedJsonValidationErrorError,
)
from .bad_request_malformed_json_validation_error_error_details_type_0 import (
    BadRequestMalformedJsonValidationErrorErrorDetailsType0,
)
from .bad_request_malformed_json_validation_error_error_details_type_0_additional_property_type_1 import (
    BadRequestMalformedJsonValidationErrorErrorDetailsType0AdditionalPropertyType1,
)
from .bad_request_malformed_json_validation_error_failure import (
    BadRequestMalformedJsonValidationErrorFailure,
)
from .bad_request_search_too_slow_validation_error_code import (
    BadRequestSearchTooSlowValidationErrorCode,
)
from .bad_request_search_too_slow_validation_error_error import (
    BadRequestSearchTooSlowValidationErrorError,
)
from .bad_request_search_too_slow_validation_error_error_details_type_0 import (
    BadRequestSearchTooSlowValidationErrorErrorDetailsType0,
)
from .bad_request_search_too_slow_validation_error_error_details_type_0_additional_property_type_1 import (
    BadRequestSearchTooSlowValidationErrorErrorDetailsType0AdditionalPropertyType1,
)
from .bad_request_search_too_slow_validation_error_failure import (
    BadRequestSearchTooSlowValidationErrorFailure,
)
from .bad_request_validation_error_code import BadRequestValidationErrorCode
from .bad_request_validation_error_error import BadRequestValidationErrorError
from .bad_request_validation_error_error_details_type_0 import (
    BadRequestValidationErrorErrorDetailsType0,
)
from .bad_request_validation_error_error_details_type_0_additional_property_type_1 import (
    BadRequestValidationErrorErrorDetailsType0AdditionalPropertyType1,
)
from .bad_request_validation_error_failure import BadRequestValidationErrorFailure
from .email_taken_code import EmailTakenCode
from .email_taken_error import EmailTakenError
from .email_taken_error_details_type_0 import EmailTakenErrorDetailsType0
from .email_taken_error_details_type_0_additional_property_type_1 import (
    EmailTakenErrorDetailsType0AdditionalPropertyType1,
)
from .email_taken_failure import EmailTakenFailure
from .empty_envelope import EmptyEnvelope
from .field_error import FieldError
from .gateway_timeout_code import GatewayTimeoutCode
from .gateway_timeout_error import GatewayTimeoutError
from .gateway_timeout_error_details_type_0 import GatewayTimeoutErrorDetailsType0
from .gateway_timeout_error_details_type_0_additional_property_type_1 import (
    GatewayTimeoutErrorDetailsType0AdditionalPropertyType1,
)
from .gateway_timeout_failure import GatewayTimeoutFailure
from .headers_too_large_code import HeadersTooLargeCode
from .headers_too_large_error import HeadersTooLargeError
from .headers_too_large_error_details_type_0 import HeadersTooLargeErrorDetailsType0
from .headers_too_large_error_details_type_0_additional_property_type_1 import (
    HeadersTooLargeErrorDetailsType0AdditionalPropertyType1,
)
from .headers_too_large_failure import HeadersTooLargeFailure
from .idempotency_key_reused_code import IdempotencyKeyReusedCode
from .idempotency_key_reused_error import IdempotencyKeyReusedError
from .idempotency_key_reused_error_details_type_0 import (
    IdempotencyKeyReusedErrorDetailsType0,
)
from .idempotency_key_reused_error_details_type_0_additional_property_type_1 import (
    IdempotencyKeyReusedErrorDetailsType0AdditionalPropertyType1,
)
from .idempotency_key_reused_failure import IdempotencyKeyReusedFailure
from .identity import Identity
from .identity_envelope import IdentityEnvelope
from .invalid_credentials_code import InvalidCredentialsCode
from .invalid_credentials_error import InvalidCredentialsError
from .invalid_credentials_error_details_type_0 import (
    InvalidCredentialsErrorDetailsType0,
)
from .invalid_credentials_error_details_type_0_additional_property_type_1 import (
    InvalidCredentialsErrorDetailsType0AdditionalPropertyType1,
)
from .invalid_credentials_failure import InvalidCredentialsFailure
from .limit_reached_request_in_flight_code import LimitReachedRequestInFlightCode
from .limit_reached_request_in_flight_error import LimitReachedRequestInFlightError
from .limit_reached_request_in_flight_error_details_type_0 import (
    LimitReachedRequestInFlightErrorDetailsType0,
)
from .limit_reached_request_in_flight_error_details_type_0_additional_property_type_1 import (
    LimitReachedRequestInFlightErrorDetailsType0AdditionalPropertyType1,
)
from .limit_reached_request_in_flight_failure import LimitReachedRequestInFlightFailure
from .linked_task import LinkedTask
from .linked_task_resource import LinkedTaskResource
from .list_task_resources_ordering import ListTaskResourcesOrdering
from .list_task_resources_priority import ListTaskResourcesPriority
from .list_task_resources_status import ListTaskResourcesStatus
from .list_tasks_ordering import ListTasksOrdering
from .list_tasks_priority import ListTasksPriority
from .list_tasks_status import ListTasksStatus
from .login_request import LoginRequest
from .meta import Meta
from .my_tasks import MyTasks
from .my_tasks_envelope import MyTasksEnvelope
from .new_task_resource_request import NewTaskResourceRequest
from .not_found_code import NotFoundCode
from .not_found_error import NotFoundError
from .not_found_error_details_type_0 import NotFoundErrorDetailsType0
from .not_found_error_details_type_0_additional_property_type_1 import (
    NotFoundErrorDetailsType0AdditionalPropertyType1,
)
from .not_found_failure import NotFoundFailure
from .own_account import OwnAccount
from .own_account_envelope import OwnAccountEnvelope
from .own_profile import OwnProfile
from .own_profile_envelope import OwnProfileEnvelope
from .password_change_request import PasswordChangeRequest
from .password_request import PasswordRequest
from .password_reset_confirm_request import PasswordResetConfirmRequest
from .password_reset_request import PasswordResetRequest
from .patched_named_task_request import PatchedNamedTaskRequest
from .patched_profile_request import PatchedProfileRequest
from .patched_task_reference_request import PatchedTaskReferenceRequest
from .patched_task_request import PatchedTaskRequest
from .patched_task_resource_request import PatchedTaskResourceRequest
from .patched_user_request import PatchedUserRequest
from .payload_too_large_code import PayloadTooLargeCode
from .payload_too_large_error import PayloadTooLargeError
from .payload_too_large_error_details_type_0 import PayloadTooLargeErrorDetailsType0
from .payload_too_large_error_details_type_0_additional_property_type_1 import (
    PayloadTooLargeErrorDetailsType0AdditionalPropertyType1,
)
from .payload_too_large_failure import PayloadTooLargeFailure
from .precondition_failed_code import PreconditionFailedCode
from .precondition_failed_error import PreconditionFailedError
from .precondition_failed_error_details_type_0 import (
    PreconditionFailedErrorDetailsType0,
)
from .precondition_failed_error_details_type_0_additional_property_type_1 import (
    PreconditionFailedErrorDetailsType0AdditionalPropertyType1,
)
from .precondition_failed_failure import PreconditionFailedFailure
from .priority_enum import PriorityEnum
from .profile import Profile
from .profile_envelope import ProfileEnvelope
from .profile_exists_code import ProfileExistsCode
from .profile_exists_error import ProfileExistsError
from .profile_exists_error_details_type_0 import ProfileExistsErrorDetailsType0
from .profile_exists_error_details_type_0_additional_property_type_1 import (
    ProfileExistsErrorDetailsType0AdditionalPropertyType1,
)
from .profile_exists_failure import ProfileExistsFailure
from .profile_not_found_code import ProfileNotFoundCode
from .profile_not_found_error import ProfileNotFoundError
from .profile_not_found_error_details_type_0 import ProfileNotFoundErrorDetailsType0
from .profile_not_found_error_details_type_0_additional_property_type_1 import (
    ProfileNotFoundErrorDetailsType0AdditionalPropertyType1,
)
from .profile_not_found_failure import ProfileNotFoundFailure
from .profile_request import ProfileRequest
from .refresh_request import RefreshRequest
from .register_request import RegisterRequest
from .server_error_code import ServerErrorCode
from .server_error_error import ServerErrorError
from .server_error_error_details_type_0 import ServerErrorErrorDetailsType0
from .server_error_error_details_type_0_additional_property_type_1 import (
    ServerErrorErrorDetailsType0AdditionalPropertyType1,
)
from .server_error_failure import ServerErrorFailure
from .service_unavailable_code import ServiceUnavailableCode
from .service_unavailable_error import ServiceUnavailableError
from .service_unavailable_error_details_type_0 import (
    ServiceUnavailableErrorDetailsType0,
)
from .service_unavailable_error_details_type_0_additional_property_type_1 import (
    ServiceUnavailableErrorDetailsType0AdditionalPropertyType1,
)
from .service_unavailable_failure import ServiceUnavailableFailure
from .session import Session
from .session_page import SessionPage
from .status_enum import StatusEnum
from .task import Task
from .task_envelope import TaskEnvelope
from .task_list_envelope import TaskListEnvelope
from .task_page import TaskPage
from .task_request import TaskRequest
from .task_resource import TaskResource
from .throttled_code import ThrottledCode
from .throttled_error import ThrottledError
from .throttled_error_details_type_0 import ThrottledErrorDetailsType0
from .throttled_error_details_type_0_additional_property_type_1 import (
    ThrottledErrorDetailsType0AdditionalPropertyType1,
)
from .throttled_failure import ThrottledFailure
from .token_invalid_code import TokenInvalidCode
from .token_invalid_error import TokenInvalidError
from .token_invalid_error_details_type_0 import TokenInvalidErrorDetailsType0
from .token_invalid_error_details_type_0_additional_property_type_1 import (
    TokenInvalidErrorDetailsType0AdditionalPropertyType1,
)
from .token_invalid_failure import TokenInvalidFailure
from .token_pair import TokenPair
from .token_pair_envelope import TokenPairEnvelope
from .token_request import TokenRequest
from .unsupported_media_type_code import UnsupportedMediaTypeCode
from .unsupported_media_type_error import UnsupportedMediaTypeError
from .unsupported_media_type_error_details_type_0 import (
    UnsupportedMediaTypeErrorDetailsType0,
)
from .unsupported_media_type_error_details_type_0_additional_property_type_1 import (
    UnsupportedMediaTypeErrorDetailsType0AdditionalPropertyType1,
)
from .unsupported_media_type_failure import UnsupportedMediaTypeFailure
from .uri_too_long_code import UriTooLongCode
from .uri_too_long_error import UriTooLongError
from .uri_too_long_error_details_type_0 import UriTooLongErrorDetailsType0
from .uri_too_long_error_details_type_0_additional_property_type_1 import (
    UriTooLongErrorDetailsType0AdditionalPropertyType1,
)
from .uri_too_long_failure import UriTooLongFailure
from .user import User
from .user_request import UserRequest
from .user_tasks import UserTasks
from .wrong_password_code import WrongPasswordCode
from .wrong_password_error import WrongPasswordError
from .wrong_password_error_details_type_0 import WrongPasswordErrorDetailsType0
from .wrong_password_error_details_type_0_additional_property_type_1 import (
    WrongPasswordErrorDetailsType0AdditionalPropertyType1,
)
from .wrong_password_failure import WrongPasswordFailure

__all__ = (
    "Account",
    "AccountEnvelope",
    "AuthenticationFailedNotAuthenticatedTokenInvalidCode",
    "AuthenticationFailedNotAuthenticatedTokenInvalidError",
    "AuthenticationFailedNotAuthenticatedTokenInvalidErrorDetailsType0",
    "AuthenticationFailedNotAuthenticatedTokenInvalidErrorDetailsType0AdditionalPropertyType1",
    "AuthenticationFailedNotAuthenticatedTokenInvalidFailure",
    "BadGatewayCode",
    "BadGatewayError",
    "BadGatewayErrorDetailsType0",
    "BadGatewayErrorDetailsType0AdditionalPropertyType1",
    "BadGatewayFailure",
    "BadRequestCode",
    "BadRequestError",
    "BadRequestErrorDetailsType0",
    "BadRequestErrorDetailsType0AdditionalPropertyType1",
    "BadRequestFailure",
    "BadRequestMalformedJsonUserNotFoundValidationErrorCode",
    "BadRequestMalformedJsonUserNotFoundValidationErrorError",
    "BadRequestMalformedJsonUserNotFoundValidationErrorErrorDetailsType0",
    "BadRequestMalformedJsonUserNotFoundValidationErrorErrorDetailsType0AdditionalPropertyType1",
    "BadRequestMalformedJsonUserNotFoundValidationErrorFailure",
    "BadRequestMalformedJsonValidationErrorCode",
    "BadRequestMalformedJsonValidationErrorError",
    "BadRequestMalformedJsonValidationErrorErrorDetailsType0",
    "BadRequestMalformedJsonValidationErrorErrorDetailsType0AdditionalPropertyType1",
    "BadRequestMalformedJsonValidationErrorFailure",
    "BadRequestSearchTooSlowValidationErrorCode",
    "BadRequestSearchTooSlowValidationErrorError",
    "BadRequestSearchTooSlowValidationErrorErrorDetailsType0",
    "BadRequestSearchTooSlowValidationErrorErrorDetailsType0AdditionalPropertyType1",
    "BadRequestSearchTooSlowValidationErrorFailure",
    "BadRequestValidationErrorCode",
    "BadRequestValidationErrorError",
    "BadRequestValidationErrorErrorDetailsType0",
    "BadRequestValidationErrorErrorDetailsType0AdditionalPropertyType1",
    "BadRequestValidationErrorFailure",
    "EmailTakenCode",
    "EmailTakenError",
    "EmailTakenErrorDetailsType0",
    "EmailTakenErrorDetailsType0AdditionalPropertyType1",
    "EmailTakenFailure",
    "EmptyEnvelope",
    "FieldError",
    "GatewayTimeoutCode",
    "GatewayTimeoutError",
    "GatewayTimeoutErrorDetailsType0",
    "GatewayTimeoutErrorDetailsType0AdditionalPropertyType1",
    "GatewayTimeoutFailure",
    "HeadersTooLargeCode",
    "HeadersTooLargeError",
    "HeadersTooLargeErrorDetailsType0",
    "HeadersTooLargeErrorDetailsType0AdditionalPropertyType1",
    "HeadersTooLargeFailure",
    "IdempotencyKeyReusedCode",
    "IdempotencyKeyReusedError",
    "IdempotencyKeyReusedErrorDetailsType0",
    "IdempotencyKeyReusedErrorDetailsType0AdditionalPropertyType1",
    "IdempotencyKeyReusedFailure",
    "Identity",
    "IdentityEnvelope",
    "InvalidCredentialsCode",
    "InvalidCredentialsError",
    "InvalidCredentialsErrorDetailsType0",
    "InvalidCredentialsErrorDetailsType0AdditionalPropertyType1",
    "InvalidCredentialsFailure",
    "LimitReachedRequestInFlightCode",
    "LimitReachedRequestInFlightError",
    "LimitReachedRequestInFlightErrorDetailsType0",
    "LimitReachedRequestInFlightErrorDetailsType0AdditionalPropertyType1",
    "LimitReachedRequestInFlightFailure",
    "LinkedTask",
    "LinkedTaskResource",
    "ListTaskResourcesOrdering",
    "ListTaskResourcesPriority",
    "ListTaskResourcesStatus",
    "ListTasksOrdering",
    "ListTasksPriority",
    "ListTasksStatus",
    "LoginRequest",
    "Meta",
    "MyTasks",
    "MyTasksEnvelope",
    "NewTaskResourceRequest",
    "NotFoundCode",
    "NotFoundError",
    "NotFoundErrorDetailsType0",
    "NotFoundErrorDetailsType0AdditionalPropertyType1",
    "NotFoundFailure",
    "OwnAccount",
    "OwnAccountEnvelope",
    "OwnProfile",
    "OwnProfileEnvelope",
    "PasswordChangeRequest",
    "PasswordRequest",
    "PasswordResetConfirmRequest",
    "PasswordResetRequest",
    "PatchedNamedTaskRequest",
    "PatchedProfileRequest",
    "PatchedTaskReferenceRequest",
    "PatchedTaskRequest",
    "PatchedTaskResourceRequest",
    "PatchedUserRequest",
    "PayloadTooLargeCode",
    "PayloadTooLargeError",
    "PayloadTooLargeErrorDetailsType0",
    "PayloadTooLargeErrorDetailsType0AdditionalPropertyType1",
    "PayloadTooLargeFailure",
    "PreconditionFailedCode",
    "PreconditionFailedError",
    "PreconditionFailedErrorDetailsType0",
    "PreconditionFailedErrorDetailsType0AdditionalPropertyType1",
    "PreconditionFailedFailure",
    "PriorityEnum",
    "Profile",
    "ProfileEnvelope",
    "ProfileExistsCode",
    "ProfileExistsError",
    "ProfileExistsErrorDetailsType0",
    "ProfileExistsErrorDetailsType0AdditionalPropertyType1",
    "ProfileExistsFailure",
    "ProfileNotFoundCode",
    "ProfileNotFoundError",
    "ProfileNotFoundErrorDetailsType0",
    "ProfileNotFoundErrorDetailsType0AdditionalPropertyType1",
    "ProfileNotFoundFailure",
    "ProfileRequest",
    "RefreshRequest",
    "RegisterRequest",
    "ServerErrorCode",
    "ServerErrorError",
    "ServerErrorErrorDetailsType0",
    "ServerErrorErrorDetailsType0AdditionalPropertyType1",
    "ServerErrorFailure",
    "ServiceUnavailableCode",
    "ServiceUnavailableError",
    "ServiceUnavailableErrorDetailsType0",
    "ServiceUnavailableErrorDetailsType0AdditionalPropertyType1",
    "ServiceUnavailableFailure",
    "Session",
    "SessionPage",
    "StatusEnum",
    "Task",
    "TaskEnvelope",
    "TaskListEnvelope",
    "TaskPage",
    "TaskRequest",
    "TaskResource",
    "ThrottledCode",
    "ThrottledError",
    "ThrottledErrorDetailsType0",
    "ThrottledErrorDetailsType0AdditionalPropertyType1",
    "ThrottledFailure",
    "TokenInvalidCode",
    "TokenInvalidError",
    "TokenInvalidErrorDetailsType0",
    "TokenInvalidErrorDetailsType0AdditionalPropertyType1",
    "TokenInvalidFailure",
    "TokenPair",
    "TokenPairEnvelope",
    "TokenRequest",
    "UnsupportedMediaTypeCode",
    "UnsupportedMediaTypeError",
    "UnsupportedMediaTypeErrorDetailsType0",
    "UnsupportedMediaTypeErrorDetailsType0AdditionalPropertyType1",
    "UnsupportedMediaTypeFailure",
    "UriTooLongCode",
    "UriTooLongError",
    "UriTooLongErrorDetailsType0",
    "UriTooLongErrorDetailsType0AdditionalPropertyType1",
    "UriTooLongFailure",
    "User",
    "UserRequest",
    "UserTasks",
    "WrongPasswordCode",
    "WrongPasswordError",
    "WrongPasswordErrorDetailsType0",
    "WrongPasswordErrorDetailsType0AdditionalPropertyType1",
    "WrongPasswordFailure",
)
