# shellcheck shell=bash
# shellcheck disable=SC2016  # what runs in a container
# SPDX-License-Identifier: Apache-2.0
# podsctl cp with a container that swaps links, plants files and makes special ones meanwhile.

# cp_in_time WORD…: podsctl cp, which may fail but not hang.
cp_in_time() {
  local status=0
  timeout $((30 * patience)) podsctl cp "$@" >"$work/said" 2>&1 || status=$?
  ((status < 124)) || fail "podsctl cp $* does not end" "$(<"$work/said")"
}

# swapper: a pod that exchanges the folder /d/sub and a link to the host's canary without end.
swapper() {
  pod swapper 'mkdir -p /d/sub/deep /srv/canary; echo inside >/d/sub/file; ln -s /srv/canary /d/link; exec /probe swap /d/sub /d/link 10000'
  wait_for 20 running swapper main
  wait_for 20 eval 'podsctl exec swapper -- test -L /d/sub'
  rm -rf "$work/cp"
  mkdir "$work/cp"
}

case_cp_out_of_a_swapped_folder() {
  local try
  swapper
  for try in {1..30}; do
    cp_in_time swapper:/d/sub/file "$work/cp/$try"
    cp_in_time swapper:/d/sub/. "$work/cp"
    cp_in_time swapper:/d "$work/cp"
  done
  refute "the host's file was copied" grep -rq untouched "$work/cp"
}

case_cp_into_a_swapped_folder() {
  local try
  swapper
  mkdir -p "$work/cp/sub/deep"
  echo evil | tee "$work/cp/file" "$work/cp/sub/file" >"$work/cp/sub/deep/evil"
  for try in {1..30}; do
    cp_in_time "$work/cp/file" "swapper:/d/sub/evil$try"
    cp_in_time "$work/cp/file" swapper:/d/sub/
    cp_in_time "$work/cp/sub" swapper:/d
  done
  equal "what is on the host" "file untouched" "$(ls "$canary") $(<"$canary/file")"
}

# A link comes back to where the file goes, as often as it is taken away.
case_cp_over_a_link_that_is_planted() {
  local try
  pod planter 'mkdir -p /d; exec /probe plant /d/evil /srv/canary/file 10000'
  wait_for 20 running planter main
  wait_for 20 eval 'podsctl exec planter -- test -L /d/evil'
  echo evil >"$work/evil"
  for try in {1..40}; do cp_in_time "$work/evil" planter:/d/evil; done
  equal "the host's file" untouched "$(<"$canary/file")"
}

# Links of a tree stay links; what is neither file, folder nor link stays where it is, and nothing waits for it.
case_cp_out_of_a_hostile_tree() {
  local deep
  deep=$(printf 'deep/%.0s' {1..40})
  rm -rf "$work/cp"
  mkdir "$work/cp"
  pod hostile 'mkdir -p /d/'"$deep"'; cd /d; ln -s /srv/canary/file link; ln -s / root; ln -s ../../../../../../srv up; mkfifo fifo; mknod null c 1 3; mknod disk b 8 0
    cp /bin/busybox su; chmod 6755 su; touch -- "-rf" "$(printf "a\nb")" "$(printf "e\033[2Jsc")"; /probe socket socket; ln -s /proc/self/fd/0 self; '"$stays" \
    '{"securityContext": {"capabilities": {"add": ["MKNOD"]}}}'
  wait_for 20 running hostile main
  wait_for 20 podsctl exec hostile -- test -L /d/self
  cp_in_time hostile:/d "$work/cp"
  refute "the host's file was copied" grep -rqs untouched "$work/cp/d" --exclude-dir=root
  equal "links" "link root self up" "$(find "$work/cp/d" -type l -printf '%f\n' | sort | xargs)"
  equal "what is neither" "" "$(find "$work/cp/d" ! -type f ! -type d ! -type l)"
  equal "special bits" "" "$(find "$work/cp/d" -perm /7000)"
  equal "a program's mode" 755 "$(stat -c %a "$work/cp/d/su")"
  equal "in the archive" "" "$(podsctl cp hostile:/d - 2>/dev/null | tar tv | grep '^[^dl-]' || true)"
}

# An archive is anybody's. It comes to lie below the folder that was named, and nowhere else in the container.
case_cp_of_a_hostile_archive() {
  local archive name
  rm -rf "$work/cp"
  mkdir -p "$work/cp/x"
  echo evil >"$work/cp/x/evil"
  mkfifo "$work/cp/x/fifo"
  mknod "$work/cp/x/null" c 1 3
  ln "$work/cp/x/evil" "$work/cp/x/hard"
  cp "$work/busybox" "$work/cp/x/su"
  chmod 6755 "$work/cp/x/su"
  ln -s /srv/canary "$work/cp/x/out"
  pod target 'mkdir -p /t/in /srv/canary; '"$stays"
  wait_for 20 running target main
  wait_for 20 podsctl exec target -- test -d /srv/canary
  cd "$work/cp/x"
  tar cPf ../up.tar --transform 's|^|../|' evil
  tar cPf ../deep.tar --transform 's|^|a/../../../../srv/canary/|' evil
  tar cPf ../root.tar --transform 's|^|/srv/canary/|' evil
  tar cf ../link.tar out
  tar rf ../link.tar --transform 's|^|out/|' evil
  tar cPf ../hard.tar --transform 's|^hard$|h|;s|^evil$|../../etc/hostname|' evil hard
  tar cf ../special.tar fifo null su
  for archive in up deep root link hard special; do
    timeout $((30 * patience)) podsctl cp - target:/t/in <"../$archive.tar" >/dev/null 2>&1 || equal "$archive.tar ends" 1 $?
  done
  equal "what is beside the folder" "in" "$(podsctl exec target -- ls /t)"
  equal "what is elsewhere" "" "$(podsctl exec target -- ls /srv/canary)"
  for name in fifo null h; do refute "$name is there" podsctl exec target -- test -e "/t/in/$name"; done
  equal "a program's mode" 755 "$(podsctl exec target -- stat -c %a /t/in/su)"
  equal "what is on the host" "file untouched" "$(ls "$canary") $(<"$canary/file")"
}

# With users of its own a pod gets files of these only, wherever they come to lie.
case_cp_into_a_user_namespace() {
  local place
  mkdir -p /var/lib/podsd/share
  rm -rf /var/lib/podsd/share/*
  own_pod own '{"volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "share", "mountPath": "/share"}], "securityContext": {"runAsUser": 7, "runAsGroup": 8}}' \
    '{"volumes": [{"name": "data", "emptyDir": {}}, {"name": "share", "hostPath": {"path": "/var/lib/podsd/share"}}]}'
  chmod 0777 /var/lib/podsd/share
  cp "$work/busybox" "$work/su"
  chmod 6755 "$work/su"
  for place in /tmp /data /share; do
    check "to $place" podsctl cp "$work/su" "own:$place/su"
    equal "its mode and owner in $place" "755 7:8" "$(podsctl exec own -- stat -c '%a %u:%g' "$place/su")"
    check "back" podsctl cp "own:$place/su" "$work/back"
    check "the same" cmp "$work/su" "$work/back"
  done
  equal "their owners" "$((range + 7)):$((range + 8)) $((range + 7)):$((range + 8))" \
    "$(find /var/lib/podsd/pods/pods-own -name su -printf '%U:%G\n' | xargs)"
  equal "an archive" "7:8" "$(tar c -C "$work" su | podsctl cp - own:/data && podsctl exec own -- stat -c %u:%g /data/su)"
  # The host's root can read it, the pod's root cannot, whom an id beyond its own is nobody.
  install -m 0600 -o 70000 -g 70000 "$canary/file" /var/lib/podsd/share/beyond
  refute "a file of nobody's is read" podsctl cp own:/share/beyond "$work/stolen"
  rm -rf /var/lib/podsd/share
}
