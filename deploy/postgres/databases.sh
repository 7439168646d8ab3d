#!/bin/sh
# A user and its databases for Temporal, and a user and a database for the
# application: neither can read the other's.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
  --set temporal="$TEMPORAL_DB_PASSWORD" --set application="$APPLICATION_DB_PASSWORD" <<'SQL'
CREATE USER temporal PASSWORD :'temporal';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE USER domainprovisioning PASSWORD :'application';
CREATE DATABASE domainprovisioning OWNER domainprovisioning;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, domainprovisioning FROM PUBLIC;
SQL
