#!/bin/bash
# Creates what is missing of each service's database and gives its account the password of the secrets. Which services
# there are is said by the secrets that this container is given: `<service>.env`, for which there is a `/sql/<service>.sql`.
# Runs at every `docker compose up`: the image's own initialisation runs once, and stays half done when it is
# killed.
set -euo pipefail

MYSQL_PWD=$(< /run/secrets/mysql-root-password)
export MYSQL_PWD
client() { mysql --host=mysql --user=root --connect-timeout=10 "$@"; }

for file in /run/secrets/*.env; do
  service=$(basename "$file" .env)
  # As the scripts have it, the account is called as its database.
  database=$(sed -nE 's#^MYSQL_URL=mysql://([A-Za-z0-9_]+):[^@]*@[^/]*/\1([?].*)?$#\1#p' "$file")
  password=$(sed -nE "s#^MYSQL_URL=mysql://[A-Za-z0-9_]+:([^@]*)@.*#\1#p" "$file")
  if [[ -z $database || ! $password =~ ^[A-Za-z0-9._~-]+$ ]]; then
    echo "The secret $service.env must have a line MYSQL_URL=mysql://<database>:<password>@mysql:3306/<database>, with a" \
      'password of letters, digits and . _ ~ -' >&2
    exit 1
  fi
  # Before the script, which would create the account with a password that everybody knows.
  client <<< "CREATE USER IF NOT EXISTS '$database'@'%' IDENTIFIED BY '$password';
              ALTER USER '$database'@'%' IDENTIFIED BY '$password';"
  client < "/sql/$service.sql"
  client --database="$database" < /txmsg.sql
  # The tables of a library that only this service uses.
  if [[ -f /libraries/$service.sql ]]; then client --database="$database" < "/libraries/$service.sql"; fi
done
