"""Actions of the vendor that are not emulated yet; they are refused by name.

The names are those of the official Python SDK: kms 3.1.192, tag 3.1.109, cam 3.1.181, sts 3.0.1459.
"""

from __future__ import annotations


def names(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


KMS = names("""
    CreateWhiteBoxKey DeleteWhiteBoxKey DescribeWhiteBoxDecryptKey DescribeWhiteBoxDeviceFingerprints
    DescribeWhiteBoxKey DescribeWhiteBoxKeyDetails DescribeWhiteBoxServiceStatus DisableWhiteBoxKey
    DisableWhiteBoxKeys EnableWhiteBoxKey EnableWhiteBoxKeys EncryptByWhiteBox OverwriteWhiteBoxDeviceFingerprints
    PostQuantumCryptoDecrypt PostQuantumCryptoEncrypt PostQuantumCryptoSign PostQuantumCryptoVerify
""")

TAG = names("""
    AddProject DescribeProjects DescribeResourceTags DescribeResourceTagsByResourceIdsSeq
    DescribeResourceTagsByTagKeys DescribeResourcesByTags DescribeResourcesByTagsUnion DescribeTagKeys
    DescribeTagValues DescribeTagValuesSeq DescribeTagsSeq UpdateProject
""")

CAM = names("""
    AddUser AddUserToGroup BuildDataFlowAuthToken ConsumeCustomMFAToken CreateAccessKey CreateGroup
    CreateMessageReceiver CreateOIDCConfig CreateSAMLProvider CreateServiceLinkedRole CreateSubAccountLoginIpPolicy
    CreateUserOIDCConfig CreateUserSAMLConfig DeleteAccessKey DeleteGroup DeleteMessageReceiver DeleteOIDCConfig
    DeleteRolePermissionsBoundary DeleteSAMLProvider DeleteServiceLinkedRole DeleteUser
    DeleteUserPermissionsBoundary DescribeOIDCConfig DescribeSafeAuthFlag DescribeSafeAuthFlagColl
    DescribeSafeAuthFlagIntl DescribeSubAccounts DescribeUserOIDCConfig DescribeUserSAMLConfig DisableUserSSO
    GetAccountSummary GetCustomMFATokenInfo GetPasswordRules GetRolePermissionBoundary GetSAMLProvider
    GetSecurityLastUsed GetServiceLinkedRoleDeletionStatus GetUserPermissionBoundary ListAccessKeys ListAccounts
    ListCollaborators ListPoliciesGrantingServiceAccess ListReceiver ListSAMLProviders ListWeChatWorkSubAccounts
    PutRolePermissionsBoundary PutUserPermissionsBoundary RemoveUserFromGroup SetMfaFlag TagRole UntagRole
    UpdateAccessKey UpdateGroup UpdateOIDCConfig UpdatePasswordRules UpdateRoleConsoleLogin UpdateRoleDescription
    UpdateRoleSessionDuration UpdateSAMLProvider UpdateUser UpdateUserOIDCConfig UpdateUserSAMLConfig
""")

STS = names("""
    AssumeRoleWithSAML AssumeRoleWithWebIdentity GetFederationToken GetSessionToken QueryApiKey
""")
