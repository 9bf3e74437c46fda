"""What CTYun publishes about its 80 operations, each fact with its mark: the one table to correct.

Marks: ``[S1]`` … ``[S17]`` were read in a source, ``[I]`` is inferred on good ground (the naming rule seen in those
sources, a check message of the error list, the operation of the same name at Alibaba Cloud), ``[I?]`` is coined here.

========  ==========================================================================================================
S1        Python sample and navigation tree of the KMS documentation, www.ctyun.cn/document/10014047/10043798
S2        page of re-encrypt, ctyun.cn/document/10014047/10043835
S3        page of describe certificate, www.ctyun.cn/qzdh/143601_60
S4        status and error codes 0101 to 0126, ctyun.cn/document/10014047/10042505
S5        request table of create CSR, www.ctyun.cn/qzdh/143541_311
S6        a PHP client of the access point interface, github OneHundred86/laravel-sm-ctyunkms
S7        page of delete certificate (2026), www.ctyun.cn/document/10014047/10325274
S8 - S13  user guide, www.esurfingcloud.com/document/10014047: deletion 20697641, FAQ 10015015, aliases 10014531 and
          10016521, versions and rotation 10014533 and 20697831, default keys 20697828, certificates 20697827
S14       official Go SDK core and Terraform provider, github ctyun-it/ctyun-sdk-go, ctyun-it/terraform-provider-ctyun
S15       pages of the gateway's authentication, ctyun.cn/document/10264960/10022621 and others
S16       Alibaba Cloud KMS, version 2016-01-20, help.aliyun.com/zh/kms/key-management-service/developer-reference/
S17       an independent client with a signature vector, github ArvinZJC/ctyun-cli
S18       documentation of an independent client (gateway code 10002), found in a public repository
S19       a refusal for a bad signature quoted in a client of CTYun's SMS product, found in a public repository
S20       the gateway's refusals as read by Cloudpods, github yunionio/cloudmux
========  ==========================================================================================================

Notation of fields: ``name!`` is required, ``name?`` optional, ``one|two`` are synonyms (the first is the one used
inside), ``:N`` number, ``:B`` boolean, ``:L`` list, ``:O`` object, without a letter text. A mark holds for the names
before it, up to the previous mark. All operations are ``POST`` with a JSON body [S1][S2][S3][S7]. All titles [S1].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "/v1/"  # [S1][S2][S3][S7]
HOST = "kms-global.ctapi.ctyun.cn"  # [S1]
_TOKEN = re.compile(r"(?P<names>[A-Za-z0-9|]+)(?::(?P<type>[BNLO]))?(?P<need>[!?]?)|\[(?P<mark>S\d+|I\??)\]")
_PAGING = "pageNumber|pageNo|pageNum:N? pageSize:N?"
_PAGE = "totalCount:N pageNumber:N pageSize:N"


class Type(StrEnum):
    """The JSON type of a field."""

    TEXT = ""
    NUMBER = "N"
    BOOLEAN = "B"
    LIST = "L"
    OBJECT = "O"


@dataclass(frozen=True)
class Field:
    """One field of a request or an answer. ``names`` are synonyms, the first is the main one."""

    names: tuple[str, ...]
    type: Type
    required: bool
    mark: str

    @property
    def name(self) -> str:
        """The main name."""
        return self.names[0]


@dataclass(frozen=True)
class Operation:
    """One operation: its number in the navigation tree, Chinese title, path, and fields in the table's order."""

    number: int
    title: str
    group: str
    name: str
    path: str
    path_mark: str
    request: tuple[Field, ...]
    answer: tuple[Field, ...]


def parse_fields(text: str) -> Iterator[Field]:
    """The fields written in the notation above."""
    waiting: list[tuple[tuple[str, ...], Type, bool]] = []
    for word in text.split():
        token = _TOKEN.fullmatch(word)
        if token is None:
            raise ValueError(f"facts: {word!r} is neither a field nor a mark")
        if token["mark"]:
            yield from (Field(names, type_, required, token["mark"]) for names, type_, required in waiting)
            waiting = []
        else:
            waiting.append((tuple(token["names"].split("|")), Type(token["type"] or ""), token["need"] == "!"))
    if waiting:
        raise ValueError(f"facts: {waiting[-1][0][0]} has no mark")


# Number, title, path after /v1/ and its mark, fields of the request, fields of the answer.
_ROWS: tuple[tuple[int, str, str, str, str], ...] = (
    # Life of keys.
    (1, "创建用户主密钥", "cmkManage/createKey [I]",
     "keySpec! keyUsage! protectionLevel! origin? description? enableAutomaticRotation:B? rotationInterval? "
     "instanceId? epId? [I] aliasName? [I?]", "cmkUuid [S6]"),
    (2, "启用密钥", "cmkManage/enableKey [S1]", "cmkUuid! [S1]", ""),
    (3, "禁用密钥", "cmkManage/disableKey [I]", "cmkUuid! [I]", ""),
    (4, "计划删除密钥", "cmkManage/scheduleKeyDeletion [I]", "cmkUuid! [I] pendingWindowInDays:N! [S4]",
     "deleteDate [I?]"),
    (5, "取消计划删除密钥", "cmkManage/cancelKeyDeletion [I]", "cmkUuid! [I]", ""),
    (6, "更新密钥描述", "cmkManage/updateKeyDescription [I]", "cmkUuid! description! [I]", ""),
    (7, "查看密钥详情", "cmkManage/describeKey [I]", "cmkUuid! [I]",
     "cmkUuid keySpec keyUsage keyState origin protectionLevel description creationDate creator deleteDate "
     "materialExpireTime primaryKeyVersion automaticRotation rotationInterval lastRotationDate nextRotationDate "
     "deletionProtection [I] instanceId epId [I?]"),
    (8, "批量查询密钥信息", "cmkManage/listKeys [I]",
     f"{_PAGING} keyState? keySpec? keyUsage? protectionLevel? origin? [I?]", f"{_PAGE} keys:L [I?]"),
    (9, "密钥删除保护", "cmkManage/setDeletionProtection [I?]", "cmkUuid! deletionProtectionDescription? [I?]", ""),
    (10, "取消密钥删除保护", "cmkManage/cancelDeletionProtection [I?]", "cmkUuid! [I?]", ""),
    # Aliases.
    (11, "创建别名", "cmkManage/createAlias [I]", "cmkUuid! aliasName! [I]", ""),
    (12, "更新别名", "cmkManage/updateAlias [I]", "cmkUuid! aliasName! [I]", ""),
    (13, "删除别名", "cmkManage/deleteAlias [I]", "aliasName! [I]", ""),
    (14, "列出账号在某地域下的所有别名", "cmkManage/listAliases [I]", f"{_PAGING} [I]", f"{_PAGE} aliases:L [I]"),
    (15, "列出与指定用户主密钥绑定的别名", "cmkManage/listAliasesByKeyId [I]", f"cmkUuid! {_PAGING} [I]",
     f"{_PAGE} aliases:L [I]"),
    # Import of key material.
    (16, "获取导入主密钥材料参数", "cmkManage/getParametersForImport [I]",
     "cmkUuid! wrappingAlgorithm! wrappingKeySpec! [I]", "cmkUuid publicKey importToken tokenExpireTime [I]"),
    (17, "导入主密钥材料", "cmkManage/importKeyMaterial [I]",
     "cmkUuid! encryptedKeyMaterial! importToken! keyMaterialExpireUnix:N? [I]", ""),
    (18, "删除主密钥材料", "cmkManage/deleteKeyMaterial [I]", "cmkUuid! [I]", ""),
    # Versions and rotation.
    (19, "查看密钥版本", "cmkManage/describeKeyVersion [I]", "cmkUuid! keyVersionId! [I]",
     "cmkUuid keyVersionId creationDate [I]"),
    (20, "列出主密钥的所有密钥版本", "cmkManage/listKeyVersions [I]", f"cmkUuid! {_PAGING} [I]",
     f"{_PAGE} keyVersions:L [I]"),
    (21, "更新轮转策略", "cmkManage/updateRotationPolicy [I]",
     "cmkUuid! enableAutomaticRotation:B! rotationInterval? [I]", ""),
    (22, "创建密钥版本", "cmkManage/createKeyVersion [I]", "cmkUuid! [I]", "cmkUuid keyVersionId creationDate [I]"),
    # Cryptography: the group is documented as cmkManage [S2] and used as keyCompute [S6]; see PATHS.
    (23, "在线加密", "keyCompute/encrypt [I]", "cmkUuid! plaintext! [S6] encryptionContext:O? [I]",
     "ciphertextBlob [S6] cmkUuid keyVersionId [I]"),
    (24, "产生数据密钥(信封加密)", "keyCompute/generateDataKey [I]",
     "cmkUuid! keySpec? numberOfBytes:N? encryptionContext:O? [I]",
     "plaintext ciphertextBlob cmkUuid keyVersionId [I]"),
    (25, "产生无明文返回值的数据密钥(信封加密)", "keyCompute/generateDataKeyWithoutPlaintext [I]",
     "cmkUuid! keySpec? numberOfBytes:N? encryptionContext:O? [I]", "ciphertextBlob cmkUuid keyVersionId [I]"),
    (26, "导出数据密钥", "keyCompute/exportDataKey [I]",
     "ciphertextBlob! publicKeyBlob! wrappingAlgorithm! wrappingKeySpec! encryptionContext:O? [I]",
     "exportedDataKey cmkUuid keyVersionId [I]"),
    (27, "产生并导出数据密钥", "keyCompute/generateAndExportDataKey [I]",
     "cmkUuid! publicKeyBlob! wrappingAlgorithm! wrappingKeySpec! keySpec? numberOfBytes:N? encryptionContext:O? [I]",
     "ciphertextBlob exportedDataKey cmkUuid keyVersionId [I]"),
    (28, "对称密钥解密", "keyCompute/decrypt [I]", "ciphertextBlob! [S6] encryptionContext:O? [I]",
     "plaintext [S6] cmkUuid keyVersionId [I]"),
    (29, "转加密", "cmkManage/reEncrypt [S2]",
     "ciphertextBlob! destinationKeyId! sourceEncryptionAlgorithm? sourceKeyId? sourceKeyVersionId? [S2] "
     "sourceEncryptionContext:O? destinationEncryptionContext:O? [I]", "ciphertextBlob cmkUuid keyVersionId [I]"),
    (30, "产生数字签名", "keyCompute/asymmetricSign [I]", "cmkUuid! keyVersionId! algorithm! digest! [I]",
     "value cmkUuid keyVersionId [I]"),
    (31, "验证数字签名", "keyCompute/asymmetricVerify [I]", "cmkUuid! keyVersionId! algorithm! digest! value! [I]",
     "value:B cmkUuid keyVersionId [I]"),
    (32, "非对称密钥加密", "keyCompute/asymmetricEncrypt [I]", "cmkUuid! keyVersionId! algorithm! plaintext! [I]",
     "ciphertextBlob cmkUuid keyVersionId [I]"),
    (33, "非对称密钥解密", "keyCompute/asymmetricDecrypt [I]", "cmkUuid! keyVersionId! algorithm! ciphertextBlob! [I]",
     "plaintext cmkUuid keyVersionId [I]"),
    (34, "获取非对称密钥公钥", "keyCompute/getPublicKey [I]", "cmkUuid! keyVersionId! [I]",
     "publicKey cmkUuid keyVersionId [I]"),
    (35, "计算hmacSM3", "get/hmaccompute [I]", "cmkUuid! input! [S6]", "hmacoutput [S6]"),
    # Certificates.
    (36, "查询证书列表", "manageCertificate/listCertificates [I]", f"{_PAGING} status:N? keySpec? [I?]",
     "totalCount:N certificates:L [I?]"),
    (37, "创建证书csr", "manageCertificate/createCertificate [I]",
     "keySpec! subject! subjectAlternativeNames! exportablePrivateKey:N! protectionLevel! instanceId? epId? [S5]",
     "certificateId csr [I]"),
    (38, "导入证书", "manageCertificate/uploadCertificate [I]",
     "certificateId! certificate! certificateChain? [I]", ""),
    (39, "查询证书信息", "manageCertificate/describeCertificate [S3]", "certificateId! [S3]",
     "certificateId createdAt updatedAt exportablePrivateKey:N issuer keySpec notAfter notBefore serial "
     "signatureAlgorithm status:N subject subjectAlternativeNames subjectKeyIdentifier subjectPublicKey keyUsage [S3]"),
    (40, "更新证书状态", "manageCertificate/updateCertificateStatus [I]", "certificateId! status:N! [I]", ""),
    (41, "获取证书", "manageCertificate/getCertificate [I]", "certificateId! [I]",
     "certificateId certificate certificateChain csr [I]"),
    (42, "导出证书私钥", "manageCertificate/exportCertificatePrivateKey [I?]", "certificateId! passphrase? [I?]",
     "privateKey [I?]"),
    (43, "删除证书", "manageCertificate/deleteCertificate [S7]", "certificateId! [S7]", "requestId [S7]"),
    (44, "证书私钥签名", "certificateCompute/certificatePrivateKeySign [I]",
     "certificateId! algorithm! messageType! message! [I]", "signatureValue certificateId [I]"),
    (45, "证书公钥验签", "certificateCompute/certificatePublicKeyVerify [I]",
     "certificateId! algorithm! messageType! message! signatureValue! [I]", "signatureValid:B certificateId [I]"),
    (46, "证书公钥加密", "certificateCompute/certificatePublicKeyEncrypt [I]",
     "certificateId! algorithm! plaintext! [I]", "ciphertextBlob certificateId [I]"),
    (47, "证书私钥解密", "certificateCompute/certificatePrivateKeyDecrypt [I]",
     "certificateId! algorithm! ciphertextBlob! [I]", "plaintext certificateId [I]"),
    (48, "生成随机数", "certificateCompute/generateRandom [I?]", "numberOfBytes:N! [I?]", "random [I?]"),
    (49, "导入pkcs12格式证书", "manageCertificate/importPkcs12Certificate [I?]",
     "pkcs12Blob! passphrase! [I] exportablePrivateKey:N? protectionLevel? instanceId? epId? [I?]",
     "certificateId [I]"),
    (50, "查询UK证书列表", "manageCertificate/listCertificatesForUK [I?]", f"{_PAGING} [I?]",
     "totalCount:N certificates:L [I?]"),
    (51, "查询UKey证书详情", "manageCertificate/describeCertificateForUK [I?]", "ukId! [I?]",
     "ukId ukName algorithm cert status:N [I?]"),
    (52, "导入UK证书", "manageCertificate/importCertificateForUK [I]", "algorithm! ukName! cert! [S6]", "ukId [S6]"),
    (53, "删除UK证书", "manageCertificate/deleteCertificateForUK [I?]", "ukId! [I?]", ""),
    (54, "修改UK证书状态", "manageCertificate/updateCertificateStatusForUK [I?]", "ukId! status:N! [I?]", ""),
    # Access points.
    (55, "查询接入点的接口权限列表", "accessPoint/listApiPermissions [I?]", f"accessPointId! {_PAGING} [I?]",
     "totalCount:N list:L [I?]"),
    (56, "查询应用点接入列表", "accessPoint/listAccessPoints [I?]", f"instanceId? name? {_PAGING} [I?]",
     "totalCount:N list:L [I?]"),
    (57, "查询接入点的终端节点白名单", "accessPoint/listEndpointWhitelist [I?]", "accessPointId! [I?]", "list:L [I?]"),
    (58, "查询资源权限列表", "accessPoint/listResourcePermissions [I?]", f"accessPointId! {_PAGING} [I?]",
     "list:L [I?]"),
    (59, "查询VPC列表", "accessPoint/listVpcs [I?]", f"{_PAGING} [I?]", "list:L [I?]"),
    (60, "查询子网列表", "accessPoint/listSubnets [I?]", "vpcId! [I?]", "list:L [I?]"),
    (61, "查询租户ak列表信息", "accessPoint/listTenantAks [I?]", f"accessPointId! {_PAGING} [I?]", "list:L [I?]"),
    (62, "创建应用接入点", "accessPoint/createAccessPoint [I?]",
     "name! instanceId? vpcId! subnetId! description? epId? [I?]", "accessPointId [I?]"),
    (63, "创建租户凭证aksk", "accessPoint/createTenantAkSk [I?]", "accessPointId! [I?]", "accessKey secretKey [I?]"),
    (64, "关闭接入点权限控制", "accessPoint/disablePermissionControl [I?]", "accessPointId! [I?]", ""),
    (65, "获取接入点的资源权限详情", "accessPoint/getResourcePermission [I?]", "accessPointId! [I?]",
     "accessPointId enabled:B list:L [I?]"),
    (66, "检查接入点是否开启权限判断", "accessPoint/checkPermissionControl [I?]", "accessPointId! [I?]",
     "enabled:B [I?]"),
    (67, "接口权限变更", "accessPoint/updateApiPermissions [I?]", "accessPointId! apis:L! [I?]", ""),
    (68, "禁用租户ak", "accessPoint/disableTenantAk [I?]", "accessKey! [I?]", ""),
    (69, "启用租户ak", "accessPoint/enableTenantAk [I?]", "accessKey! [I?]", ""),
    (70, "删除应用接入点", "accessPoint/deleteAccessPoint [I?]", "accessPointId! [I?]", ""),
    (71, "删除租户ak", "accessPoint/deleteTenantAk [I?]", "accessKey! [I?]", ""),
    (72, "添加终端节点白名单", "accessPoint/addEndpointWhitelist [I?]", "accessPointId! endpoints:L! [I?]", ""),
    (73, "资源权限变更", "accessPoint/updateResourcePermissions [I?]", "accessPointId! resources:L! [I?]", ""),
    (74, "租户接口权限详情", "accessPoint/getTenantApiPermission [I?]", "accessKey|accessPointId! [I?]",
     "list:L [I?]"),
    # Tags.
    (75, "查询账号标签列表", "tag/listTags [I?]", f"{_PAGING} [I?]", "totalCount:N list:L [I?]"),
    (76, "修改标签接口", "tag/updateTag [I?]", "tagId! tagKey! tagValue! [I?]", ""),
    (77, "删除标签接口", "tag/deleteTag [I?]", "tagId! [I?]", ""),
    (78, "新增标签接口", "tag/createTag [I?]", "tagKey! tagValue! [I?]", "tagId [I?]"),
    (79, "资源绑定标签接口", "tag/bindResource [I?]", "cmkUuid|resourceId! tagIds:L! [I?]", ""),
    (80, "资源解绑标签接口", "tag/unbindResource [I?]", "cmkUuid|resourceId! tagIds:L! [I?]", ""),
)  # fmt: skip


def _operation(number: int, title: str, route: str, request: str, answer: str) -> Operation:
    path, mark = route.split()
    group, name = path.split("/")
    return Operation(
        number, title, group, name, PREFIX + path, mark.strip("[]"),
        tuple(parse_fields(request)), tuple(parse_fields(answer)),
    )  # fmt: skip


OPERATIONS: Mapping[str, Operation] = {entry.name: entry for entry in (_operation(*row) for row in _ROWS)}
"""By name, which is the last segment of the path."""

_CRYPTOGRAPHY = range(23, 36)
PATHS: Mapping[str, Operation] = {
    **{  # Sources disagree on the group of these, so both are understood [I].
        f"{PREFIX}{group}/{entry.name}": entry
        for entry in OPERATIONS.values() if entry.number in _CRYPTOGRAPHY for group in ("cmkManage", "keyCompute")
    },
    **{entry.path: entry for entry in OPERATIONS.values()},
}  # fmt: skip
"""By path."""

GROUPS = frozenset(entry.group for entry in OPERATIONS.values())
