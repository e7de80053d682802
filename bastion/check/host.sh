# host.sh - clock, disk and kernel: what the gate stands on.
libssh_least=0.10.6-0+deb12u3	# before, a failed AES-GCM tag was ignored: bastion/TRUST.md
inodes_least=1000
head_slack=900			# seconds: a head belongs to each epoch, an idle gate makes no others

# kernel_call NUMBER ARGS... - perl-base is on every Debian, and may call what no shell tool shows
kernel_call() { perl -e '$n = shift; $b = "\0" x 1024; print syscall($n, map { $_ eq "buf" ? $b : $_ + 0 } @ARGV), "\n"' "$@" 2>/dev/null; }

newest_head() {	# its time in seconds
	local f
	f=$(printf '%s\n' "$state"/heads/*.heads | tail -1)
	[ -f "$f" ] && sed -n 's/^time \([0-9]*\)[0-9]\{9\}$/\1/p' "$f" 2>/dev/null | tail -1
}

check_clock() {
	local before nr now t
	before=$(bad)
	case $(uname -m) in x86_64) nr=159;; aarch64|riscv64) nr=171;; *) nr="";; esac
	t=${nr:+$(kernel_call "$nr" buf)}
	case $t in
	[0-4]) ;;
	5) warn clock "the kernel says that the clock is not synchronised: windows, records and heads tell the time of this host" \
	    say "run a time service: apt-get install systemd-timesyncd (or chrony)";;
	*) skip clock "whether the clock is synchronised" "no adjtimex(2) for this machine" "timedatectl";;
	esac
	now=$(date +%s)
	t=$(newest_head)
	[ -z "$t" ] || [ "$t" -le $((now + 2)) ] ||
	    fault clock "the newest signed head is $((t - now)) seconds in the future: this clock is behind, or was ahead when it was signed: then the keys' clock stands until it has caught up" say "set the clock right; if it is, read A clock that was ahead in sekisho-keyd(8)"
	[ "$now" -gt 1700000000 ] || fault clock "it is $(date +%F) here" say "set the clock"
	[ "$(bad)" != "$before" ] || ok clock "synchronised, and not before the newest head"
}

human() { numfmt --to=iec "$1"; }

check_disk() {
	local before dir mount avail inodes type note=""
	before=$(bad)
	dir=$state
	while [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
	read -r avail inodes mount < <(df -B1 --output=avail,iavail,target -- "$dir" | tail -1)
	type=$(stat -f -c %T -- "$dir")
	if [ "$avail" -lt "$(setting disk.refuse 52428800)" ]; then
		fault disk "$state has $(human "$avail") left, less than disk.refuse: nothing new starts" say "make room on $mount"
	elif [ "$avail" -lt "$(setting disk.warn 78643200)" ]; then
		warn disk "$state has $(human "$avail") left, less than disk.warn" say "make room on $mount"
	fi
	# btrfs and others count no inodes
	[ "$inodes" = 0 ] || [ "$inodes" = - ] || [ "$inodes" -ge $inodes_least ] ||
	    fault disk "$state has $inodes inodes left" say "make room on $mount: few big files instead of many small ones"
	case $type in
	tmpfs|ramfs) fault disk "$state is on $type: ledger and recordings are gone after a restart of the host" say "state_dir on a disk: sekisho.conf(5)";;
	nfs|cifs|smb*|fuse*|9p|ceph|afs|v9fs) warn disk "$state is on $type: syncs and locks over a network are not what ledger and recordings count on" say "state_dir on a local disk";;
	btrfs|zfs|overlayfs) warn disk "$state is on $type, where space cannot be reserved: a full disk may cost the last entries" say "state_dir on ext4 or xfs";;
	esac
	[ "$mount" != / ] || note="; it shares / with everything else"
	[ "$(bad)" != "$before" ] || ok disk "$state: $(human "$avail") left on $mount ($type)$note"
}

# Limits of processes for jobs of root: the namespace's own pid_max, or a delegated cgroup.
kernel_pids() {
	local major minor pid
	IFS=. read -r major minor _ < <(uname -r)
	minor=${minor%%[!0-9]*}
	[ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "${minor:-0}" -ge 14 ]; } && return
	if ! grep -qsw pids /sys/fs/cgroup/cgroup.controllers; then
		fault kernel "Linux before 6.14 and no pids controller of cgroup v2: nothing limits how many processes a job of root has" \
		    say "boot with systemd.unified_cgroup_hierarchy=1, or a newer kernel"
	elif pid=$(gate_pid); then
		grep -qx '0::/.*/gate' "/proc/$pid/cgroup" 2>/dev/null ||
		    warn kernel "Linux before 6.14 limits jobs of root only in a delegated cgroup, and the gate that runs has none" say "start it with sekisho.service, which has Delegate=, or with a newer kernel"
	elif [ ! -d /run/systemd/system ] || [ "$(systemctl show -p Delegate --value sekisho.service 2>/dev/null)" = no ]; then
		warn kernel "Linux before 6.14 limits jobs of root only in a delegated cgroup" say "start the gate with sekisho.service, which has Delegate="
	fi
}

check_kernel() {
	local before abi n have
	before=$(bad)
	abi=$(kernel_call 444 0 0 1)
	case $abi in
	-1|'') fault kernel "no Landlock: nothing is confined to its files, so nothing runs" say "boot with lsm=landlock,... (CONFIG_SECURITY_LANDLOCK)";;
	1) fault kernel "Landlock ABI 1: the stock profiles want 2 (Linux 5.19)" say "a newer kernel";;
	2|3) warn kernel "Landlock ABI $abi knows no TCP ports: profiles with network.connect do not run (Linux 6.7 has 4)" say "a newer kernel";;
	esac
	for n in user_notif errno kill_process; do
		grep -qsw $n /proc/sys/kernel/seccomp/actions_avail ||
		    fault kernel "seccomp has no $n: refused calls could not be recorded, so nothing runs" say "a kernel with CONFIG_SECCOMP_FILTER"
	done
	for n in mnt pid ipc uts net; do
		[ -e /proc/self/ns/$n ] || fault kernel "no $n namespaces" say "a kernel with CONFIG_NAMESPACES"
	done
	if is_root; then
		unshare --mount --pid --ipc --uts --fork true 2>/dev/null ||
		    fault kernel "namespaces cannot be made: is this a container without CAP_SYS_ADMIN?" say "run the gate on the host, or in a container that may"
	else
		skip kernel "whether namespaces can be made" "only root may"
	fi
	kernel_pids
	[ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null)" != 3 ] ||
	    warn kernel "yama.ptrace_scope=3: records lack the arguments of refused calls" say "kernel.yama.ptrace_scope=2 in /etc/sysctl.d, and boot"
	[ "$(cat /proc/sys/vm/memfd_noexec 2>/dev/null)" != 2 ] ||
	    fault kernel "vm.memfd_noexec=2: approved scripts cannot be executed from their sealed copy" say "vm.memfd_noexec=1 in /etc/sysctl.d, and boot"
	[ "$(uname -m)" != x86_64 ] || grep -qsw aes /proc/cpuinfo ||
	    warn kernel "the processor has no AES instructions: ssh takes chacha20, recordings are slower" say "nothing, if it is fast enough"
	if have=$(dpkg-query -W -f '${Version}' libssh-4 2>/dev/null) && [ -n "$have" ]; then
		dpkg --compare-versions "$have" ge $libssh_least ||
		    fault kernel "libssh $have is older than $libssh_least: a failed AES-GCM tag is ignored" cmd "apt-get install libssh-4"
	else
		skip kernel "which libssh this is" "not Debian's package" "it must have the fixes of $libssh_least"
	fi
	[ "$(bad)" != "$before" ] || ok kernel "Linux $(uname -r), Landlock $abi, seccomp, namespaces, libssh ${have:-}"
}
