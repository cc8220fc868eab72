#!/usr/bin/env bash
# Everything about this system, from one place: `./manage_all.sh help`.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")"
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
  update                after `git pull`: install, migrate, restart one part after the other without losing a request
  migrate [--expand]    apply the migrations of the three services; or those alone that the version before can live with
  demo                  add three accounts, one of them staff, profiles and fifty tasks, and say how to sign in
  backup [FILE]         write the three databases, while in use, to a new file (DATA_DIR/backups); --keep N deletes older
                        ones there, --secrets adds the secrets, encrypted with BACKUP_PASSPHRASE or what one types
  restore FILE          put a backup in the place of the databases; those before stay until `restore --forget`,
                        and `restore --undo` brings them back
  drill FILE            restore into a system of its own, prove it, print how long it took and how old the backup is
  reconcile [--apply]   after a restore: count what has no account, and accounts that were deleted; --apply erases both
  createsuperuser       make a staff account (Django's command in auth_svc; its arguments are passed on)
  manage SERVICE ...    run manage.py of auth-svc, task-svc or user-svc in its environment, e.g. `manage task-svc shell`

Develop
  dev [SERVICE]         start what does not run; serve one service (task-svc) from the files under edit, until Ctrl-C
  test [ARGS]           run all tests, or the suites and files named, on a system of their own; options go to pytest
                        (with --keep that system stays for the next run; test --forget stops and deletes it)
  test failover         kill nodes of a PostgreSQL cluster under writes; needs etcd and haproxy (docs/operations.md)
  check                 lint, types, migrations, deployment checks, API schemas, vulnerabilities, Kubernetes, the gateway
  openapi               write gateway/pages/openapi.json, the document of all three services; `check` compares it
  clients               write the generated clients, clients/python and clients/typescript, from it; `check` compares them
  bench [CASE]          measure; see docs/performance.md
  lock [--upgrade]      recompile the five locks, requirements*.txt, from pyproject.toml
  env                   print a .env with fresh secrets for a deployment
  help                  this text

Settings come from the environment or .env; see .env.example.
HELP
}

fail() { echo "manage_all.sh: $*" >&2; exit 1; }

find_python() {
  local candidate candidates=(python3 python3.13 python3.12 python3.11 /usr/bin/python3)
  [[ -n ${PYTHON:-} ]] && candidates=("$PYTHON")
  for candidate in "${candidates[@]}"; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  [[ -z ${PYTHON:-} ]] || fail "PYTHON=$PYTHON is no Python 3.11 or newer."
  fail "Python 3.11 or newer is needed; found $(python3 --version 2>&1 || echo none). Name one with PYTHON=/path/to/python."
}

# Install into .venv what a lock lists (requirements-local.txt runs the system, requirements-dev.txt also tests it,
# requirements-failover.txt also on a PostgreSQL cluster), unless that was done already. A .venv that is half-made, or that
# belongs to where the clone was before, is made anew. pip must not look for dependencies itself: it would prefer the newest
# release of what another package wants with an extra, which has no hash here, and give up.
install() {
  [[ -w . ]] || fail "$PWD belongs to somebody else: clone it for yourself."
  # One installation at a time.
  exec 9>.install.lock
  ! command -v flock >/dev/null || flock 9
  install_locked "$1"
  exec 9>&-
}

install_locked() {
  local lock=requirements-$1.txt place python pip
  place="$PWD $(.venv/bin/python -V 2>&1)" || true
  [[ $(cat ".venv/installed-$1" 2>/dev/null) == "$(stamp "$1")" ]] && return
  python=$(find_python)
  echo "Installing $lock into .venv, once ..." >&2
  if [[ $(cat .venv/made-at 2>/dev/null) != "$place" ]] || ! .venv/bin/python -m pip --version &>/dev/null; then
    "$python" -m venv --clear .venv >&2 || fail "$python cannot make a virtual environment; on Debian: apt install python3-venv."
    place="$PWD $(.venv/bin/python -V 2>&1)"
    echo "$place" >.venv/made-at
  fi
  pip=(.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps)
  "${pip[@]}" --require-hashes -r "$lock"
  "${pip[@]}" --no-build-isolation -e chassis
  stamp "$1" >".venv/installed-$1"
  # The lock of the tests lists what runs the system, too.
  [[ $1 == local ]] || stamp local >.venv/installed-local
}

# Print what .venv/installed-NAME holds once the lock of that name is installed.
stamp() { echo "$(cat "requirements-$1.txt" chassis/pyproject.toml | cksum) $place"; }

run() { install local; exec .venv/bin/python -m local "$@"; }

check() {
  install dev
  export PATH=$PWD/.venv/bin:$PATH
  python -m pip check --disable-pip-version-check
  ruff check .
  ruff format --check .
  local part
  for part in local chassis "${services[@]}" audit kubernetes; do
    echo "== $part"
    python -m local.checks "$part"
  done
  echo "== gateway"
  python -m local.openapi --check
  python -m local.clients --check
  local report
  report=$(caddy validate --config gateway/Caddyfile --adapter caddyfile 2>&1) || fail "$report"
  echo "All checks passed."
}

lock() {
  install dev
  local compile=(.venv/bin/uv pip compile --quiet "$@" --universal --generate-hashes --python-version 3.11
    --no-emit-index-url --custom-compile-command './manage_all.sh lock')
  "${compile[@]}" pyproject.toml -o requirements.txt
  "${compile[@]}" pyproject.toml --extra local -c requirements.txt -o requirements-local.txt
  "${compile[@]}" pyproject.toml --extra local --extra dev -c requirements-local.txt -o requirements-dev.txt
  "${compile[@]}" pyproject.toml --extra local --extra dev --extra failover -c requirements-dev.txt -o requirements-failover.txt
  # Their own dependencies, as far as they are needed here, are in requirements-dev.txt.
  "${compile[@]}" --group kubernetes --no-deps -o requirements-kubernetes.txt
}

command=${1:-help}
shift || true
case $command in
  update) [[ $# == 0 ]] || fail "update takes no arguments."; run restart ;;
  up | down | status | logs | mails | restart | migrate | createsuperuser | manage | backup | restore | drill | reconcile | demo | env) run "$command" "$@" ;;
  dev) install dev; exec .venv/bin/python -m local dev "$@" ;;
  test) install dev; [[ " $*" != *" failover"* ]] || install failover; exec .venv/bin/python -m local.suites "$@" ;;
  openapi) install dev; exec .venv/bin/python -m local.openapi ;;
  clients) install dev; exec .venv/bin/python -m local.clients ;;
  bench) install dev; exec .venv/bin/python -m bench "$@" ;;
  check) check ;;
  lock) lock "$@" ;;
  help | -h | --help) usage ;;
  *) usage >&2; fail "there is no command '$command'" ;;
esac
