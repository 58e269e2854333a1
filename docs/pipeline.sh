#!/bin/sh
# Bring running instances onto a new version, from a pipeline: no terminal, no question, an account at the end.
#
#   OLD=order-v1.bpmn NEW=order-v2.bpmn KEY=order TUI_MIGRATE_URL=https://host/engine-rest ./pipeline.sh
#
# OLD is what instances run on, NEW what is deployed. PLAN, if given, is a reviewed plan file (from the screens, or
# `tui-migrate plan`); without it the generated plan with the best suggestions is used. Files are left in OUT.
#
# Exit codes are those of tui-migrate: 1 the plan or some instances say no, 2 usage, 3 can't reach or not allowed,
# 4 timed out, 5 outcome unknown. A test runs this script as it stands against every engine that we support.
set -eu

: "${OLD:?the BPMN file that instances are on}" "${NEW:?the BPMN file to deploy}" "${KEY:?the process's key}"
: "${TUI_MIGRATE_URL:?the REST base of the engine}"
OUT=${OUT:-migration}
mkdir -p "$OUT"

# 1. Before anything is deployed: could instances follow at all? Two files are enough to say so.
#    (`--fail-on error`: unmapped activities are settled below, by the plan and by the rehearsal.)
tui-migrate check "$OLD" "$NEW" --process "$KEY" --fail-on error --format junit > "$OUT/check.xml"

# 2. Deploy the new version.
curl --fail-with-body --silent --show-error \
    ${TUI_MIGRATE_USER:+--user "$TUI_MIGRATE_USER:$TUI_MIGRATE_PASSWORD"} \
    --form deployment-name="$KEY" --form deployment-source=pipeline --form "data=@$NEW" \
    "$TUI_MIGRATE_URL/deployment/create" > "$OUT/deployment.json"
SOURCE=${SOURCE:-$(tui-migrate definitions "$KEY" --running --format jsonl | sed -n '1s/.*"id": "\([^"]*\)".*/\1/p')}
if [ -z "$SOURCE" ]; then
    echo "no running instances of $KEY: nothing to migrate" >&2
    exit 0
fi

# 3. The plan: reviewed, or generated with the best suggestions.
if [ -z "${PLAN:-}" ]; then
    PLAN="$OUT/plan.json"
    tui-migrate plan "$SOURCE" "$KEY" --suggestions --output "$PLAN"
fi
tui-migrate validate "$PLAN" --format json > "$OUT/validation.json"

# 4. Which instances, and what does the engine itself say of each? Nothing is migrated here.
tui-migrate instances "$SOURCE" --ids > "$OUT/instances.txt"
COUNT=$(wc -l < "$OUT/instances.txt" | tr -d ' ')
tui-migrate rehearse "$PLAN" --instances-file "$OUT/instances.txt" --yes --format junit > "$OUT/rehearsal.xml"

# 5. Migrate exactly these, as a batch, and account for each of them.
code=0
tui-migrate run "$PLAN" --instances-file "$OUT/instances.txt" --expect "$COUNT" --yes --timeout "${TIMEOUT:-600}" \
    --format junit > "$OUT/account.xml" || code=$?

# 6. The batch, for the log (it may be gone by now, which is fine).
BATCH=$(tui-migrate batches --format jsonl | sed -n '1s/.*"id": "\([^"]*\)".*/\1/p')
[ -z "$BATCH" ] || tui-migrate watch "$BATCH" --timeout 60 >&2 || true
exit "$code"
