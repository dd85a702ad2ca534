# Trials that are counted. Sourced after prepare.sh, never run.

passed=0
failed=0
skipped=0

# trial NAME COMMAND...: passes by ending with 0; 2 says that it could not be carried out.
trial() {
  local name=$1 status=0
  shift
  say "$name"
  "$@" || status=$?
  case $status in
    0) passed=$((passed + 1)) ;;
    2)
      skipped=$((skipped + 1))
      note "skipped: it could not be carried out, see above"
      ;;
    *)
      failed=$((failed + 1))
      note "FAILED ($name, status $status)"
      ;;
  esac
}

has() { command -v "$1" >/dev/null || { note "there is no $1"; return 2; }; }

# Tells how many passed and failed; fails where one has.
tell_trials() {
  say "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

# with_python MODULE PACKAGE...: sees to it that the module can be imported, in an environment of its
# own below the temporary folder, which then comes first in PATH.
with_python() {
  local module=$1 environment=${TMPDIR:-/tmp}/preimage-trials
  shift
  PATH=$environment/bin:$PATH
  if ! "$environment/bin/python3" -c "import $module" 2>/dev/null; then
    say "$*, into $environment"
    python3 -m venv "$environment" && "$environment/bin/pip" install --quiet "$@" ||
      note "not all of these could be installed; is there a network?"
  fi
}
