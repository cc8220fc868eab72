#!/bin/sh
# A new database server of compose.yaml: one role, which is no superuser, and one database that nobody else connects to.
# The superuser loses its password, and so is reached from inside the container alone, by ten connections that the role
# cannot take. The role's errors are logged by the service, which gets them: their messages may quote what somebody wrote.
set -eu
psql -qv ON_ERROR_STOP=1 -v service="$SERVICE" -v password="$POSTGRES_PASSWORD" -U postgres <<'SQL'
SELECT :'service' || '_svc' AS role, :'service' || '_db' AS database \gset
SELECT current_setting('max_connections')::int - 10 AS connections \gset
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
CREATE ROLE :"role" LOGIN PASSWORD :'password' CONNECTION LIMIT :connections;
ALTER ROLE :"role" SET statement_timeout = '5s';
ALTER ROLE :"role" SET log_min_messages = 'log';
CREATE DATABASE :"database" OWNER :"role";
REVOKE CONNECT ON DATABASE :"database" FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
SQL
