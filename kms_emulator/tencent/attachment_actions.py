"""CAM actions that attach policies to users, groups and roles, and that tell what is attached."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent.cam_facts import BY_SYNTAX, ENTITY_FILTERS, PRESET, RELATED_TYPES, Entity, text_time
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import NUMBER, TEXT, Field, Given, may, needs
from kms_emulator.tencent.policy_actions import PAGED, chosen_policy, paged, policy_id
from kms_emulator.tencent.work import Action, Result, Work

ATTACH, DETACH = "Attach", "Detach"


def _user(given: Given, name: str, work: Work) -> str:
    uin = str(given.number(name))
    if work.cam.user(uin) is None:
        raise ApiError(Code.USER_NOT_EXIST, f"The user {uin} does not exist.")
    return uin


def _on_user(verb: str) -> Action:
    def perform(given: Given, work: Work) -> Result:
        policy = work.cam.policy(policy_id(given), Code.POLICY_ID_NOT_EXIST)
        return _change(verb, policy, Entity.USER, _user(given, f"{verb}Uin", work), work)

    return Action(perform, {"PolicyId": needs(NUMBER), f"{verb}Uin": needs(NUMBER)})


def _on_group(verb: str) -> Action:
    def perform(given: Given, work: Work) -> Result:
        policy = work.cam.policy(policy_id(given), Code.POLICY_ID_NOT_EXIST)
        group = work.cam.group(str(given.number(f"{verb}GroupId")))
        return _change(verb, policy, Entity.GROUP, group["id"], work)

    return Action(perform, {"PolicyId": needs(NUMBER), f"{verb}GroupId": needs(NUMBER)})


def _on_role(verb: str) -> Action:
    def perform(given: Given, work: Work) -> Result:
        policy = chosen_policy(given, work)
        role = asked_role(given, work, f"{verb}RoleId", f"{verb}RoleName")
        return _change(verb, policy, Entity.ROLE, role["id"], work)

    fields: dict[str, Field] = {f"{verb}RoleId": may(TEXT), f"{verb}RoleName": may(TEXT)}
    return Action(perform, {"PolicyId": may(NUMBER), "PolicyName": may(TEXT), **fields})


def asked_role(given: Given, work: Work, by_id: str = "RoleId", by_name: str = "RoleName",
               gone: Code = Code.ROLE_NOT_EXIST) -> Document:  # fmt: skip
    """The role named by its id, or else by its name."""
    if not given.text(by_id) and not given.text(by_name):
        raise ApiError(Code.PARAM_ERROR, f"Give `{by_id}` or `{by_name}`.")
    return work.cam.role(given.text(by_id), given.text(by_name), gone)


def _change(verb: str, policy: Document, kind: Entity, entity: str, work: Work) -> Result:
    if verb == ATTACH:
        work.cam.attach(policy["id"], kind, entity, work.now, quotas=work.context.quotas)
    else:
        work.cam.detach(policy["id"], kind, entity)
    return {}


def list_entities_for_policy(given: Given, work: Work) -> Result:
    """ListEntitiesForPolicy. The vendor lists no code for a policy that does not exist: nobody has it [I]."""
    word = given.text("EntityFilter", "All")
    if word not in ENTITY_FILTERS:
        raise ApiError(Code.ENTITY_FILTER_ERROR, f"`EntityFilter` is one of {', '.join(ENTITY_FILTERS)}.")
    number = policy_id(given)
    kinds = [kind.value for kind in ENTITY_FILTERS[word]]
    found = work.cam.attachments.list(
        where=("policy", str(number)), match=lambda entry: entry["kind"] in kinds,
    ).items  # fmt: skip
    return paged(given, "List", found, lambda entry: _entity(entry, work))


def _entity(entry: Document, work: Work) -> Result:
    kind, identifier = entry["kind"], entry["entity"]
    match kind:
        case Entity.USER:
            user = work.cam.user(identifier)
            name, uin = user.user if user else "", int(identifier)
        case Entity.GROUP:
            name, uin = work.cam.group(identifier)["name"], 0
        case _:
            name, uin = work.cam.role(identifier, "")["name"], 0
    return {
        "Id": identifier, "Name": name, "Uin": uin, "RelatedType": RELATED_TYPES[kind],
        "AttachmentTime": text_time(entry["time"]),
    }  # fmt: skip


def list_attached_role_policies(given: Given, work: Work) -> Result:
    """ListAttachedRolePolicies."""
    role = asked_role(given, work, gone=Code.PARAM_ERROR)
    wanted = given.text("PolicyType")
    if wanted not in ("", "User", "QCS"):
        raise ApiError(Code.PARAM_ERROR, "`PolicyType` is User or QCS.")
    rows = _policies(Entity.ROLE, role["id"], given, work)
    rows = [row for row in rows if wanted in ("", row["PolicyType"])]
    return paged(given, "List", rows, lambda row: row)


def _policies(kind: Entity, entity: str, given: Given, work: Work) -> list[Document]:
    rows = [_policy(entry, work) for entry in work.cam.attached(kind, entity)]
    return [row for row in rows if given.text("Keyword") in row["PolicyName"]]


def _policy(entry: Document, work: Work) -> Document:
    policy = work.cam.policy(entry["policy"], Code.PARAM_ERROR)
    return {
        "PolicyId": policy["id"], "PolicyName": policy["name"], "AddTime": text_time(entry["time"]),
        "PolicyType": "QCS" if policy["type"] == PRESET else "User", "CreateMode": BY_SYNTAX, "Deactived": 0,
        "DeactivedDetail": [], "Description": policy["description"],
    }  # fmt: skip


def list_attached_user_policies(given: Given, work: Work) -> Result:
    """ListAttachedUserPolicies: the user's own, not those of groups."""
    return _listed(Entity.USER, _known_user(given, work), given, work)


def list_attached_group_policies(given: Given, work: Work) -> Result:
    """ListAttachedGroupPolicies."""
    group_id = str(given.number("TargetGroupId"))
    if group_id not in work.cam.groups:
        raise ApiError(Code.PARAM_ERROR, f"The group {group_id} does not exist.")
    return _listed(Entity.GROUP, group_id, given, work)


def _known_user(given: Given, work: Work, gone: Code = Code.PARAM_ERROR) -> str:
    uin = str(given.number("TargetUin"))
    if work.cam.user(uin) is None:
        raise ApiError(gone, f"The user {uin} does not exist.")
    return uin


def _listed(kind: Entity, entity: str, given: Given, work: Work) -> Result:
    def show(row: Document) -> Result:
        row["Remark"] = row.pop("Description")
        return {**row, "OperateOwnerUin": work.account, "OperateUin": work.account, "OperateUinType": 0}

    return paged(given, "List", _policies(kind, entity, given, work), show)


def list_attached_user_all_policies(given: Given, work: Work) -> Result:
    """ListAttachedUserAllPolicies: 0 the user's own and those of groups, 1 own, 2 of groups."""
    uin, wanted = _known_user(given, work, Code.USER_NOT_EXIST), given.number("AttachType")
    if wanted not in (0, 1, 2) or given.number("StrategyType") not in (0, 1, 2):
        raise ApiError(Code.PARAM_ERROR, "`AttachType` is 0 to 2, `StrategyType` 1 or 2.")
    found: dict[int, Document] = {}
    if wanted != 2:
        found |= {row["PolicyId"]: {**row, "Groups": []} for row in _policies(Entity.USER, uin, given, work)}
    for group in work.cam.groups_of(uin) if wanted != 1 else []:
        for row in _policies(Entity.GROUP, group["id"], given, work):
            entry = found.setdefault(row["PolicyId"], {**row, "Groups": []})
            entry["Groups"].append({"GroupId": int(group["id"]), "GroupName": group["name"]})
    rows = [_as_strategy(row) for row in found.values()]
    kind = given.number("StrategyType")
    rows = [row for row in rows if kind == 0 or row["StrategyType"] == str(kind)]
    return paged(given, "PolicyList", rows, lambda row: row)


def _as_strategy(row: Document) -> Document:
    kind = "2" if row["PolicyType"] == "QCS" else "1"
    names = ("PolicyName", "AddTime", "Description", "Groups", "Deactived", "DeactivedDetail")
    shown = {name: row[name] for name in names}
    return {**shown, "PolicyId": str(row["PolicyId"]), "StrategyType": kind, "CreateMode": str(BY_SYNTAX)}


_MAKERS: Mapping[str, Callable[[str], Action]] = {"User": _on_user, "Group": _on_group, "Role": _on_role}

ACTIONS: Mapping[str, Action] = {
    **{f"{verb}{word}Policy": make(verb) for verb in (ATTACH, DETACH) for word, make in _MAKERS.items()},
    "ListEntitiesForPolicy": Action(list_entities_for_policy, {
        "PolicyId": needs(NUMBER), **PAGED, "EntityFilter": may(TEXT),
    }),
    "ListAttachedRolePolicies": Action(list_attached_role_policies, {
        "Page": needs(NUMBER), "Rp": needs(NUMBER), "RoleId": may(TEXT), "RoleName": may(TEXT), "PolicyType": may(TEXT),
        "Keyword": may(TEXT),
    }),
    "ListAttachedUserPolicies": Action(list_attached_user_policies, {"TargetUin": needs(NUMBER), **PAGED}),
    "ListAttachedGroupPolicies": Action(list_attached_group_policies, {
        "TargetGroupId": needs(NUMBER), **PAGED, "Keyword": may(TEXT),
    }),
    "ListAttachedUserAllPolicies": Action(list_attached_user_all_policies, {
        "TargetUin": needs(NUMBER), "Rp": needs(NUMBER), "Page": needs(NUMBER), "AttachType": needs(NUMBER),
        "StrategyType": may(NUMBER), "Keyword": may(TEXT),
    }),
}  # fmt: skip
