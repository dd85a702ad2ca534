# Starting, awaiting and stopping a server from a script. Sourced after prepare.sh, never run.

# The release build of the product.
server_program() { printf '%s/preimage' "$(swift build -c release --show-bin-path)"; }

# start_server LOG ARGUMENT...
# Starts `preimage serve` in a session of its own (so that it outlives the script and its terminal),
# waits until it has printed its address, and sets server_pid and server_url. Fails, with the
# server's last words, when it ends first or says nothing for a minute.
start_server() {
  local log=$1 program waited=0
  shift
  program=$(server_program)
  : >"$log"
  # nohup keeps it through the end of the terminal; exec-ing through setsid keeps $! its own id.
  setsid nohup "$program" serve "$@" >>"$log" 2>&1 </dev/null &
  server_pid=$!
  server_url=
  while [ "$waited" -lt 600 ]; do
    server_url=$(grep -oEm1 'http://[][0-9A-Za-z.:-]+:[0-9]+' "$log" || true)
    if [ -n "$server_url" ]; then return 0; fi
    if ! kill -0 "$server_pid" 2>/dev/null; then
      printf '   %s\n' "the server ended before it accepted connections:" >&2
      tail -n 20 "$log" | sed 's/^/   | /' >&2
      return 1
    fi
    sleep 0.1
    waited=$((waited + 1))
  done
  printf '   %s\n' "the server did not tell its address within a minute:" >&2
  tail -n 20 "$log" | sed 's/^/   | /' >&2
  stop_server
  return 1
}

# Asks the server to drain, and insists after twenty seconds. Does nothing when none was started.
stop_server() {
  local waited=0
  if [ -z "${server_pid:-}" ]; then return 0; fi
  kill -TERM "$server_pid" 2>/dev/null || true
  while kill -0 "$server_pid" 2>/dev/null; do
    if [ "$waited" -ge 200 ]; then kill -KILL "$server_pid" 2>/dev/null || true; fi
    sleep 0.1
    waited=$((waited + 1))
    if [ "$waited" -ge 250 ]; then break; fi
  done
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}
