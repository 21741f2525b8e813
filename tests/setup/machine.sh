#!/bin/sh
# Installs what the tests drive: a real Asterisk, sipp, Mosquitto, PostgreSQL, Chromium.
#
#     tests/setup/machine.sh PYTHON        (`make test` calls it; PYTHON has Minuteur installed)
#
# Only as root on a machine with apt, and only what is missing. Elsewhere it says which tests
# will skip, and succeeds: whoever cannot install system packages can still run the rest.
set -eu

python=$1
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

has() { command -v "$1" >/dev/null 2>&1; }

# Debian keeps PostgreSQL's server programs out of the path, one folder for each version.
has_postgresql() { has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }

missing_packages() {
    has debootstrap || echo debootstrap
    has sipp || echo sip-tester
    has openssl || echo openssl
    has mosquitto || echo mosquitto
    has_postgresql || echo postgresql
    has chromium || echo chromium
    ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || echo libfaketime
    # the node inside Playwright, which drives Chromium, is linked to it
    ldconfig -p | grep -q 'libatomic\.so\.1' || echo libatomic1
}

# No package may start its daemon: the tests start private ones, on free ports.
without_daemons() {
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
    "$@"
    rm -f "$policy"
    trap - EXIT INT TERM
}

quietly() {
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        tail -n 30 "$log" >&2
        rm -f "$log"
        echo "error: $* failed" >&2
        return 1
    fi
}

install_packages() {
    echo "Installing Debian packages:" "$@"
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update
    quietly apt-get install --yes --no-install-recommends "$@"
}

missing=$(missing_packages | tr '\n' ' ')
if [ "$(id -u)" != 0 ]; then
    echo "Not root: the tests on a real Asterisk will skip (they need chroot and mount)."
    [ -z "$missing" ] || echo "The tests that need these packages will skip: $missing"
    exit 0
fi
if [ -n "$missing" ]; then
    if ! has apt-get; then
        echo "No apt here: the tests that need these will skip: $missing"
        exit 0
    fi
    # shellcheck disable=SC2086  # a list of words
    without_daemons install_packages $missing
fi

echo "Installing Asterisk, if it is not there yet"
"$python" -m tests.asterisk_lab.install 16 &
the_older=$!
status=0
"$python" -m tests.asterisk_lab.install || status=$?
wait "$the_older" || status=$?
exit "$status"
