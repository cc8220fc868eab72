#!/bin/sh
# The secrets of each service of compose.yaml, made once; those that are there already stay. For Kubernetes on one machine
# it makes the same in the folder that is named.
set -eu
umask 077
app=10001 # The user of the Dockerfile.

# 48 random bytes as 64 letters, digits, dashes and underscores.
fresh() { head -c 48 /dev/urandom | base64 -w 0 | tr '+/' '-_'; }

# Every byte as %XX, so that a password of any characters fits into a URL.
quoted() { od -An -v -tx1 "$1" | tr -d '\n' | tr ' ' '%'; }

# keep OWNER FILE VALUE: write a file that only its owner reads, complete or not at all.
keep() {
  [ -s "$2" ] && return
  printf '%s' "$3" >"$2.new"
  [ -n "$folder" ] || chown "$1" "$2.new"
  mv "$2.new" "$2"
  echo "made $2"
}

# provide NAME PASSWORD: the secrets of one service; the password is taken where its database has none yet.
provide() {
  keep postgres "$1/database_password" "${2:-$(fresh)}"
  keep "$app" "$1/database_url" "postgres://$1_svc:$(quoted "$1/database_password")@$1-db/$1_db"
  keep "$app" "$1/secret_key" "$(fresh)"
  keep "$app" "$1/service_key" "$(cat auth/service_key)"
  [ "${2:-$(cat "$1/database_password")}" = "$(cat "$1/database_password")" ] ||
    echo "The database of $1 keeps the password it was made with; see .env.example."
}

folder=${1:-}
[ -z "$folder" ] || mkdir -p "$folder/auth" "$folder/task" "$folder/user"
cd "${folder:-/secrets}"
keep "$app" auth/service_key "$(fresh)"
keep "$app" auth/jwt_signing_key "$(fresh)"
provide auth "${AUTH_DB_PASSWORD:-}"
provide task "${TASK_DB_PASSWORD:-}"
provide user "${USER_DB_PASSWORD:-}"
