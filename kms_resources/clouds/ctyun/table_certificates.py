"""The rows of certificates: 19 of CTYun's 80 operations."""

from __future__ import annotations

from kms_resources.clouds.ctyun.table import Group, Operation, row

_GROUP = Group.CERTIFICATES
_MANAGE = "/v1/manageCertificate"
_USE = "/v1/certificateCompute"
_PAGES = "pageNumber:N? pageSize:N?"
_MESSAGE = "certificateId! algorithm! messageType! message!"

ROWS: tuple[Operation, ...] = (
    row(
        _GROUP, "查询证书列表", f"{_MANAGE}/listCertificates", "I",
        f"{_PAGES} status:N? keySpec? [I?]", "totalCount:N certificates:L [I?]",
    ),
    # `subjectAlternativeNames` is a text that holds a list: ['test1.example.com'].
    row(
        _GROUP, "创建证书csr", f"{_MANAGE}/createCertificate", "I",
        "keySpec! subject! subjectAlternativeNames! exportablePrivateKey:N! protectionLevel! instanceId? epId? [S5]",
        "certificateId csr [I]",
        once=True,
    ),
    row(
        _GROUP, "导入证书", f"{_MANAGE}/uploadCertificate", "I",
        "certificateId! certificate! certificateChain? [I]",
        once=True,
    ),
    row(
        _GROUP, "查询证书信息", f"{_MANAGE}/describeCertificate", "S3", "certificateId! [S3]",
        "certificateId createdAt updatedAt exportablePrivateKey:N issuer keySpec notAfter notBefore serial "
        "signatureAlgorithm status:N subject subjectAlternativeNames subjectKeyIdentifier subjectPublicKey "
        "keyUsage [S3]",
    ),
    row(_GROUP, "更新证书状态", f"{_MANAGE}/updateCertificateStatus", "I", "certificateId! status:N! [I]"),
    row(
        _GROUP, "获取证书", f"{_MANAGE}/getCertificate", "I", "certificateId! [I]",
        "certificateId certificate certificateChain csr [I]",
    ),
    row(
        _GROUP, "导出证书私钥", f"{_MANAGE}/exportCertificatePrivateKey", "I?",
        "certificateId! passphrase? [I?]", "privateKey [I?]",
    ),
    row(
        _GROUP, "删除证书", f"{_MANAGE}/deleteCertificate", "S7", "certificateId! [S7]", "requestId [S7]",
        once=True,
    ),
    row(
        _GROUP, "证书私钥签名", f"{_USE}/certificatePrivateKeySign", "I",
        f"{_MESSAGE} [I]", "signatureValue certificateId [I]",
    ),
    row(
        _GROUP, "证书公钥验签", f"{_USE}/certificatePublicKeyVerify", "I",
        f"{_MESSAGE} signatureValue! [I]", "signatureValid:B certificateId [I]",
    ),
    row(
        _GROUP, "证书公钥加密", f"{_USE}/certificatePublicKeyEncrypt", "I",
        "certificateId! algorithm! plaintext! [I]", "ciphertextBlob certificateId [I]",
    ),
    row(
        _GROUP, "证书私钥解密", f"{_USE}/certificatePrivateKeyDecrypt", "I",
        "certificateId! algorithm! ciphertextBlob! [I]", "plaintext certificateId [I]",
    ),
    row(_GROUP, "生成随机数", f"{_USE}/generateRandom", "I?", "numberOfBytes:N! [I?]", "random [I?]"),
    row(
        _GROUP, "导入pkcs12格式证书", f"{_MANAGE}/importPkcs12Certificate", "I?",
        "pkcs12Blob! passphrase! [I] exportablePrivateKey:N? protectionLevel? instanceId? epId? [I?]",
        "certificateId [I]",
        once=True,
    ),
    row(
        _GROUP, "查询UK证书列表", f"{_MANAGE}/listCertificatesForUK", "I?",
        f"{_PAGES} [I?]", "totalCount:N certificates:L{ukId,ukName,algorithm,status} [I?]",
    ),
    row(
        _GROUP, "查询UKey证书详情", f"{_MANAGE}/describeCertificateForUK", "I?",
        "ukId! [I?]", "ukId ukName algorithm cert status:N [I?]",
    ),
    row(
        _GROUP, "导入UK证书", f"{_MANAGE}/importCertificateForUK", "I, sister path S6",
        "algorithm! ukName! cert! [S6]", "ukId [S6]",
        once=True,
    ),
    row(_GROUP, "删除UK证书", f"{_MANAGE}/deleteCertificateForUK", "I?", "ukId! [I?]", once=True),
    row(_GROUP, "修改UK证书状态", f"{_MANAGE}/updateCertificateStatusForUK", "I?", "ukId! status:N! [I?]"),
)  # fmt: skip
