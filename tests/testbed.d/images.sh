# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: the OCI images localhost/busybox:1, redis:7 and nginx:1, made offline of Debian's packages, each a layout of its own.
# redis and nginx build on busybox's layers, so that layers are shared between images and every image has a shell.

# shellcheck disable=SC2034  # for store.sh
readonly image_names=(busybox:1 redis:7 nginx:1)
readonly image_suite=bookworm

# images_ready: sets images_path, which holds one OCI layout per image.
images_ready() {
  local key
  key=$({
    cat "$testbed_d"/images/*
    # shellcheck disable=SC2046  # a list of names
    declare -f debian_tree $(compgen -A function image)
  } | hash_of)
  cached images "$key" images_build
  images_path=$cache_entry
}

images_build() {
  local directory=$1 scratch=$1/scratch
  mkdir "$scratch"
  debian_tree "$image_suite" "$scratch/packages" busybox-static,redis-server,redis-tools,nginx-light,nginx-common \
    --variant=extract
  image_busybox "$directory" "$scratch"
  image_redis "$directory" "$scratch"
  image_nginx "$directory" "$scratch"
  rm -rf "$scratch"
  chmod 0755 "$directory"
}

image_config() {
  local image=$1
  shift
  umoci config --image "$image" --no-history --author testbed --architecture amd64 --os linux \
    --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Three layers: the tree; a whiteout of /etc/removed-by-layer-2; an opaque /etc/layers that hides layer 1's `lower`.
image_busybox() {
  local directory=$1 scratch=$2 tree=$2/busybox image=$1/busybox:1
  image_base_files "$tree"
  cp "$scratch/packages/bin/busybox" "$tree/bin/"
  chroot "$tree" /bin/busybox --install -s
  umoci init --layout "$directory/busybox"
  umoci new --image "$image"
  umoci insert --image "$image" "$tree" /
  umoci insert --image "$image" --whiteout /etc/removed-by-layer-2
  mkdir -p "$scratch/layers"
  echo upper >"$scratch/layers/upper"
  umoci insert --image "$image" --opaque "$scratch/layers" /etc/layers
  image_config "$image" --config.cmd sh
}

image_base_files() {
  local tree=$1
  mkdir -p "$tree"/{bin,sbin,dev,etc/layers,home,proc,root,run,sys,tmp,usr/bin,usr/sbin,var/log,var/tmp}
  chmod 0700 "$tree/root"
  chmod 1777 "$tree/tmp" "$tree/var/tmp"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'daemon:x:1:1:daemon:/usr/sbin:/bin/false' \
    'www-data:x:33:33:www-data:/var/www:/bin/false' 'redis:x:999:999:redis:/data:/bin/false' \
    'nobody:x:65534:65534:nobody:/:/bin/false' >"$tree/etc/passwd"
  printf '%s\n' root:x:0: daemon:x:1: tty:x:5: www-data:x:33: redis:x:999: nogroup:x:65534: >"$tree/etc/group"
  echo lower >"$tree/etc/layers/lower"
  echo 'only layer 1 has this' >"$tree/etc/removed-by-layer-2"
}

# image_from_busybox DIR NAME TAG TREE: a copy of busybox's layout with TREE as one more layer.
image_from_busybox() {
  cp -a "$1/busybox" "$1/$2"
  umoci insert --image "$1/$2:1" "$4" /
  [[ $3 != 1 ]] || return 0
  umoci tag --image "$1/$2:1" "$3"
  umoci remove --image "$1/$2:1"
}

# image_copy FROM TO PATH...: the paths, and for programs the libraries that they load, with the links on the way.
image_copy() {
  local from=$1 to=$2 path
  shift 2
  for path; do
    printf '%s\n' "$path"
    [[ ! -f $from$path || ! -x $from$path ]] ||
      chroot "$from" /lib64/ld-linux-x86-64.so.2 --list "$path" | grep -oE '/[^ ]+\.so[^ ]*'
  done | sort -u | while read -r path; do
    printf '%s\n' ".$path"
    [[ ! -L $from$path ]] || image_link_target "$from" "$path"
  done | sort -u | tar -C "$from" --no-recursion -cf - -T - | tar -C "$to" -xf -
}

image_link_target() {
  local target
  target=$(chroot "$1" /bin/busybox readlink -f "$2")
  printf '%s\n' ".$target"
}

image_redis() {
  local directory=$1 packages=$2/packages tree=$2/redis
  mkdir -p "$tree"/{etc/redis,data}
  image_copy "$packages" "$tree" /usr/bin/redis-server /usr/bin/redis-cli
  install -m 0644 "$testbed_d/images/redis.conf" "$tree/etc/redis/redis.conf"
  chown 999:999 "$tree/data"
  image_from_busybox "$directory" redis 7 "$tree"
  image_config "$directory/redis:7" --config.entrypoint redis-server --config.cmd /etc/redis/redis.conf \
    --config.user redis --config.workingdir /data --config.exposedports 6379/tcp
}

image_nginx() {
  local directory=$1 packages=$2/packages tree=$2/nginx
  mkdir -p "$tree"/{etc/nginx,var/lib/nginx,var/log/nginx,var/www/html,usr/bin}
  image_copy "$packages" "$tree" /usr/sbin/nginx /etc/nginx/mime.types
  ln -s /dev/stdout "$tree/var/log/nginx/access.log"
  install -m 0644 "$testbed_d/images/nginx.conf" "$tree/etc/nginx/nginx.conf"
  install -m 0755 "$testbed_d/images/nginx-entrypoint" "$tree/usr/bin/nginx-entrypoint"
  install -m 0644 "$testbed_d/images/index.html" "$tree/var/www/html/index.html"
  image_from_busybox "$directory" nginx 1 "$tree"
  image_config "$directory/nginx:1" --config.entrypoint nginx-entrypoint --config.cmd nginx --config.cmd -g \
    --config.cmd 'daemon off;' --config.exposedports 80/tcp
}
