#!/bin/sh
# Runs the command it is given, by default the server; a first argument that is an option is one of the server's.
set -e
case "${1:-}" in
"" | -*) set -- pocketbus "$@" ;;
esac
exec "$@"
