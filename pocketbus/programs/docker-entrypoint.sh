#!/bin/sh
# Runs the command it is given, by default the server; a first argument that is an option is one of the server's.
# What there is stays in /data, but for those who ask for it in LocalStack's words, and where.
set -e
if [ -z "${PERSISTENCE:-}" ]; then export POCKETBUS_DATA="${POCKETBUS_DATA-/data}"; fi
case "${1:-}" in
"" | -*) set -- pocketbus "$@" ;;
esac
exec "$@"
