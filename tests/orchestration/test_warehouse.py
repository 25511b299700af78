"""What a build of everything builds: all that somebody reads."""

from collections.abc import Mapping

from orchestration.assets.warehouse import unread_staging


def manifest_of(children: Mapping[str, list[str]]) -> dict:
    nodes = {
        "model.p.stg_read": {"name": "stg_read", "resource_type": "model", "fqn": ["p", "staging", "his", "stg_read"]},
        "model.p.stg_unread": {"name": "stg_unread", "resource_type": "model", "fqn": ["p", "staging", "stg_unread"]},
        "model.p.mart": {"name": "mart", "resource_type": "model", "fqn": ["p", "marts", "mart"]},
    }  # fmt: skip
    return {"nodes": nodes, "child_map": children}


def test_staging_that_nothing_reads_is_left_out_and_nothing_else():
    assert unread_staging(manifest_of({"model.p.stg_read": ["model.p.mart"], "model.p.stg_unread": []})) == [
        "stg_unread"
    ]
    assert (
        unread_staging(manifest_of({"model.p.stg_read": ["test.p.x"], "model.p.stg_unread": ["test.p.y"]}))
        == []
    )


def test_of_the_real_project_what_the_core_reads_is_built(manifest: dict):
    unread = unread_staging(manifest)
    assert "stg_his_op_visit" not in unread and "stg_batch_outcome" not in unread
    assert {f"model.yigongti.{name}" for name in unread} <= set(manifest["nodes"])
