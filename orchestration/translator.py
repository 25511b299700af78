"""How a dbt node looks in Dagster: key, labels, description, and which asset a dbt source really is.

One small function per question. Does not belong here: running dbt (orchestration.dbt).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from orchestration.labels import group_of_node, owners_of, tags_of_node

SETTINGS_KEY = dg.AssetKey(["county", "settings"])
PERSON_INDEX_KEY = dg.AssetKey(["identity", "person_index"])
RELEASE_KEY = dg.AssetKey(["release", "published"])

# Generic tests, by what they are given in the project.
DEMANDS = {
    "unique_key": "主键({columns})都不为空,组合不重复 / key ({columns}): none is null, no combination twice",
    "not_null": "{column_name} 不为空 / {column_name} is never null",
    "unique": "{column_name} 不重复 / {column_name} never occurs twice",
    "accepted_values": "{column_name} 只能是 {values} / {column_name} is one of {values}",
    "relationships": "{column_name} 都能在 {to} 的 {field} 中找到 / every {column_name} is a {field} of {to}",
}


def feed_key(feed: str) -> dg.AssetKey:
    """Asset of a feed."""
    return dg.AssetKey(["feeds", feed])


def model_key(name: str) -> dg.AssetKey:
    """Asset of a dbt model or seed."""
    return dg.AssetKey(["warehouse", name])


def source_key(source_name: str, table: str) -> dg.AssetKey:
    """The asset that writes what a dbt source reads; several sources may come from one asset."""
    if source_name == "conformed":
        return feed_key(table)
    return PERSON_INDEX_KEY if table == "person_index" else SETTINGS_KEY


def attach_tests(manifest: Mapping[str, Any]) -> None:
    """Give every test that reads several tables an asset, in place: the last model it names.

    dagster-dbt shows such a test as a check only if the dbt project says where; dbt_project knows nothing of Dagster.
    """
    for node in manifest["nodes"].values():
        models = [each for each in node["depends_on"].get("nodes", ()) if each.startswith("model.")]
        if node["resource_type"] == "test" and not node.get("attached_node") and models:
            reference = {"ref": {"name": manifest["nodes"][models[-1]]["name"]}}
            node["config"]["meta"] = {**node["config"].get("meta", {}), "dagster": reference}


def described_test(node: Mapping[str, Any]) -> str | None:
    """What a test of dbt demands: its own description, or in words what its kind and arguments say."""
    if node.get("description"):
        return str(node["description"])
    kind = (node.get("test_metadata") or {}).get("name")
    if kind not in DEMANDS:
        return None
    given = {"column_name": node.get("column_name"), **node["test_metadata"].get("kwargs", {})}
    words = {
        key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in given.items()
    }
    return DEMANDS[kind].format_map(words)


class WarehouseTranslator(DagsterDbtTranslator):
    """Our answers to dagster-dbt's questions."""

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(
                enable_duplicate_source_asset_keys=True, enable_source_tests_as_checks=True
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return source_key(dbt_resource_props["source_name"], dbt_resource_props["name"])
        return model_key(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return None if dbt_resource_props["resource_type"] == "source" else group_of_node(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str] | None:
        if dbt_resource_props["resource_type"] == "source":
            return None
        return owners_of(group_of_node(dbt_resource_props))

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        return {} if dbt_resource_props["resource_type"] == "source" else tags_of_node(dbt_resource_props)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props.get("description", "")

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """A test of a source runs inside the build, after what the source feeds: blocking it would be a circle.

        dbt itself builds nothing on a source that failed its test.
        """
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if spec is None:
            return None
        described = spec._replace(description=described_test(manifest["nodes"].get(unique_id, {})))
        return described if asset_spec.key.path[0] == "warehouse" else described._replace(blocking=False)
