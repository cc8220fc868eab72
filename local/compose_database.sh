#!/bin/sh
# A new database server of compose.yaml: one role, which is no superuser, and one database that nobody else connects to.
# The superuser loses its password, and so is reached from inside the container alone.
set -eu
psql -qv ON_ERROR_STOP=1 -v service="$SERVICE" -v password="$POSTGRES_PASSWORD" -U postgres <<'SQL'
SELECT :'service' || '_svc' AS role, :'service' || '_db' AS database \gset
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
CREATE ROLE :"role" LOGIN PASSWORD :'password';
ALTER ROLE :"role" SET statement_timeout = '5s';
CREATE DATABASE :"database" OWNER :"role";
REVOKE CONNECT ON DATABASE :"database" FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
SQL
