# Clients that are slow on purpose (Debian's slowhttptest), and how others fare meanwhile. Sourced,
# never run.

# slow_clients URL [SECONDS [CONNECTIONS]]
# Holds CONNECTIONS (default 1000) slow ones to the server at URL for SECONDS (default 15) a kind: slow
# headers, slow bodies, slow readers. Fails when /healthz, asked by another client all the while, is
# not 200 or takes longer than 50 ms one time in a hundred.
slow_clients() {
  local url=$1 seconds=${2:-15} connections=${3:-1000} failed=0 kind
  for kind in headers body read; do
    slow_kind "$kind" "$url" "$seconds" "$connections" || failed=1
  done
  return "$failed"
}

slow_kind() {
  local kind=$1 url=$2 seconds=$3 connections=$4 pid log answer held ok=yes
  local -a options
  case $kind in
    headers) options=(-H -u "$url/healthz" -i 5 -x 24) ;;
    body) options=(-B -u "$url/v1/inversions" -f application/json -i 5 -s 8192 -x 10) ;;
    read) options=(-X -u "$url/openapi.json" -k 3 -w 512 -y 1024 -n 5 -z 32) ;;
  esac
  log=$(mktemp)
  slowhttptest "${options[@]}" -c "$connections" -r "$connections" -l "$seconds" -p 5 -v 1 \
    >"$log" 2>&1 &
  pid=$!
  # Most are connected after a second; the probe ends before they do.
  sleep 2
  answer=$(python3 "$(dirname "${BASH_SOURCE[0]}")/probe.py" "$url/healthz" "$((seconds - 3))") ||
    ok=no
  wait "$pid" || true
  # The most that were open in any of its reports, which are in colour.
  held=$(sed 's/\x1b\[[0-9;]*[A-Za-z]//g' "$log" | awk '$1 == "connected:" && $2 > most { most = $2 }
    END { print most + 0 }')
  rm -f "$log"
  if [ "$held" -lt $((connections * 9 / 10)) ]; then ok=no; fi
  printf '   slow %s, %s open at a time: %s%s\n' "$kind" "$held" "$answer" \
    "$([ "$ok" = yes ] || printf ' FAILED')"
  [ "$ok" = yes ]
}
