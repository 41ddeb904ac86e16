#!/bin/bash
# start-rocketmq.sh <configuration> <arguments of java>: puts the administrator's secret into a copy of the
# configuration, and becomes the server.
set -euo pipefail

secret=$(< /run/secrets/rocketmq-administrator)
if [[ ! $secret =~ ^[A-Za-z0-9._~-]+$ ]]; then
  echo 'The secret rocketmq-administrator must consist of letters, digits and . _ ~ -' >&2
  exit 1
fi
umask 077
configuration=$(< "$1")
printf '%s\n' "${configuration//@ADMINISTRATOR_SECRET@/$secret}" > "/tmp/$(basename "$1")"
shift
exec java "$@"
