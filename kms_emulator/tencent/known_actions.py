"""Names that documents may use: services, and the actions of those whose lists are complete here."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.tencent import gaps
from kms_emulator.tencent.gaps import names

# Services of the vendor [I]: only the names are known here, so any action of theirs is taken.
SERVICES = names("""
    apigateway as asr batch billing bm ccn cam cat cbs cdb cdn cdwpg cfs chdfs ciam ckafka clb cloudaudit cls cmq
    cmqqueue cmqtopic cos cvm cwp cynosdb dbbrain dc dcdb dns domain dts eb emr es facefusion finance fmu gaap iai
    iotcloud kms lighthouse live mariadb memcached monitor mongodb mps msp ocr organization postgres privatedns redis
    scf ses smpn sms sqlserver ssl ssm sts tag tat tbaas tcaplusdb tcb tcm tcr tdmq tem tke tms trtc tse vod vpc waf
""")

_KMS = names("""
    ArchiveKey AsymmetricRsaDecrypt AsymmetricSm2Decrypt BindCloudResource CancelDataKeyDeletion CancelKeyArchive
    CancelKeyDeletion CreateKey Decrypt DeleteImportedKeyMaterial DescribeDataKey DescribeDataKeys DescribeKey
    DescribeKeys DisableDataKey DisableDataKeys DisableKey DisableKeyRotation DisableKeys EnableDataKey EnableDataKeys
    EnableKey EnableKeyRotation EnableKeys Encrypt GenerateDataKey GenerateRandom GetDataKeyCiphertextBlob
    GetDataKeyPlaintext GetKeyRotationStatus GetParametersForImport GetPublicKey GetRegions GetServiceStatus
    ImportDataKey ImportKeyMaterial ListAlgorithms ListDataKeyDetail ListDataKeys ListKeyDetail ListKeys ReEncrypt
    RotateKey ScheduleDataKeyDeletion ScheduleKeyDeletion SignByAsymmetricKey UnbindCloudResource UpdateAlias
    UpdateDataKeyDescription UpdateDataKeyName UpdateKeyDescription VerifyByAsymmetricKey
""")
# Names of API 2.0, which are actions of their own.
_OLD_KMS = names("ListKey GetKeyAttributes SetKeyAttributes")

LISTED: Mapping[str, frozenset[str]] = {"kms": _KMS | gaps.KMS | _OLD_KMS}
