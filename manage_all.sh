#!/usr/bin/env bash
# Everything about this system, from one place: `./manage_all.sh help`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
services=(auth_svc task_svc user_svc)

usage() {
  cat <<'HELP'
Usage: ./manage_all.sh COMMAND

Run
  up                    install what is missing, start everything, wait until it is healthy, print the addresses
  down                  stop everything; the data stays
  status                what runs, since when
  logs [NAME]           follow the logs, of all or of one: auth-svc, auth-worker, task-svc, user-svc, gateway, postgres
  mails [N]             print the last mails (3): they are files in DATA_DIR/mails unless EMAIL_URL names a mail server
  restart [NAME]        restart all or one, with whatever has changed: code, migrations, settings
  migrate               apply the migrations of the three services
  createsuperuser       make a staff account (Django's command in auth_svc; its arguments are passed on)
  manage SERVICE ...    run manage.py of auth-svc, task-svc or user-svc in its environment, e.g. `manage task-svc shell`

Develop
  test [ARGS]           run all tests, or the suites and files named, on a system of their own; options go to pytest
  check                 lint, types, migrations, deployment checks, API schemas, vulnerabilities, the gateway
  bench [CASE]          measure; see docs/performance.md
  lock [--upgrade]      recompile requirements.txt and requirements-dev.txt from pyproject.toml
  env                   print a .env with fresh secrets for a deployment
  help                  this text

Settings come from the environment or .env; see .env.example.
HELP
}

fail() { echo "manage_all.sh: $*" >&2; exit 1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "Python 3.11 or newer is needed; found $(python3 --version 2>&1 || echo none). Name one with PYTHON=/path/to/python."
}

# Install into .venv what the lock lists, unless that was done already. pip must not look for dependencies itself: it would
# prefer the newest release of what another package wants with an extra, which has no hash here, and give up.
install() {
  local wanted python
  wanted=$(cat requirements-dev.txt chassis/pyproject.toml | cksum)
  [[ -x .venv/bin/python && $(cat .venv/installed 2>/dev/null) == "$wanted" ]] && return
  python=$(find_python)
  echo "Installing into .venv (about a minute, once) ..." >&2
  .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv || fail "$python cannot make a virtual environment; on Debian: apt install python3-venv."
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e chassis
  echo "$wanted" >.venv/installed
}

run() { install; exec .venv/bin/python -m local "$@"; }

check() {
  install
  export PATH=$PWD/.venv/bin:$PATH
  python -m pip check --disable-pip-version-check
  ruff check .
  ruff format --check .
  local part
  for part in local chassis "${services[@]}" audit; do
    echo "== $part"
    python -m local.checks "$part"
  done
  echo "== gateway"
  local report
  report=$(caddy validate --config gateway/Caddyfile --adapter caddyfile 2>&1) || fail "$report"
  echo "All checks passed."
}

lock() {
  install
  local compile=(.venv/bin/uv pip compile --quiet "$@" --universal --generate-hashes --python-version 3.11
    --no-emit-index-url --custom-compile-command './manage_all.sh lock' pyproject.toml)
  "${compile[@]}" -o requirements.txt
  "${compile[@]}" --extra dev -c requirements.txt -o requirements-dev.txt
}

command=${1:-help}
shift || true
case $command in
  up | down | status | logs | mails | restart | migrate | createsuperuser | manage) run "$command" "$@" ;;
  test) install; exec .venv/bin/python -m local.suites "$@" ;;
  bench) install; exec .venv/bin/python -m tests.bench "$@" ;;
  env) install; exec .venv/bin/python -m local env ;;
  check) check ;;
  lock) lock "$@" ;;
  help | -h | --help) usage ;;
  *) usage >&2; fail "there is no command '$command'" ;;
esac
