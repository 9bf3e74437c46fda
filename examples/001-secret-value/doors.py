"""The three ways to send calls through the shared gateway, from Python; without them they go to the instance."""

import os

from kms_resources import open_key
from kms_resources.model import Gateway, Target
from kms_resources.use import open_target

REGION, INSTANCE = "cn-hangzhou", os.environ["ALIBABA_KMS_GATEWAY"]


def read(title: str, *shared: str) -> None:
    target = Target("hangzhou", "alibaba", REGION, gateway=Gateway(INSTANCE, shared=shared))
    client, _cloud = open_target(target)
    print(f"   {title:<24}", len(client.secret_value("database").value), "letters")


read("the instance")
read("shared: everything", "*")
read("shared: by name", "GetSecretValue")

client, _cloud = open_target(f"alibaba://{REGION}", door="shared")
print(f"   {'shared: this call only':<24}", len(client.secret_value("database").value), "letters")

gbk = open_key("orders", encoding="gbk")
blob = gbk.encrypt(b"order 7", context={"表": "订单"}).blob
print(f"   {'with another encoding':<24}", gbk.decrypt(blob, context={"表": "订单"}).decode())
