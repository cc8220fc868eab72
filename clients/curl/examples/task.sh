#!/usr/bin/env bash
# Register, log in, make a task once however often it is sent, and complete it if nobody has changed it meanwhile.
set -euo pipefail
api() { curl --silent --show-error --fail-with-body --header 'Content-Type: application/json' "$@"; }
random() { cat /proc/sys/kernel/random/uuid; }

account='{"email": "'$(random)'@example.com", "password": "correct horse battery"}'
api "$GATEWAY_URL/auth/register" --data "$account" >/dev/null
token=$(api "$GATEWAY_URL/auth/login" --data "$account" | jq --raw-output .data.access_token)

made=$(api "$GATEWAY_URL/tasks" --oauth2-bearer "$token" --header "Idempotency-Key: $(random)" --data '{"title": "Buy milk"}')
task=$GATEWAY_URL/tasks/$(jq --raw-output .data.id <<<"$made")
etag=$(api "$task" --oauth2-bearer "$token" --output /dev/null --write-out '%header{etag}')
done=$(api "$task" --oauth2-bearer "$token" --request PATCH --header "If-Match: $etag" --data '{"status": "completed"}')
jq --raw-output '.data | "\(.title) \(.status)"' <<<"$done"
