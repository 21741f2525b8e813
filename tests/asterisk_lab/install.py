"""Installs a real Asterisk, once per machine, in a chroot made by debootstrap.

    python -m tests.asterisk_lab.install            Asterisk 22, from Debian sid
    python -m tests.asterisk_lab.install 16         Asterisk 16, from Debian bullseye

It goes to ``$MINUTEUR_LAB_DIR`` (``/var/cache/minuteur`` when unset), ``asterisk-22`` and so on.
Packages come from the mirror that this machine's own apt uses, or from
``$MINUTEUR_LAB_MIRROR``. Needs root and the package debootstrap; works inside a chroot too.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args

from . import faketime
from .apt import find_mirror, find_proxy

Version = Literal["22", "16"]
SUITES: Mapping[Version, str] = {"22": "sid", "16": "bullseye"}
"""Which Debian release has which Asterisk."""

PACKAGES = ("asterisk", faketime.PACKAGE, "python3")
"""Python runs the AGI script, as a PBX of that age has it."""

DONE = ".minuteur-lab-done"
"""Marks a complete installation; its text is what ``asterisk -V`` said."""

TOOLS = {"debootstrap": "debootstrap", "chroot": "coreutils", "mount": "mount"}
"""A program that we need → the Debian package that has it."""


class InstallError(Exception):
    """Asterisk could not be installed; the text says what to do."""


def lab_directory() -> Path:
    """Where the lab keeps its installations."""
    return Path(os.environ.get("MINUTEUR_LAB_DIR", "/var/cache/minuteur"))


def missing_parts() -> str | None:
    """Say what this machine lacks for the lab, or ``None``. Tests skip with this text."""
    if os.geteuid() != 0:
        return "the Asterisk lab needs root (chroot and mount)"
    for tool, package in {**TOOLS, "sipp": "sip-tester", "openssl": "openssl"}.items():
        if _which(tool) is None:
            return f"the Asterisk lab needs {tool}: apt-get install {package}"
    return None


def ensure_asterisk(version: Version = "22") -> Path:
    """Return the root directory of an installed Asterisk; install it when it is not there.

    Several processes may call this at once: one installs, the others wait.
    """
    if os.geteuid() != 0:
        raise InstallError("the Asterisk lab needs root (chroot and mount): run this as root")
    root = lab_directory() / f"asterisk-{version}"
    root.parent.mkdir(parents=True, exist_ok=True)
    with _locked(root.with_suffix(".lock")):
        if not (root / DONE).exists():
            _install(root, version)
        elif _lacks_packages(root):
            _add_packages(root)  # installed before the lab needed them
        _mount(root)
    return root


def _lacks_packages(root: Path) -> bool:
    return faketime.library(root) is None or not (root / "usr" / "bin" / "python3").exists()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(root: Path, version: Version) -> None:
    if not Path("/proc/self").exists():
        # without it, mknod and chmod fail half-way in debootstrap, with a riddle for a message
        raise InstallError("/proc is not mounted here: mount -t proc proc /proc")
    for tool in ("debootstrap", "mount"):
        if _which(tool) is None:
            raise InstallError(f"{tool} is missing: apt-get install {TOOLS[tool]}")
    if _installed_version(root) is None:
        _remove(root)
        _bootstrap(root, SUITES[version])
        _add_packages(root)
    found = _installed_version(root)
    if found is None or not re.match(rf"Asterisk {version}\.", found):
        raise InstallError(
            f"{root} has {found or 'no Asterisk'} where Asterisk {version} was expected; "
            f"Debian {SUITES[version]} may have moved on. Remove the directory to try again"
        )
    (root / DONE).write_text(f"{found}\n")


def _bootstrap(root: Path, suite: str) -> None:
    mirror = os.environ.get("MINUTEUR_LAB_MIRROR") or find_mirror()
    if mirror is None:
        raise InstallError(
            "no Debian mirror: apt's sources name none (http or https, component main); "
            "name one in MINUTEUR_LAB_MIRROR"
        )
    sys.stderr.write(f"installing Debian {suite} into {root}, about a minute\n")
    environment = dict(os.environ)
    proxy = find_proxy()
    if proxy is not None:
        # debootstrap fetches with wget, which does not read apt's settings
        environment.update(http_proxy=proxy, https_proxy=proxy)
    _run(
        ["debootstrap", "--variant=minbase", suite, str(root), mirror],
        "debootstrap",
        environment,
        # its own log says more than what it prints
        more=root / "debootstrap" / "debootstrap.log",
    )
    settings = root / "etc" / "apt" / "apt.conf.d" / "99lab"
    lines = ['Acquire::Check-Valid-Until "false";']  # an old release's index has expired
    if proxy is not None:
        lines.append(f'Acquire::http::Proxy "{proxy}";')
    settings.write_text("\n".join(lines) + "\n")


def _add_packages(root: Path) -> None:
    policy = root / "usr" / "sbin" / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")  # no package may start a daemon
    policy.chmod(0o755)
    _mount(root)
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND": "noninteractive",
        "LC_ALL": "C",
    }
    # the settings file may be missing where the chroot is older than it
    inside = ["chroot", str(root), "apt-get", "-o", "Acquire::Check-Valid-Until=false"]
    _run([*inside, "update"], "apt-get update", environment)
    _run(
        [*inside, "install", "-y", "--no-upgrade", "--no-install-recommends", *PACKAGES],
        f"apt-get install {' '.join(PACKAGES)}",
        environment,
    )


def _mount(root: Path) -> None:
    """Give the chroot /proc and /dev, unless it has them (they are gone after a reboot)."""
    if not (root / "proc" / "self").exists():
        _run(["mount", "-t", "proc", "proc", str(root / "proc")], "mounting /proc in the chroot")
    if not all(_is_usable(root / "dev" / name) for name in ("null", "random", "urandom")):
        _run(["mount", "--bind", "/dev", str(root / "dev")], "mounting /dev in the chroot")


def _is_usable(device: Path) -> bool:
    """Tell whether a device node is there and may be opened (not on a ``nodev`` mount)."""
    try:
        with device.open("rb"):
            return device.is_char_device()
    except OSError:
        return False


def _remove(root: Path) -> None:
    """Remove what an interrupted installation left, never reaching into what is mounted."""
    if not root.exists():
        return
    for name in ("proc", "dev"):
        inner = root / name
        while inner.is_mount():
            _run(["umount", "--lazy", str(inner)], f"unmounting {inner}")
    if any((root / "proc").glob("self")):
        raise InstallError(f"{root}/proc is still mounted: unmount it and try again")
    shutil.rmtree(root)


def _installed_version(root: Path) -> str | None:
    """Return what ``asterisk -V`` says in there, or ``None`` when it does not run."""
    if not (root / "usr" / "sbin" / "asterisk").exists():
        return None
    done = subprocess.run(
        ["chroot", str(root), "/usr/sbin/asterisk", "-V"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _which(tool: str) -> str | None:
    """Find a program, also where only root's path looks."""
    path = os.environ.get("PATH", "")
    return shutil.which(tool, path=f"{path}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")


def _run(
    command: list[str],
    what: str,
    environment: Mapping[str, str] | None = None,
    more: Path | None = None,
) -> None:
    command = [_which(command[0]) or command[0], *command[1:]]
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return
    output = done.stdout
    if more is not None and more.exists():
        output += more.read_text(errors="replace")
    end = "\n".join(output.splitlines()[-15:])
    raise InstallError(f"{what} failed ({done.returncode}):\n{end}")


def main() -> int:
    """Install what the command line names and print where it is."""
    parser = argparse.ArgumentParser(description="installs a real Asterisk for the tests")
    parser.add_argument("version", nargs="?", choices=get_args(Version), default="22")
    try:
        sys.stdout.write(f"{ensure_asterisk(parser.parse_args().version)}\n")
    except InstallError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
