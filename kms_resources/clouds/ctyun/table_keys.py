"""The rows of keys, aliases, import, versions and cryptography: 35 of CTYun's 80 operations."""

from __future__ import annotations

from kms_resources.clouds.ctyun.table import Group, Operation, row

_PAGES = "pageNumber:N? pageSize:N?"
_PAGED = "totalCount:N pageNumber:N pageSize:N"
_MADE_WITH = "cmkUuid keyVersionId [I]"

_KEYS = (
    row(
        Group.KEYS, "创建用户主密钥", "/v1/cmkManage/createKey", "I, sister path S6",
        "keySpec! keyUsage! protectionLevel! [I, check S4] origin? description? [I] enableAutomaticRotation:B? "
        "rotationInterval? [I, check S4] instanceId? epId? [I, S5 for certificates] aliasName? [I?]",
        "cmkUuid [S6]",
        once=True,
    ),
    row(Group.KEYS, "启用密钥", "/v1/cmkManage/enableKey", "S1", "cmkUuid! [S1]"),
    row(Group.KEYS, "禁用密钥", "/v1/cmkManage/disableKey", "I", "cmkUuid! [I]"),
    row(
        Group.KEYS, "计划删除密钥", "/v1/cmkManage/scheduleKeyDeletion", "I",
        "cmkUuid! [I] pendingWindowInDays:N! [I, check S4, range S8]", "deleteDate [I?]",
    ),
    row(Group.KEYS, "取消计划删除密钥", "/v1/cmkManage/cancelKeyDeletion", "I", "cmkUuid! [I]"),
    row(Group.KEYS, "更新密钥描述", "/v1/cmkManage/updateKeyDescription", "I", "cmkUuid! description! [I]"),
    row(
        Group.KEYS, "查看密钥详情", "/v1/cmkManage/describeKey", "I", "cmkUuid! [I]",
        "cmkUuid keySpec keyUsage keyState origin protectionLevel description creationDate creator deleteDate "
        "materialExpireTime primaryKeyVersion automaticRotation rotationInterval lastRotationDate nextRotationDate "
        "deletionProtection [I] instanceId epId [I?]",
    ),
    row(
        Group.KEYS, "批量查询密钥信息", "/v1/cmkManage/listKeys", "I",
        f"{_PAGES} keyState? keySpec? keyUsage? protectionLevel? origin? [I?]", f"{_PAGED} keys:L [I?]",
    ),
    row(
        Group.KEYS, "密钥删除保护", "/v1/cmkManage/setDeletionProtection", "I?",
        "cmkUuid! deletionProtectionDescription? [I?]",
    ),
    row(Group.KEYS, "取消密钥删除保护", "/v1/cmkManage/cancelDeletionProtection", "I?", "cmkUuid! [I?]"),
)  # fmt: skip

_ALIAS_ROWS = f"{_PAGED} aliases:L{{aliasName,cmkUuid}} [I]"
_ALIASES = (
    row(Group.ALIASES, "创建别名", "/v1/cmkManage/createAlias", "I", "cmkUuid! aliasName! [I, check S4]"),
    row(Group.ALIASES, "更新别名", "/v1/cmkManage/updateAlias", "I, name S10", "cmkUuid! aliasName! [I]"),
    row(Group.ALIASES, "删除别名", "/v1/cmkManage/deleteAlias", "I", "aliasName! [I]"),
    row(
        Group.ALIASES, "列出账号在某地域下的所有别名", "/v1/cmkManage/listAliases", "I",
        f"{_PAGES} [I]", _ALIAS_ROWS,
    ),
    row(
        Group.ALIASES, "列出与指定用户主密钥绑定的别名", "/v1/cmkManage/listAliasesByKeyId", "I",
        f"cmkUuid! {_PAGES} [I]", _ALIAS_ROWS,
    ),
)  # fmt: skip

_IMPORT = (
    row(
        Group.IMPORT, "获取导入主密钥材料参数", "/v1/cmkManage/getParametersForImport", "I",
        "cmkUuid! [I] wrappingAlgorithm! wrappingKeySpec! [I, check S4]",
        "cmkUuid publicKey importToken tokenExpireTime [I]",
    ),
    row(
        Group.IMPORT, "导入主密钥材料", "/v1/cmkManage/importKeyMaterial", "I",
        "cmkUuid! [I] encryptedKeyMaterial! importToken! [I, check S4] keyMaterialExpireUnix:N? [I]",
        once=True,
    ),
    row(Group.IMPORT, "删除主密钥材料", "/v1/cmkManage/deleteKeyMaterial", "I", "cmkUuid! [I]", once=True),
)  # fmt: skip

_VERSIONS = (
    row(
        Group.VERSIONS, "查看密钥版本", "/v1/cmkManage/describeKeyVersion", "I",
        "cmkUuid! [I] keyVersionId! [I, check S4]", "cmkUuid keyVersionId creationDate [I]",
    ),
    row(
        Group.VERSIONS, "列出主密钥的所有密钥版本", "/v1/cmkManage/listKeyVersions", "I",
        f"cmkUuid! {_PAGES} [I]", f"{_PAGED} keyVersions:L{{cmkUuid,keyVersionId,creationDate}} [I]",
    ),
    # The period is required when the rotation is switched on.
    row(
        Group.VERSIONS, "更新轮转策略", "/v1/cmkManage/updateRotationPolicy", "I",
        "cmkUuid! [I] enableAutomaticRotation:B! rotationInterval? [I, check S4]",
    ),
    row(
        Group.VERSIONS, "创建密钥版本", "/v1/cmkManage/createKeyVersion", "I", "cmkUuid! [I]",
        "cmkUuid keyVersionId creationDate [I]",
        once=True,
    ),
)  # fmt: skip

_FOR_SOMEONE = "publicKeyBlob! wrappingAlgorithm! wrappingKeySpec!"
_SIGNED = "cmkUuid! [I] keyVersionId! algorithm! digest! [I, check S4]"
_CRYPTOGRAPHY = (
    row(
        Group.CRYPTOGRAPHY, "在线加密", "/v1/keyCompute/encrypt", "I, sister path S6",
        "cmkUuid! plaintext! [S6] encryptionContext:O? [I]", f"ciphertextBlob [S6] {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "产生数据密钥(信封加密)", "/v1/keyCompute/generateDataKey", "I, name S2",
        "cmkUuid! keySpec? numberOfBytes:N? encryptionContext:O? [I]", f"plaintext ciphertextBlob {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "产生无明文返回值的数据密钥(信封加密)",
        "/v1/keyCompute/generateDataKeyWithoutPlaintext", "I, name S2",
        "cmkUuid! keySpec? numberOfBytes:N? encryptionContext:O? [I]", f"ciphertextBlob {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "导出数据密钥", "/v1/keyCompute/exportDataKey", "I",
        f"ciphertextBlob! {_FOR_SOMEONE} encryptionContext:O? [I]", f"exportedDataKey {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "产生并导出数据密钥", "/v1/keyCompute/generateAndExportDataKey", "I, name S2",
        f"cmkUuid! {_FOR_SOMEONE} keySpec? numberOfBytes:N? encryptionContext:O? [I]",
        f"ciphertextBlob exportedDataKey {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "对称密钥解密", "/v1/keyCompute/decrypt", "I, sister path S6",
        "ciphertextBlob! [S6] encryptionContext:O? [I]", f"plaintext [S6] {_MADE_WITH}",
    ),
    # The three source fields are needed for a ciphertext that was made with a public key.
    row(
        Group.CRYPTOGRAPHY, "转加密", "/v1/cmkManage/reEncrypt", "S2",
        "ciphertextBlob! destinationKeyId! sourceEncryptionAlgorithm? sourceKeyId? sourceKeyVersionId? [S2] "
        "sourceEncryptionContext:O? destinationEncryptionContext:O? [I]",
        f"ciphertextBlob {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "产生数字签名", "/v1/keyCompute/asymmetricSign", "I", _SIGNED, f"value {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "验证数字签名", "/v1/keyCompute/asymmetricVerify", "I",
        f"{_SIGNED} value! [I, check S4]", f"value:B {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "非对称密钥加密", "/v1/keyCompute/asymmetricEncrypt", "I",
        "cmkUuid! [I] keyVersionId! algorithm! plaintext! [I, check S4]", f"ciphertextBlob {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "非对称密钥解密", "/v1/keyCompute/asymmetricDecrypt", "I",
        "cmkUuid! [I] keyVersionId! algorithm! ciphertextBlob! [I, check S4]", f"plaintext {_MADE_WITH}",
    ),
    row(
        Group.CRYPTOGRAPHY, "获取非对称密钥公钥", "/v1/keyCompute/getPublicKey", "I",
        "cmkUuid! keyVersionId! [I]", f"publicKey {_MADE_WITH}",
    ),
    # `input` is the text itself, not Base64.
    row(
        Group.CRYPTOGRAPHY, "计算hmacSM3", "/v1/get/hmaccompute", "I, sister path S6",
        "cmkUuid! input! [S6]", "hmacoutput [S6]",
    ),
)  # fmt: skip

ROWS: tuple[Operation, ...] = _KEYS + _ALIASES + _IMPORT + _VERSIONS + _CRYPTOGRAPHY
