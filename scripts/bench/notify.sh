#!/usr/bin/env bash
# Measures the cost of NOTIFY in a transaction: commits a second of a small write alone, with a
# pg_notify in it, and alone beside a connection that notifies in batches (as the service does).
#
#   scripts/bench/notify.sh postgres://postgres@127.0.0.1:5432/bench [rounds] [seconds]
#
# Needs psql and pgbench on PATH, and an otherwise idle server with fsync on. Drops what it creates.
set -euo pipefail

url=${1:?database URL}
rounds=${2:-3}
seconds=${3:-5}
scripts=$(mktemp -d)
trap 'rm -rf "$scripts"; psql -qX "$url" -c "DROP TABLE IF EXISTS notify_bench"' EXIT

write='INSERT INTO notify_bench (body) VALUES (gen_random_uuid());'
echo "BEGIN; $write SELECT gen_random_uuid()::text; COMMIT;" | sed 's/; */;\n/g' >"$scripts/alone.sql"
echo "BEGIN; $write SELECT pg_notify('bench', gen_random_uuid()::text); COMMIT;" |
  sed 's/; */;\n/g' >"$scripts/inside.sql"
cat >"$scripts/batch.sql" <<'SQL'
SET synchronous_commit = off;
SELECT pg_notify('bench', gen_random_uuid()::text) FROM generate_series(1, 20);
SQL

tps() { # script, connections
  pgbench -n -M prepared -c "$2" -j 2 -T "$seconds" -f "$scripts/$1.sql" "$url" 2>/dev/null |
    sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

psql -qX "$url" -c 'DROP TABLE IF EXISTS notify_bench' \
  -c 'CREATE TABLE notify_bench (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body uuid)' 2>/dev/null

echo 'round connections alone inside beside'
for ((round = 1; round <= rounds; round++)); do
  for connections in 1 8 32; do
    alone=$(tps alone "$connections")
    inside=$(tps inside "$connections")
    pgbench -n -c 1 -R 200 -T "$seconds" -f "$scripts/batch.sql" "$url" >/dev/null 2>&1 &
    beside=$(tps alone "$connections")
    wait
    echo "$round $connections $alone $inside $beside"
  done
done
