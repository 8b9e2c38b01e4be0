#!/usr/bin/env bash
# A Docker engine that answers: the one that is there, or else Debian's, installed and started.
# A running engine is never restarted and its settings are never changed.
. "$(dirname "$0")/lib.sh"

DAEMON_JSON=/etc/docker/daemon.json
DOCKERD_LOG=/var/log/dockerd.log

answers() {
    timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

install_engine() {
    apt_install docker.io iptables ca-certificates
    # Since Debian 13 the command is a package of its own.
    if ! have docker; then apt-get install -q -y --no-install-recommends docker-cli; fi
}

# gVisor, where the distribution has it: BYTEME_SANDBOX_RUNTIME=runsc then works.
register_gvisor() {
    if ! have runsc; then apt_install runsc || return 0; fi
    mkdir -p "$(dirname "$DAEMON_JSON")"
    cat >"$DAEMON_JSON" <<JSON
{
  "runtimes": {
    "runsc": {"path": "$(command -v runsc)", "runtimeArgs": ["--platform=ptrace", "--network=none"]}
  }
}
JSON
}

mount_cgroups() {
    if mountpoint -q /sys/fs/cgroup; then return; fi
    apt_install cgroupfs-mount
    cgroupfs-mount
}

# After a crash a pid file may name a process that has since got the number; dockerd would wait for it.
forget_dead() {
    local name=$1 file=$2
    if [ -e "$file" ] && [ "$(cat "/proc/$(cat "$file")/comm" 2>/dev/null)" != "$name" ]; then rm -f "$file"; fi
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        systemctl start docker
    else
        mount_cgroups
        forget_dead dockerd /var/run/docker.pid
        forget_dead containerd /var/run/docker/containerd/containerd.pid
        setsid nohup dockerd >>"$DOCKERD_LOG" 2>&1 </dev/null &
    fi
    wait_until 60 answers || {
        tail -n 15 "$DOCKERD_LOG" 2>/dev/null
        echo "the engine did not answer within 60 seconds"
        return 1
    }
}

if have docker && answers; then
    exit 0
fi
if [ -n "${DOCKER_HOST:-}" ]; then
    die "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST"
fi
if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]; then
    die "this user may not use the Docker engine: add it to the group (sudo usermod -aG docker $(id -un)) and log in again"
fi
can_apt || die "a running Docker engine is needed: install and start Docker (as root on Debian or Ubuntu this script does it)"

# First, because with systemd the package starts the engine, which reads its settings only then.
[ -e "$DAEMON_JSON" ] || step "Looking for gVisor" register_gvisor
if ! have dockerd || ! have docker; then
    step "Installing the Docker engine" install_engine
fi
if ! answers; then
    step "Starting the Docker engine" start_engine
fi
