"""CTYun's own example: enableKey with an EOP signature; first with the tool, then with nothing but the signature."""

import os

import requests

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun.auth import CtyunAuth
from kms_resources.use import open_target

POOL = "bb9fdb42056f11eda1610242ac110002"
client, _cloud = open_target(f"ctyun://{POOL}")

key = client.call("createKey", {"keySpec": "SM4", "keyUsage": "ENCRYPT/DECRYPT", "protectionLevel": "1"})["cmkUuid"]
client.call("disableKey", {"cmkUuid": key})
print("disabled:", client.call("describeKey", {"cmkUuid": key})["keyState"])

client.call("enableKey", {"cmkUuid": key})
print("enabled: ", client.call("describeKey", {"cmkUuid": key})["keyState"])

# The signature is an ordinary authentication for `requests`: any tool of one's own can use it.
answer = requests.post(
    os.environ.get("KMS_ENDPOINT_CTYUN", "https://kms-global.ctapi.ctyun.cn") + "/v1/cmkManage/enableKey",
    json={"cmkUuid": key},
    headers={"regionId": POOL},
    auth=CtyunAuth(Credentials(os.environ["CTYUN_AK"], os.environ["CTYUN_SK"])),
    timeout=30,
)
print("by hand: ", answer.status_code, answer.json()["statusCode"])
