# shellcheck shell=bash
# A Debian 12 machine with systemd and cgroup v2 under qemu's software emulation: no KVM, no network but ours. Needs common.sh.
# Sourced, never run.
#
# Its users are root, ana and ben; each vm_run is a login session of its own. Files are in the directory `vm`, which the script
# that sources this sets.

vm=''
_vm_port=''
# Seconds until it must have booted. On a quiet machine it takes about 45.
vm_boot_timeout=${VM_BOOT_TIMEOUT:-600}

_vm_packages=(
    linux-image-cloud-amd64 initramfs-tools systemd systemd-sysv systemd-timesyncd dbus dbus-user-session libpam-systemd
    openssh-server iproute2 ca-certificates procps
    podman crun conmon catatonit netavark iptables uidmap slirp4netns fuse-overlayfs
)

# vm_need: what building and driving it takes.
vm_need() {
    need_packages "the virtual machine" qemu-system-x86 ipxe-qemu seabios e2fsprogs openssh-client
}

# vm_build: makes the disk image, once. Root, as its files belong to many users.
vm_build() {
    [[ ! -f $vm/base.ext4 ]] || return 0
    [[ $EUID -eq 0 ]] || die "the machine's disk can only be made by root" "run it as root once, then start it again"
    need_packages "building the virtual machine" mmdebstrap
    mkdir -p -- "$vm"
    step "Building the virtual machine (some minutes, once)" _vm_build || die "it could not be built; the words are above"
}

_vm_build() {
    local tree=$vm/tree include
    rm -rf -- "$tree" "$vm/base.ext4.new"
    [[ -f $vm/key ]] || ssh-keygen -q -t ed25519 -N '' -f "$vm/key" || return
    include=$(IFS=,; echo "${_vm_packages[*]}")
    # The single quotes are for the shell that mmdebstrap starts for a hook.
    # shellcheck disable=SC2016
    mmdebstrap --variant=minbase --include="$include" \
        --aptopt='Acquire::Languages "none"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='echo vm >"$1/etc/hostname"; echo 127.0.0.1 localhost vm >"$1/etc/hosts"' \
        --customize-hook='echo "/dev/vda / ext4 errors=remount-ro 0 1" >"$1/etc/fstab"' \
        --customize-hook='for name in ana ben; do chroot "$1" useradd --create-home --shell /bin/bash "$name"; done' \
        --customize-hook='for home in root home/ana home/ben; do
            install -d -m 0700 "$1/$home/.ssh"
            cp "'"$vm"'/key.pub" "$1/$home/.ssh/authorized_keys"
            chown -R --reference="$1/$home" "$1/$home/.ssh"; done' \
        --customize-hook='printf "[Match]\nName=e*\n[Network]\nDHCP=yes\n" >"$1/etc/systemd/network/vm.network"' \
        --customize-hook='chroot "$1" systemctl --quiet enable systemd-networkd ssh' \
        --customize-hook='install -d "$1/var/log/journal"' \
        bookworm "$tree" || return
    cp -- "$tree"/boot/vmlinuz-* "$vm/kernel" && cp -- "$tree"/boot/initrd.img-* "$vm/initrd" || return
    mke2fs -q -t ext4 -d "$tree" "$vm/base.ext4.new" 6G && mv -- "$vm/base.ext4.new" "$vm/base.ext4" && rm -rf -- "$tree"
}

# vm_start FILE…: boots a fresh copy of the disk; the files are in /opt there.
vm_start() {
    local files=$vm/files
    ! _vm_runs || die "the machine in $vm runs already (pid $(<"$vm/pid"))" "end it first, or choose another --directory"
    _vm_port=$((20000 + RANDOM % 20000))
    cp --sparse=always --reflink=auto -- "$vm/base.ext4" "$vm/disk.ext4" || die "the disk cannot be copied"
    # Over the emulated network hundreds of MiB are slow: they come on a disk of their own.
    rm -rf -- "$files" "$vm/files.ext4" "$vm"/monitor.*
    { mkdir -- "$files" && cp -r -- "$@" "$files"; } || die "the files for the machine cannot be copied"
    mke2fs -q -t ext4 -d "$files" "$vm/files.ext4" 1G || die "the disk with the files cannot be made"
    rm -rf -- "$files"
    mkfifo -- "$vm/monitor.in" "$vm/monitor.out"
    at_exit vm_stop
    qemu-system-x86_64 -machine q35 -cpu max -accel tcg,thread=multi -smp 2 -m 2048 \
        -kernel "$vm/kernel" -initrd "$vm/initrd" \
        -append "root=/dev/vda rw console=ttyS0 systemd.unified_cgroup_hierarchy=1 mitigations=off panic=-1 quiet" \
        -drive "file=$vm/disk.ext4,format=raw,if=virtio,cache=unsafe" \
        -drive "file=$vm/files.ext4,format=raw,if=virtio,cache=unsafe" \
        -nic "user,model=virtio,restrict=on,hostfwd=tcp:127.0.0.1:$_vm_port-:22" -device virtio-rng-pci \
        -display none -serial "file:$vm/console.log" -monitor "pipe:$vm/monitor" \
        -pidfile "$vm/pid" -daemonize || die "qemu does not start the machine"
    _vm_boot=none
    vm_wait_boot
    vm_run root <<<'mount -o ro /dev/vdb /mnt && cp -a /mnt/. /opt && umount /mnt' || die "the files do not get into the machine"
}

_vm_runs() { [[ -f $vm/pid ]] && kill -0 "$(<"$vm/pid")" 2>/dev/null; }

# vm_run USER: runs the script on stdin there, and ends with its exit status; 255 if the machine does not answer.
vm_run() {
    timeout "${VM_RUN_TIMEOUT:-900}" ssh -q -p "$_vm_port" -i "$vm/key" -o BatchMode=yes -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -o ConnectTimeout=20 -o ServerAliveInterval=30 -o ServerAliveCountMax=10 \
        "$1@127.0.0.1" bash -l -s
}

# The id of the boot that vm_wait_boot has seen last.
_vm_boot=none

# vm_wait_boot: until it has reached its target in another boot than before.
vm_wait_boot() {
    local end=$((SECONDS + vm_boot_timeout)) id
    while [[ $SECONDS -lt $end ]]; do
        _vm_runs || die "the machine has ended" "its console is in $vm/console.log"
        # A machine that goes down may accept a connection and never answer.
        id=$(VM_RUN_TIMEOUT=90 vm_run root \
            <<<'systemctl is-system-running --wait >/dev/null; cat /proc/sys/kernel/random/boot_id') || id=''
        if [[ -n $id && $id != "$_vm_boot" ]]; then
            _vm_boot=$id
            return
        fi
        sleep 1
    done
    die "the machine has not booted within $vm_boot_timeout s" "its console is in $vm/console.log"
}

# vm_reset: the reset button. What the guest has not written is lost.
vm_reset() { echo system_reset >"$vm/monitor.in"; }

# vm_stop: pulls the plug.
vm_stop() {
    _vm_runs || return 0
    kill "$(<"$vm/pid")"
    while _vm_runs; do sleep 0.1; done
    rm -f -- "$vm/pid"
}
