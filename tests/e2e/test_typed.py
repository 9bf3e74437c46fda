"""A program of one's own: our typed resources beside somebody else's."""

import pytest

from kms_resources.model import KeyState
from tests.support.clouds import CTYUN, TENCENT, Shop

PROGRAM = """\
import pulumi
from kms_resources import Alias, Key, Target
from notes import Note

guangzhou = Target("guangzhou", cloud="tencent", region="ap-guangzhou")
north = Target("north", cloud="ctyun", region="bb9fdb42056f11eda1610242ac110002")
orders = Key("orders", target=guangzhou, spec="SM4", rotation_days=90, tags={"owner": "payments"}, aliases=["typed"])
cold = Key("cold", target=north, spec="AES_256", deletion_policy="schedule", deletion_window_days=7,
           opts=pulumi.ResourceOptions(depends_on=[orders]))
Alias("typed-cold", target=north, key=cold)
Note("who", text=pulumi.Output.concat("key ", orders.key_id, " is ", orders.state, cold.phase))
pulumi.export("orders", orders.key_id)
pulumi.export("until", cold.pending_deletion)
"""
NOTES = """\
from pulumi import dynamic

class Provider(dynamic.ResourceProvider):
    def create(self, props):
        return dynamic.CreateResult("note", dict(props))
    def diff(self, id_, olds, news):
        return dynamic.DiffResult(changes=olds["text"] != news["text"])
    def update(self, id_, olds, news):
        return dynamic.UpdateResult(dict(news))

class Note(dynamic.Resource):
    def __init__(self, name, text):
        super().__init__(Provider(), name, {"text": text})
"""


def test_typed_keys_live_beside_other_resources_that_depend_on_them(shop: Shop) -> None:
    shop.project.write(NOTES, "notes.py")
    shop.project.write(PROGRAM)
    shop.ok("preview")
    shop.up()
    orders = shop.key_id("orders")
    assert shop.project.resources()["who"]["outputs"]["text"] == f"key {orders} is Enabledcomplete"
    assert shop.ok("stack", "output", "orders").strip() == orders
    shop.calm()
    shop.ok("preview", "--refresh", "--expect-no-changes")
    shop.clouds.console(TENCENT).disable_key(orders)
    shop.up("--refresh")
    assert shop.keys()["orders"].state is KeyState.ENABLED
    assert shop.project.resources()["who"]["outputs"]["text"] == f"key {orders} is Enabledcomplete"
    shop.calm()
    shop.project.write(PROGRAM.replace('Alias("typed-cold", target=north, key=cold)', "").replace("cold.phase", "''"))
    shop.up()
    assert "typed-cold" not in {alias.name for alias in shop.clouds.console(CTYUN).list_aliases(())}
    shop.calm()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ('spec="DES"', "DES"),
        ('spec="AES_256"', "is not offered here"),
        ('spec="SM4", rotation_days=3', "7 to 365"),
        ('spec="SM4", deletion_policy="never"', "never"),
        ('spec="SM4", aliases=["kms-x"]', "kms-x"),
    ],
)
def test_what_a_stack_file_may_not_say_a_program_may_not_say_either(shop: Shop, arguments: str, sentence: str) -> None:
    shop.project.write(
        "from kms_resources import Key, Target\n"
        'target = Target("guangzhou", cloud="tencent", region="ap-guangzhou")\n'
        f'Key("orders", target=target, {arguments})\n'
    )
    mark = shop.clouds.mark()
    assert sentence in shop.refused("preview")
    assert shop.clouds.actions(mark) == []
