#!/bin/sh
# Copies what is published to object storage: copy-release.sh HOME REMOTE, for instance … /var/lib/yigongti/home store:county
# REMOTE is a remote of rclone. A release never changes once it is there; `serving/current` is written last and names it.
set -eu
home=$1 remote=$2
id=$(basename "$(readlink "$home/current")")
release=$home/releases/$id

# For keeping: the release as it is (links are left out: marts.duckdb is only an older name of release.duckdb).
rclone copy --immutable "$release" "$remote/releases/$id"
rclone check --one-way "$release" "$remote/releases/$id"

# For other engines: a folder for each table, without lineage.
for file in "$release"/marts/*.parquet; do
  table=$(basename "$file" .parquet)
  rclone copyto --immutable "$file" "$remote/serving/$table/release=$id/$table.parquet"
done
for event in "$release"/events/*; do
  rclone copy --immutable "$event" "$remote/serving/$(basename "$event")/release=$id"
done
echo "$id" | rclone rcat "$remote/serving/current"
