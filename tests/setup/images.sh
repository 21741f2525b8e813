#!/bin/sh
# Builds the container images of docker/ for real, without a container engine, and tries them.
#
#     tests/setup/images.sh [BUILDAH-BUD-OPTION…]
#
# Needs root, buildah and debootstrap. The base images are made by debootstrap, under the names
# that the Dockerfiles use, from the Debian mirror of this machine's apt. Options are for what a
# machine's network needs, such as --volume /etc/pip.conf:/etc/pip.conf:ro.
# Where Docker runs, `docker build` as in the Dockerfiles' first lines does the same.
set -eu
cd "$(dirname "$0")/../.."

storage=${IMAGES_DIR:-/var/cache/minuteur/images}
python=${PYTHON:-python3}
mirror=${MINUTEUR_LAB_MIRROR:-$("$python" -c 'from tests.asterisk_lab.apt import find_mirror; print(find_mirror() or "")')}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

container() {
    buildah --root "$storage" --runroot "$work/run" --storage-driver vfs "$@"
}

make_base() { # SUITE
    name=docker.io/library/debian:$1-slim
    [ -z "$(container images --quiet "$name" 2>/dev/null)" ] || return 0
    echo "Making $name"
    debootstrap --variant=minbase "$1" "$work/root" "$mirror" >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        return 1
    }
    base=$(container from scratch)
    tar -C "$work/root" --one-file-system -cf "$work/root.tar" . # keeps owners and set-uid bits
    container add --quiet "$base" "$work/root.tar" / >/dev/null
    container config --cmd /bin/sh --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
    container commit --quiet --format docker "$base" "$name" >/dev/null
    container rm "$base" >/dev/null
    rm -rf "$work/root" "$work/root.tar"
}

build() { # NAME DOCKERFILE OPTION…
    image=$1 file=$2
    shift 2
    echo "Building $image"
    # Only the Docker format keeps a HEALTHCHECK.
    container bud --isolation chroot --format docker --pull-never --file "$file" --tag "$image" "$@" . \
        >"$work/log" 2>&1 || {
        tail -n 40 "$work/log" >&2
        return 1
    }
}

make_base bookworm
make_base sid
build minuteur docker/Dockerfile "$@"
build minuteur-asterisk docker/asterisk/Dockerfile "$@"
container images
