"""Actions of the vendor that are not emulated yet; they are refused by name.

The names are those of the official Python SDK: kms 3.1.192, tag 3.1.109, cam 3.1.181.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


KMS = _names("""
    AsymmetricRsaDecrypt AsymmetricSm2Decrypt BindCloudResource CancelDataKeyDeletion CreateWhiteBoxKey Decrypt
    DeleteImportedKeyMaterial DeleteWhiteBoxKey DescribeDataKey DescribeDataKeys DescribeWhiteBoxDecryptKey
    DescribeWhiteBoxDeviceFingerprints DescribeWhiteBoxKey DescribeWhiteBoxKeyDetails DescribeWhiteBoxServiceStatus
    DisableDataKey DisableDataKeys DisableWhiteBoxKey DisableWhiteBoxKeys EnableDataKey EnableDataKeys
    EnableWhiteBoxKey EnableWhiteBoxKeys Encrypt EncryptByWhiteBox GenerateDataKey GenerateRandom
    GetDataKeyCiphertextBlob GetDataKeyPlaintext GetParametersForImport GetPublicKey ImportDataKey ImportKeyMaterial
    ListDataKeyDetail ListDataKeys OverwriteWhiteBoxDeviceFingerprints PostQuantumCryptoDecrypt
    PostQuantumCryptoEncrypt PostQuantumCryptoSign PostQuantumCryptoVerify ReEncrypt ScheduleDataKeyDeletion
    SignByAsymmetricKey UnbindCloudResource UpdateDataKeyDescription UpdateDataKeyName VerifyByAsymmetricKey
""")

TAG = _names("""
    AddProject DescribeProjects DescribeResourceTags DescribeResourceTagsByResourceIdsSeq
    DescribeResourceTagsByTagKeys DescribeResourcesByTags DescribeResourcesByTagsUnion DescribeTagKeys
    DescribeTagValues DescribeTagValuesSeq DescribeTagsSeq UpdateProject
""")

CAM = _names("""
    AddUser AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy BuildDataFlowAuthToken
    ConsumeCustomMFAToken CreateAccessKey CreateGroup CreateMessageReceiver CreateOIDCConfig CreatePolicy
    CreatePolicyVersion CreateRole CreateSAMLProvider CreateServiceLinkedRole CreateSubAccountLoginIpPolicy
    CreateUserOIDCConfig CreateUserSAMLConfig DeleteAccessKey DeleteGroup DeleteMessageReceiver DeleteOIDCConfig
    DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePermissionsBoundary DeleteSAMLProvider
    DeleteServiceLinkedRole DeleteUser DeleteUserPermissionsBoundary DescribeOIDCConfig DescribeRoleList
    DescribeSafeAuthFlag DescribeSafeAuthFlagColl DescribeSafeAuthFlagIntl DescribeSubAccounts
    DescribeUserOIDCConfig DescribeUserSAMLConfig DetachGroupPolicy DetachRolePolicy DetachUserPolicy DisableUserSSO
    GetAccountSummary GetCustomMFATokenInfo GetGroup GetPasswordRules GetPolicy GetPolicyVersion GetRole
    GetRolePermissionBoundary GetSAMLProvider GetSecurityLastUsed GetServiceLinkedRoleDeletionStatus GetUser
    GetUserPermissionBoundary ListAccessKeys ListAccounts ListAttachedGroupPolicies ListAttachedRolePolicies
    ListAttachedUserAllPolicies ListAttachedUserPolicies ListCollaborators ListEntitiesForPolicy ListGroups
    ListGroupsForUser ListPolicies ListPoliciesGrantingServiceAccess ListPolicyVersions ListReceiver
    ListSAMLProviders ListUsers ListUsersForGroup ListWeChatWorkSubAccounts PutRolePermissionsBoundary
    PutUserPermissionsBoundary RemoveUserFromGroup SetDefaultPolicyVersion SetMfaFlag TagRole UntagRole
    UpdateAccessKey UpdateAssumeRolePolicy UpdateGroup UpdateOIDCConfig UpdatePasswordRules UpdatePolicy
    UpdateRoleConsoleLogin UpdateRoleDescription UpdateRoleSessionDuration UpdateSAMLProvider UpdateUser
    UpdateUserOIDCConfig UpdateUserSAMLConfig
""")
