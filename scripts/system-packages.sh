#!/bin/sh
# Installs the Debian packages that `make run` or `make test` needs, or says exactly which to install.
# usage: scripts/system-packages.sh run|test
set -eu

missing=""
need() { missing="$missing $1"; }

python="${PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; found: $("$python" --version 2>&1). Name another one with PYTHON=..." >&2
    exit 1
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || need python3-venv
find /usr/share/fonts /usr/local/share/fonts -name "NotoSansCJK*" 2>/dev/null | grep -q . || need fonts-noto-cjk
# sets the text of PDF reports
/sbin/ldconfig -p | grep -q 'libpangoft2-1\.0\.so' || need libpangoft2-1.0-0
if [ "$1" = test ]; then
    # the browser without its windows does the same work in two thirds of the time; not every distribution has it
    if ! command -v chromium-headless-shell >/dev/null 2>&1 && ! command -v chromium >/dev/null 2>&1; then
        if apt-cache show chromium-headless-shell >/dev/null 2>&1; then need chromium-headless-shell; else need chromium; fi
    fi
    # the driver of the browser tests is linked against it
    /sbin/ldconfig -p | grep -q 'libatomic\.so\.1' || need libatomic1
    # a real broker, a real database server and a Java for Spark
    command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] || need mosquitto
    command -v java >/dev/null 2>&1 || need default-jre-headless
    find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | grep -q . || need postgresql
fi
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install with your package manager:$missing" >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    root="sudo"
else
    echo "Please run first: sudo apt-get update && sudo $install" >&2
    exit 1
fi
echo "Installing system packages:$missing"
$root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
$root env DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null
