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
        described = spec._replace(description=manifest["nodes"].get(unique_id, {}).get("description") or None)
        return described if asset_spec.key.path[0] == "warehouse" else described._replace(blocking=False)
