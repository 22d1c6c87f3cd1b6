#!/bin/sh
# Asks the server in this container whether it is ready, at the port that its variables choose.
first=${GATEWAY_LISTEN%%,*}
case $first in
*:*) port=${first##*:} ;;
*[!0-9]*) ;;
*) port=$first ;;
esac
exec curl --fail --silent --show-error --noproxy '*' --output /dev/null \
    "http://127.0.0.1:${POCKETBUS_PORT:-${port:-${EDGE_PORT:-4566}}}/_pocketbus/health"
