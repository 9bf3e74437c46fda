"""The rows of access points and tags, 26 of CTYun's 80 operations, and those of an access point's own interface."""

from __future__ import annotations

from kms_resources.clouds.ctyun.table import Group, Operation, row

_POINTS = Group.ACCESS_POINTS
_PAGES = "pageNumber:N? pageSize:N?"
_OF_POINT = "accessPointId! [I?]"
_OF_KEY = "accessKey! [I?]"

# Only the titles are published: the group name `accessPoint` and every name below are coined.
_ACCESS_POINTS = (
    row(
        _POINTS, "查询接入点的接口权限列表", "/v1/accessPoint/listApiPermissions", "I?",
        f"accessPointId! {_PAGES} [I?]", "totalCount:N list:L{apiName,allowed} [I?]",
    ),
    row(
        _POINTS, "查询应用点接入列表", "/v1/accessPoint/listAccessPoints", "I?",
        f"instanceId? name? {_PAGES} [I?]", "totalCount:N list:L [I?]",
    ),
    row(
        _POINTS, "查询接入点的终端节点白名单", "/v1/accessPoint/listEndpointWhitelist", "I?", _OF_POINT, "list:L [I?]",
    ),
    row(
        _POINTS, "查询资源权限列表", "/v1/accessPoint/listResourcePermissions", "I?",
        f"accessPointId! {_PAGES} [I?]", "list:L{resourceType,resourceId} [I?]",
    ),
    row(_POINTS, "查询VPC列表", "/v1/accessPoint/listVpcs", "I?", f"{_PAGES} [I?]", "list:L{vpcId,vpcName} [I?]"),
    row(
        _POINTS, "查询子网列表", "/v1/accessPoint/listSubnets", "I?",
        "vpcId! [I?]", "list:L{subnetId,subnetName,cidr} [I?]",
    ),
    row(
        _POINTS, "查询租户ak列表信息", "/v1/accessPoint/listTenantAks", "I?",
        f"accessPointId! {_PAGES} [I?]", "list:L{accessKey,status,createdAt} [I?]",
    ),
    row(
        _POINTS, "创建应用接入点", "/v1/accessPoint/createAccessPoint", "I?",
        "name! instanceId? vpcId! subnetId! description? epId? [I?]", "accessPointId [I?]",
        once=True,
    ),
    row(
        _POINTS, "创建租户凭证aksk", "/v1/accessPoint/createTenantAkSk", "I?", _OF_POINT, "accessKey secretKey [I?]",
        once=True,
    ),
    row(_POINTS, "关闭接入点权限控制", "/v1/accessPoint/disablePermissionControl", "I?", _OF_POINT),
    row(_POINTS, "获取接入点的资源权限详情", "/v1/accessPoint/getResourcePermission", "I?", _OF_POINT),
    row(
        _POINTS, "检查接入点是否开启权限判断", "/v1/accessPoint/checkPermissionControl", "I?",
        _OF_POINT, "enabled:B [I?]",
    ),
    row(_POINTS, "接口权限变更", "/v1/accessPoint/updateApiPermissions", "I?", "accessPointId! apis:L! [I?]"),
    row(_POINTS, "禁用租户ak", "/v1/accessPoint/disableTenantAk", "I?", _OF_KEY),
    row(_POINTS, "启用租户ak", "/v1/accessPoint/enableTenantAk", "I?", _OF_KEY),
    row(_POINTS, "删除应用接入点", "/v1/accessPoint/deleteAccessPoint", "I?", _OF_POINT, once=True),
    row(_POINTS, "删除租户ak", "/v1/accessPoint/deleteTenantAk", "I?", _OF_KEY, once=True),
    row(
        _POINTS, "添加终端节点白名单", "/v1/accessPoint/addEndpointWhitelist", "I?", "accessPointId! endpoints:L! [I?]",
        once=True,
    ),
    row(_POINTS, "资源权限变更", "/v1/accessPoint/updateResourcePermissions", "I?", "accessPointId! resources:L! [I?]"),
    row(
        _POINTS, "租户接口权限详情", "/v1/accessPoint/getTenantApiPermission", "I?",
        "accessKey!|accessPointId accessPointId? [I?]", "list:L [I?]",
    ),
)  # fmt: skip

_BINDING = "cmkUuid!|resourceId resourceId? tagIds:L! [I?]"
_TAGS = (
    row(
        Group.TAGS, "查询账号标签列表", "/v1/tag/listTags", "I?",
        f"{_PAGES} [I?]", "totalCount:N list:L{tagId,tagKey,tagValue} [I?]",
    ),
    row(Group.TAGS, "修改标签接口", "/v1/tag/updateTag", "I?", "tagId! tagKey! tagValue! [I?]"),
    row(Group.TAGS, "删除标签接口", "/v1/tag/deleteTag", "I?", "tagId! [I?]", once=True),
    row(Group.TAGS, "新增标签接口", "/v1/tag/createTag", "I?", "tagKey! tagValue! [I?]", "tagId [I?]", once=True),
    row(Group.TAGS, "资源绑定标签接口", "/v1/tag/bindResource", "I?", _BINDING),
    row(Group.TAGS, "资源解绑标签接口", "/v1/tag/unbindResource", "I?", _BINDING),
)  # fmt: skip

ROWS: tuple[Operation, ...] = _ACCESS_POINTS + _TAGS

SISTER: tuple[Operation, ...] = (
    row(Group.SISTER, "encrypt", "/keyCompute/encrypt", "S6", "cmkUuid! plaintext! [S6]", "ciphertextBlob [S6]"),
    row(Group.SISTER, "decrypt", "/keyCompute/decrypt", "S6", "ciphertextBlob! [S6]", "plaintext [S6]"),
    row(Group.SISTER, "HMAC-SM3", "/get/hmaccompute", "S6", "cmkUuid! input! [S6]", "hmacoutput [S6]"),
    row(Group.SISTER, "SM3 of a text", "/get/messageDigest", "S6", "input! [S6]", "output [S6]"),
    # A free map at the source; the fields are those of the public createKey.
    row(
        Group.SISTER, "create key", "/cmkManage/createKey", "S6",
        "keySpec! keyUsage! protectionLevel! origin? description? enableAutomaticRotation:B? rotationInterval? "
        "instanceId? epId? aliasName? [I]",
        "cmkUuid [S6]",
        once=True,
    ),
    row(
        Group.SISTER, "import a certificate of a USB key", "/manageCertificate/importCertificateForUK", "S6",
        "algorithm! ukName! cert! [S6]", "ukId [S6]",
        once=True,
    ),
    # `message` is the text itself, not Base64.
    row(
        Group.SISTER, "verify with a certificate of a USB key",
        "/certificateCompute/certificatePublicKeyVerifyForUsbKey", "S6",
        "algorithm! certificateId! message! signatureValue! [S6]", "signatureValid:B [S6]",
    ),
)  # fmt: skip
"""What is known of the private interface of an access point."""
