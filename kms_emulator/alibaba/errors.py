"""The vendor's error codes: HTTP status, usual text, and how certain we are of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One error code. ``mark`` is its source: [S..] read there, [I] inferred with a reason, [I?] a guess."""

    status: int
    message: str
    mark: str


# Sources: S7 OpenAPI metadata of July 2024, S10 Terraform provider, S16 table of common error codes, S23 table of key
# states. The codes of the gateway in front of the service are spelt as other products behind the same gateway do.
FAULTS: Mapping[str, Fault] = {
    # The gateway
    "InvalidAction.NotFound": Fault(404, "The specified action is not found.", "[I]"),
    "InvalidVersion": Fault(400, "The specified parameter Version is not valid.", "[I?]"),
    "InvalidRegionId.NotFound": Fault(404, "The specified region is not found.", "[I?]"),
    "UnsupportedHTTPMethod": Fault(403, "This HTTP method is not supported.", "[S16]"),
    "IncompleteSignature": Fault(400, "The request signature does not conform to the standards.", "[S16]"),
    "InvalidAccessKeyId.NotFound": Fault(404, "The specified AccessKey ID is not found.", "[S7][S16]"),
    "InvalidSecurityToken.MismatchWithAccessKey": Fault(
        400, "The specified SecurityToken does not match the AccessKey.", "[I?]"
    ),
    "InvalidSecurityToken.Expired": Fault(400, "The specified SecurityToken has expired.", "[I]"),
    "IllegalTimestamp": Fault(400, "The input parameter Timestamp is missing or out of range.", "[S7][S16]"),
    "SignatureNonceUsed": Fault(400, "The request signature nonce has been used.", "[I]"),
    "ParseRequestParameterException": Fault(400, "The request parameters cannot be parsed.", "[S16]"),
    # The service as a whole
    "MissingParameter": Fault(400, "A required parameter is missing.", "[S7][S16]"),
    "InvalidParameter": Fault(400, "The specified parameter is not valid.", "[S7][S16]"),
    "Forbidden.NoPermission": Fault(403, "This operation is forbidden by permission system.", "[S7][S16]"),
    "Forbidden.KeyNotFound": Fault(404, "The specified Key is not found.", "[S7]"),
    "Forbidden.KeyVersionNotFound": Fault(404, "The specified KeyVersion is not found.", "[S16]"),
    "Forbidden.AliasNotFound": Fault(404, "The specified Alias is not found.", "[S7]"),
    "Forbidden.ResourceNotFound": Fault(404, "The specified resource is not found.", "[S7][S10]"),
    "Certificate.NotFound": Fault(404, "The specified certificate is not found.", "[S7]"),
    "AliasAlreadyExists": Fault(400, "The specified Alias already exists.", "[S16]"),
    "Rejected.LimitExceeded": Fault(400, "The request was rejected because the quota is used up.", "[S7]"),
    "Unsupported.Alias": Fault(400, "An alias is not supported here; specify the id of the key.", "[S16]"),
    "Unsupported.ProtectionLevel": Fault(400, "The specified ProtectionLevel is not supported.", "[S16]"),
    "UnsupportedOperation": Fault(400, "This action is not supported.", "[S7]"),
    "Rejected.UnsupportedOperation": Fault(400, "The operation is not supported for this key.", "[S7]"),
    "Rejected.Disabled": Fault(409, "The request was rejected because the key state is Disabled.", "[S7][S23]"),
    "Rejected.PendingDeletion": Fault(
        409, "The request was rejected because the key state is PendingDeletion.", "[S7][S23]"
    ),
    "Rejected.PendingImport": Fault(
        409, "The request was rejected because the key state is PendingImport.", "[S7][S23]"
    ),
    "Rejected.StateModifiedFailed": Fault(409, "The state of the key cannot be changed from here.", "[S23]"),
    "Rejected.Throttling": Fault(429, "QPS Limit Exceeded", "[S10][S16]"),
    "InternalFailure": Fault(500, "Internal Failure", "[S7]"),
    "ServiceUnavailableTemporary": Fault(503, "Service Unavailable Temporary", "[S7][S16]"),
    "Unsupported.Origin": Fault(400, "The Origin of the key does not support this operation.", "[S7]"),
    "InvalidKeyMaterial": Fault(400, "The specified key material is not valid.", "[S7]"),
    "InvalidImportToken": Fault(400, "The specified import token is not valid.", "[S7]"),
    "ExpiredImportToken": Fault(400, "The specified import token has expired.", "[S7]"),
    "Rejected.ResourceExist": Fault(409, "The specified resource already exists.", "[S7]"),
    "Rejected.ResourceInDeleteWindow": Fault(409, "The resource waits for its deletion.", "[S7]"),
    "Rejected.ResourceInUse": Fault(409, "The resource is in use.", "[S7]"),
    "Rejected.InvalidRequest": Fault(400, "The request does not fit the resource.", "[S7]"),
    # DryRun: the three reasons are [S1], that they are the codes of answers is not said there
    "DryRunOperationError": Fault(400, "The request would have succeeded without DryRun.", "[S1], as a code [I?]"),
    "ValidationError": Fault(400, "A parameter of the request is not valid.", "[S1], as a code [I?]"),
    "AccessDeniedError": Fault(403, "This operation is forbidden by permission system.", "[S1], as a code [I?]"),
    # The security token service [STS]: the vendor's pages on AssumeRole, its errors, and common errors (42775)
    "MissingRoleArn": Fault(400, "RoleArn is mandatory for this action.", "[I] from MissingSecurityToken"),
    "MissingRoleSessionName": Fault(
        400, "RoleSessionName is mandatory for this action.", "[I] from MissingSecurityToken"
    ),
    "InvalidParameter.RoleArn": Fault(400, "The parameter RoleArn is wrongly formed.", "[I] from RoleSessionName"),
    "InvalidParameter.RoleSessionName": Fault(
        400, "The parameter RoleSessionName is wrongly formed.", "[STS], status [I]"
    ),
    "InvalidParameter.DurationSeconds": Fault(400, "The parameter DurationSeconds is out of range.", "[I]"),
    "InvalidParameter.PolicyGrammar": Fault(
        400, "The parameter Policy has not passed grammar check.", "[STS], status [I]"
    ),
    "InvalidParameter.PolicySize": Fault(400, "The parameter Policy is too long.", "[I]"),
    "EntityNotExist.Role": Fault(404, "The specified role does not exist.", "[I]"),
    "NoPermission": Fault(
        403, "You are not authorized to do this action. You should be authorized by RAM.", "[STS], status [I]"
    ),
    # Particular calls
    "Forbidden.DKMSInstanceNotFound": Fault(403, "The specified DKMSInstance is not found.", "[S7]"),
    "Forbidden.DKMSInstanceStateInvalid": Fault(
        403, "The state of the specified DKMSInstance is not valid.", "[S7][S10], status [I]"
    ),
    "Forbidden.KeyPolicyUnSupported": Fault(400, "The key does not support a key policy.", "[S7], for CreateKey [I]"),
    "Rejected.ShareQuotaExceedLimit": Fault(
        400, "The access management quota of the instance is used up.", "[S7][S13]"
    ),
    "InvalidResourceId.NotFound": Fault(404, "The specified ResourceIds are not found.", "[S7]"),
    "InvalidParameter.TagKey": Fault(400, "The specified tag key is not valid.", "[S7]"),
    "InvalidParameter.TagValue": Fault(400, "The specified tag value is not valid.", "[S7]"),
    "Duplicate.TagKey": Fault(400, "The specified tag keys contain a duplicate.", "[S7]"),
}

# What the vendor does not document, in one place to change when it becomes known.
SCHEDULE_PROTECTED_KEY = "Rejected.UnsupportedOperation"  # [I] ScheduleKeyDeletion on a protected key
PROTECT_PENDING_KEY = "Rejected.StateModifiedFailed"  # [I] SetDeletionProtection in PendingDeletion
SECOND_DEFAULT_KEY = "UnsupportedOperation"  # [I] the other candidate is Rejected.LimitExceeded
CHANGE_SERVICE_KEY = "UnsupportedOperation"  # [I?] that it is refused is [S19]
TOO_MANY_TAGS = "Rejected.LimitExceeded"  # [I?]
PUBLIC_ACCESS_OFF = "UnsupportedOperation"  # [I?] that it is refused is [S9][S21]
WRONG_USAGE = "UnsupportedOperation"  # [I]
GENERIC_ROTATION = "UnsupportedOperation"  # [I?] that secrets of the type Generic do not rotate is [S9]
MANAGED_VALUE = "UnsupportedOperation"  # [I?] PutSecretValue is for Generic only [S7][S11]
NO_POLICY_NAME = "Forbidden.ResourceNotFound"  # [S7] for keys, the same for secrets [I]
CERTIFICATE_STATE = "Rejected.InvalidRequest"  # [I?] a certificate that is not active, or the wrong kind of key
VERSION_TOO_SOON = "Rejected.UnsupportedOperation"  # [I?] that it is refused is [S9]


class VendorError(Exception):
    """A refusal in the vendor's words. ``code`` is one of ``FAULTS``; ``message`` replaces the usual text.

    ``detail`` tells of a lack of permission.
    """

    def __init__(
        self, code: str, message: str = "", status: int | None = None, detail: Mapping[str, object] | None = None
    ) -> None:
        fault = FAULTS[code]
        self.code, self.detail = code, detail
        self.message = message or fault.message
        self.status = fault.status if status is None else status
        super().__init__(f"{code}: {self.message}")


def missing(name: str) -> VendorError:
    """A required parameter is absent."""
    return VendorError("MissingParameter", f"The parameter {name} is required.")


def invalid(name: str, why: str = "") -> VendorError:
    """A parameter has a value that is refused; the message names it, as the vendor's does."""
    return VendorError("InvalidParameter", f"The specified parameter {name} is not valid{': ' if why else ''}{why}.")


def dry_run_reason(refusal: VendorError) -> VendorError:
    """What DryRun answers in place of a refusal: it names one of two reasons only."""
    if refusal.code == "Forbidden.NoPermission":
        return VendorError("AccessDeniedError", refusal.message, detail=refusal.detail)
    return VendorError("ValidationError", refusal.message)
