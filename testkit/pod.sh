#!/bin/sh
# pod.sh ROOT PREFIX OPT NODE COMMAND...: runs a command as a container that Kong's chart makes: uid 1000 without
# capabilities, a root file system that is read only, and a network of its own. Begin it with
#   unshare --mount --net --propagation private
# ROOT is an empty folder to build on, PREFIX stands at /kong_prefix and can be written, OPT at /opt/oathmesh and the
# folder NODE at /opt/node cannot.
set -eu
root=$1 prefix=$2 opt=$3 node=$4
shift 4
ip link set lo up
mount -t tmpfs tmpfs "$root"
mount_at() {
  mkdir -p "$root$2"
  mount --rbind "$1" "$root$2"
  [ "$3" = rw ] || mount -o remount,bind,ro "$root$2"
}
for folder in /bin /lib /lib64 /sbin /usr; do
  if [ -L "$folder" ]; then cp -a "$folder" "$root$folder"; else mount_at "$folder" "$folder" ro; fi
done
mount_at /proc /proc rw
mount_at /dev /dev rw
mount_at "$opt" /opt/oathmesh ro
mount_at "$node" /opt/node ro
mount_at "$prefix" /kong_prefix rw
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs --inh-caps=-all \
  --bounding-set=-all "$@"
