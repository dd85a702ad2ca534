# The acceptance scripts beside a checkout, run against the built server. Sourced, never run.

# run_acceptance FOLDER
# Starts a server on a port and a database of its own, runs both scripts, stops it.
run_acceptance() {
  local folder=$1 state port
  state=$(mktemp -d)
  scratch+=("$state")
  start_server "$state/server.log" --port 0 --database "$state/preimage.sqlite" ||
    die "the server did not start; see above."
  port=${server_url##*:}
  port=${port%%/*}
  note "serving at $server_url"

  say "HTTP cases"
  timeout 600 python3 "$folder/http_cases.py" 127.0.0.1 "$port" || failed_acceptance "$state"

  say "A client's journey"
  timeout 900 python3 "$folder/journey.py" "$server_url" ||
    failed_acceptance "$state"
  stop_server
}

failed_acceptance() {
  note "the server's last lines:"
  tail -n 20 "$1/server.log" | sed 's/^/   | /'
  die "the acceptance scripts beside the checkout failed; see above."
}
