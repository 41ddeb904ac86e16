#!/bin/bash
# Creates what is missing of both banks' databases and gives their accounts the passwords of the secrets.
# Runs at every `docker compose up`: the image's own initialisation runs once, and stays half done when it is
# killed.
set -euo pipefail

MYSQL_PWD=$(< /run/secrets/mysql-root-password)
export MYSQL_PWD
client() { mysql --host=mysql --user=root --connect-timeout=10 "$@"; }

for bank in bank1 bank2; do
  password=$(sed -nE "s#^MYSQL_URL=mysql://$bank:([^@]*)@.*#\1#p" "/run/secrets/$bank.env")
  if [[ ! $password =~ ^[A-Za-z0-9._~-]+$ ]]; then
    echo "The secret $bank.env must have a line MYSQL_URL=mysql://$bank:<password>@mysql:3306/$bank, with a" \
      'password of letters, digits and . _ ~ -' >&2
    exit 1
  fi
  # Before the script, which would create the account with a password that everybody knows.
  client <<< "CREATE USER IF NOT EXISTS '$bank'@'%' IDENTIFIED BY '$password';
              ALTER USER '$bank'@'%' IDENTIFIED BY '$password';"
  client < "/sql/$bank.sql"
  client --database="$bank" < /txmsg.sql
done
