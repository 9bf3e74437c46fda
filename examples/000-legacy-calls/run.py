"""The calls of Tencent Cloud's guide page for API 2.0, one after the other, on the cloud `tencent-legacy`."""

from kms_resources import open_key
from kms_resources.use import open_target

REGION = "tencent-legacy://ap-guangzhou"
client, _cloud = open_target(REGION)


def attributes(key_id: str) -> str:
    answer = client.call("GetKeyAttributes", {"keyId": key_id})["keyMetadata"]
    return f"{answer['alias']}, {answer['keyState']}"


made = client.call("CreateKey", {"alias": "test", "description": "test", "keyUsage": "ENCRYPT/DECRYPT"})
key_id = made["keyMetadata"]["keyId"]
key = open_key(f"{REGION}/{key_id}")
print("created:          ", attributes(key_id))

data_key = key.data_key(16)
same = key.decrypt(data_key.ciphertext.blob) == data_key.plaintext
print("a data key of     ", len(data_key.plaintext), "bytes, and encrypted:", same)

ciphertext = key.encrypt(b"test message data")
print("decrypted again:  ", key.decrypt(ciphertext.blob).decode())

client.call("SetKeyAttributes", {"keyId": key_id, "alias": "ForTest"})
print("renamed:          ", attributes(key_id))

client.call("DisableKey", {"keyId": key_id})
print("disabled:         ", attributes(key_id))
client.call("EnableKey", {"keyId": key_id})
print("enabled:          ", attributes(key_id))

print("in the list:      ", key_id in [row["keyId"] for row in client.call("ListKey", {})["keys"]])
