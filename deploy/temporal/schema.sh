#!/bin/sh
# Lays down Temporal's tables, or brings them up to the version of this image. It
# may be repeated: a schema that is there already is left as it is.
set -eu
for store in temporal visibility; do
  database=temporal
  [ "$store" = visibility ] && database=temporal_visibility
  sql() { SQL_DATABASE="$database" temporal-sql-tool "$@"; }
  sql setup-schema --version 0.0
  sql update-schema --schema-name "postgresql/v12/$store"
done
