# What Deploy/test and Deploy/quickstart share: the Debian packages, the Swift toolchain, the build.
# Sourced, never run. Every function is idempotent and ends the script with a message that says
# what to do where it cannot go on.

# The one list of Debian packages: what the code links, what SwiftPM fetches with, and what these
# scripts call.
debian_packages=(
  libopenblas-dev # matrix products, factorisations
  libglpk-dev     # linear programs
  libsqlite3-dev  # storage
  libpng-dev      # pictures in and out
  libssl-dev      # SHA-256 of what is stored
  zlib1g-dev      # weight files that are ZIP archives
  ca-certificates
  curl
  git
  python3
)

# The oldest Swift that compiles the package (its swift-tools-version).
swift_major=6
swift_minor=2

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
die() {
  printf '\n%s: %s\n' "$(basename "$0")" "$1" >&2
  shift
  if [ $# -gt 0 ]; then printf '   %s\n' "$@" >&2; fi
  exit 1
}

# True when dpkg has the package installed, not merely known or half configured.
installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Runs a command as root: directly, or through sudo. Without a terminal sudo must not ask.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# The package lists may be absent or name versions that the mirror has dropped, and a mirror may be
# busy for a moment.
update_lists() {
  local attempt
  for attempt in 1 2 3; do
    if as_root apt-get update -qq; then return 0; fi
    note "apt-get update failed (attempt $attempt of 3)"
    if [ "$attempt" -lt 3 ]; then sleep $((attempt * 5)); fi
  done
  return 1
}

install_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

prepare_packages() {
  say "Debian packages"
  local missing=() package
  if ! command -v dpkg-query >/dev/null; then
    note "this is no Debian: taking it on trust that these are present: ${debian_packages[*]}"
    return 0
  fi
  for package in "${debian_packages[@]}"; do
    if ! installed "$package"; then missing+=("$package"); fi
  done
  if [ ${#missing[@]} -eq 0 ]; then
    note "all present: ${debian_packages[*]}"
    return 0
  fi
  local by_hand="apt-get update && apt-get install -y ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "missing Debian packages: ${missing[*]}" \
      "There is no sudo here. As root, run:" "$by_hand"
  fi
  note "installing: ${missing[*]}"
  if ! install_packages "${missing[@]}"; then
    note "that failed; fetching the package lists anew"
    if ! update_lists || ! install_packages "${missing[@]}"; then
      die "could not install: ${missing[*]}" "As root, run:" "$by_hand"
    fi
  fi
}

prepare_swift() {
  say "Swift"
  local found major minor
  local how="Install the current toolchain as https://www.swift.org/install/linux/ says, then put its"
  local where="usr/bin folder first in PATH (export PATH=/path/to/swift/usr/bin:\$PATH) and run this again."
  if ! command -v swift >/dev/null; then
    die "Swift $swift_major.$swift_minor or newer is needed and there is no 'swift' in PATH." \
      "$how" "$where"
  fi
  found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*[0-9.]*\).*/\1/p')
  found=${found%%$'\n'*}
  major=${found%%.*}
  minor=${found#*.}
  minor=${minor%%.*}
  if [ -z "$found" ]; then
    die "'$(command -v swift)' does not tell its version ('swift --version')." "$how" "$where"
  fi
  if [ "$major" -lt "$swift_major" ] ||
    { [ "$major" -eq "$swift_major" ] && [ "$minor" -lt "$swift_minor" ]; }; then
    die "Swift $swift_major.$swift_minor or newer is needed; $(command -v swift) is $found." \
      "$how" "$where"
  fi
  note "$found at $(command -v swift)"
}

prepare() {
  prepare_packages
  prepare_swift
}
