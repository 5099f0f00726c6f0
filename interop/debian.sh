# Sourced by the scripts that need programs of Debian.

# Whether a program or file is there.
there() {
    command -v "$1" > /dev/null || [ -e "$1" ]
}

# A program or file, and the package of Debian that has it. Fails if it cannot be installed.
debian() {
    there "$1" && return
    local root=()
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    [ -n "${updated:-}" ] || timeout 300 "${root[@]}" apt-get update -q || true
    updated=1
    DEBIAN_FRONTEND=noninteractive timeout 600 "${root[@]}" \
        apt-get install -q -y --no-install-recommends "$2"
} >&2
