# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: two other hosts beside this one, servers that say who asked, and what holds for pods whatever connects them.
# Sourced by scenarios after tests/e2e/lib.sh. The other hosts are network namespaces: alpha is the default route, with a
# smaller MTU; beta is on a link of its own.
# shellcheck disable=SC2016,SC2034,SC2094  # what runs elsewhere; what scenarios use; a blob that is sent and compared

# ---- hosts and servers ---------------------------------------------------------------------------------------------------

readonly here4=192.0.2.1 here6=2001:db8:a::1 alpha4=192.0.2.2 alpha6=2001:db8:a::2
readonly here4_beta=198.51.100.1 here6_beta=2001:db8:b::1 beta4=198.51.100.2 beta6=2001:db8:b::2

# other NAME HOST_ADDRESS OTHER_ADDRESS HOST_ADDRESS6 OTHER_ADDRESS6 MTU
other() {
  ip netns add "$1"
  ip link add "to-$1" mtu "$6" type veth peer name wan mtu "$6" netns "$1"
  ip addr add "$2/24" dev "to-$1"
  ip addr add "$4/64" dev "to-$1" nodad
  ip link set "to-$1" up
  ip -n "$1" addr add "$3/24" dev wan
  ip -n "$1" addr add "$5/64" dev wan nodad
  ip -n "$1" link set lo up
  ip -n "$1" link set wan up
}

# other_hosts: alpha and beta, with servers at port 7000 there and here, and one at alpha's TCP port 7001 that sends all back.
other_hosts() {
  other alpha $here4 $alpha4 $here6 $alpha6 1400
  other beta $here4_beta $beta4 $here6_beta $beta6 1500
  ip route add default via $alpha4
  ip -6 route add default via $alpha6
  local ns
  for ns in alpha beta ''; do answer_in "$ns" 7000; done
  serve alpha TCP4-LISTEN:7001,fork,reuseaddr EXEC:cat
}

# serve NETNS SOCAT_ADDRESS SOCAT_ADDRESS: socat in a network namespace ("" is this host's) until the scenario's end.
servers=()
serve() {
  local enter=()
  [[ -z $1 ]] || enter=(ip netns exec "$1")
  "${enter[@]}" socat "$2" "$3" 3>&- &
  servers+=($!)
}
trap 'kill "${servers[@]}" 2>/dev/null || true' EXIT

# Once it was asked, so that nothing of the question is left.
readonly who='SYSTEM:read line; echo $SOCAT_PEERADDR'

# answer_in NETNS PORT: servers there that answer with the address that asks, TCP and UDP, IPv4 and IPv6.
answer_in() {
  serve "$1" "TCP4-LISTEN:$2,fork,reuseaddr" "$who"
  serve "$1" "TCP6-LISTEN:$2,fork,reuseaddr,ipv6only=1" "$who"
  serve "$1" "UDP4-LISTEN:$2,fork,reuseaddr" "$who"
  serve "$1" "UDP6-LISTEN:$2,fork,reuseaddr,ipv6only=1" "$who"
}

# firewall_of_others FORWARD_PRIORITY INTERFACE...: a packet filter of somebody else, which drops what it does not know; it knows
# interfaces of pods and what leads to ports. `others` shows it.
firewall_of_others() {
  local name known=''
  for name in "${@:2}"; do known+="iifname \"$name\" accept; "; done
  nft -f - <<NFT
table inet other {
  chain input { type filter hook input priority filter; policy drop; ct state established,related accept; iifname lo accept; ip6 nexthdr icmpv6 accept; $known}
  chain forward { type filter hook forward priority $1; policy drop; ct state established,related accept; ct status dnat accept; $known}
}
NFT
}
others() { nft list table inet other; }

# within NETNS COMMAND...
within() {
  local ns=$1
  shift
  if [[ -z $ns ]]; then "$@"; else ip netns exec "$ns" "$@"; fi
}

# asked NETNS PROTOCOL ADDRESS PORT: what the server there answers to a line by PROTOCOL (tcp, udp).
asked() {
  within "$1" timeout "${asking:-5}" bash -c 'exec 5<>"/dev/$0/$1/$2" && echo hello >&5 && head -n 1 <&5' "${@:2}"
}
answers() { [[ -n $(asked "$@") ]]; }

# unheard WHAT NETNS PROTOCOL ADDRESS PORT: nobody answers there.
unheard() {
  local asking=1
  refute "$1" answers "${@:2}"
}

sees() {
  local got
  got=$(asked "${@:1:4}") || true
  [[ $got == "$5" ]] || { echo "$got"; return 1; }
}

# long6 ADDRESS: an IPv6 address as socat writes one.
long6() {
  local left right i groups=() text=''
  IFS=: read -ra left <<<"${1%%::*}"
  right=()
  [[ $1 != *::* ]] || IFS=: read -ra right <<<"${1##*::}"
  groups=("${left[@]}")
  for ((i = ${#left[@]} + ${#right[@]}; i < 8; i++)); do groups+=(0); done
  groups+=("${right[@]}")
  for i in "${groups[@]}"; do text+=$(printf ':%04x' "0x$i"); done
  printf '[%s]\n' "${text#:}"
}

# peer_is NETNS PROTOCOL ADDRESS PORT SEEN: a server that says who asks is reached from there, and sees the address SEEN.
peer_is() {
  local seen=$5
  [[ $seen != *:* ]] || seen=$(long6 "$seen")
  wait_for 60 sees "${@:1:4}" "$seen"
}

# ---- connections that stay open --------------------------------------------------------------------------------------------

declare -A flows=()

# flow NAME NETNS ADDRESS PORT: a connection from there to a server that sends all back.
flow() {
  mkfifo "/run/to-$1"
  within "$2" socat -t 60 - "TCP4:$3:$4,retry=100,interval=0.1" <"/run/to-$1" >"/run/from-$1" 3>&- &
  servers+=($!)
  local fd
  exec {fd}>"/run/to-$1"
  flows[$1]=$fd
  flow_passes "$1" opened
}
# flow_passes NAME WORD: to the server and back.
flow_passes() {
  echo "$2" >&"${flows[$1]}"
  wait_for 60 grep -qx "$2" "/run/from-$1"
}
flow_ends() {
  local fd=${flows[$1]}
  exec {fd}>&-
  rm "/run/to-$1" "/run/from-$1"
}

# ---- pods ----------------------------------------------------------------------------------------------------------------

# pod NAME [SPEC_JSON] [PORTS_JSON] [ANNOTATIONS_JSON]: PORTS are its container's.
pod() {
  local ns=default
  [[ $1 != */* ]] || ns=${1%%/*}
  jq -n --arg name "${1##*/}" --arg ns "$ns" --argjson spec "${2:-null}" --argjson ports "${3:-null}" --argjson annotations "${4:-null}" \
    '{apiVersion: "v1", kind: "Pod", metadata: {name: $name, namespace: $ns, annotations: $annotations},
    spec: ({terminationGracePeriodSeconds: 1, containers: [{name: "main", image: "localhost/busybox:1", ports: $ports,
      command: ["sh", "-c", "echo i am $HOSTNAME >/tmp/index.html; httpd -p 80 -h /tmp; trap exit TERM; while :; do sleep 0.1; done"]}]} + ($spec // {}))}' | put "${1/\//_}.json"
}

# ported NAME PORTS_JSON: a pod with these ports.
ported() {
  pod "$1" "$(jq -n --argjson ports "$2" '{containers: [{name: "main", image: "localhost/busybox:1", ports: $ports,
    command: ["sh", "-c", "trap exit TERM; while :; do sleep 0.1; done"]}]}')"
}
address() { pod_json "$1" .status.podIP; }
address6() { pod_json "$1" '.status.podIPs[1].ip'; }

# ---- what holds whatever connects pods. Pods have servers at port 7000 (answer_in pods-NAME 7000), IPv4 and IPv6 ------------

# check_pods_meet ONE TWO: each is reached by the other, and sees its address.
check_pods_meet() {
  local protocol
  for protocol in tcp udp; do
    peer_is "pods-$1" $protocol "$(address "$2")" 7000 "$(address "$1")"
    peer_is "pods-$2" $protocol "$(address6 "$1")" 7000 "$(address6 "$2")"
  done
}

# gateway POD FAMILY: of its default route; -4 or -6.
gateway() { ip -n "pods-$1" "$2" -j route show default | jq -r '.[0].gateway'; }

# check_pod_and_host POD: the pod reaches this host, which sees the pod, and the other way round. A server that answers UDP does so
# from the address that is nearest to the pod, so it is asked there.
check_pod_and_host() {
  local protocol
  peer_is "pods-$1" tcp $here4 7000 "$(address "$1")"
  peer_is "pods-$1" tcp $here6 7000 "$(address6 "$1")"
  for protocol in tcp udp; do
    peer_is "pods-$1" $protocol "$(gateway "$1" -4)" 7000 "$(address "$1")"
    peer_is "pods-$1" $protocol "$(gateway "$1" -6)" 7000 "$(address6 "$1")"
    wait_for 60 answers '' $protocol "$(address "$1")" 7000
    wait_for 60 answers '' $protocol "$(address6 "$1")" 7000
  done
}

# check_pod_to_outside POD: other hosts are reached, and see this host's address.
check_pod_to_outside() {
  local protocol
  for protocol in tcp udp; do
    peer_is "pods-$1" $protocol $alpha4 7000 $here4
    peer_is "pods-$1" $protocol $alpha6 7000 $here6
    peer_is "pods-$1" $protocol $beta4 7000 $here4_beta
    peer_is "pods-$1" $protocol $beta6 7000 $here6_beta
  done
}

# check_large_packets POD: alpha's link takes smaller packets than others.
check_large_packets() {
  head -c 300000 /dev/urandom >/run/blob
  within "pods-$1" timeout 60 socat -t 30 - TCP4:$alpha4:7001 </run/blob | cmp - /run/blob || fail "300 kB to the default route and back"
}

# check_host_port POD PORT OTHER: port PORT of this host, TCP and UDP, leads to port 7000 of the pod: from other hosts, whom the
# pod sees, from this host, from pod OTHER and from the pod itself (hairpin).
check_host_port() {
  local protocol
  for protocol in tcp udp; do
    peer_is alpha $protocol $here4 "$2" $alpha4
    peer_is beta $protocol $here4_beta "$2" $beta4
    peer_is alpha $protocol $here6 "$2" $alpha6
    peer_is beta $protocol $here6_beta "$2" $beta6
    wait_for 60 answers '' $protocol $here4 "$2"
    wait_for 60 answers '' $protocol $here6 "$2"
    wait_for 60 answers '' $protocol 127.0.0.1 "$2"
    wait_for 60 answers "pods-$3" $protocol $here4 "$2"
    wait_for 60 answers "pods-$3" $protocol $here6 "$2"
    wait_for 60 answers "pods-$1" $protocol $here4 "$2"
    wait_for 60 answers "pods-$1" $protocol $here6 "$2"
  done
}

# page POD URL TEXT: what wget in the pod's container gets.
page() { [[ $(podsctl exec "$1" -- wget -qO- "$2") == "$3" ]]; }

# check_names ONE TWO: they find each other, and themselves. Both are of pod().
check_names() {
  wait_for 60 page "$1" "http://$2/" "i am $2"
  wait_for 60 page "$2" "http://$1.default.pod/" "i am $1"
  contains "its own" "$(podsctl exec "$1" -- cat /etc/hosts)" "$(address "$1")"$'\t'"$1"
}

# check_flows_outlive_agent POD PORT: connections to another host and to TCP port PORT of this one, which leads to port 7001 of the
# pod, where a server sends all back (serve pods-NAME TCP4-LISTEN:7001,fork,reuseaddr EXEC:cat).
check_flows_outlive_agent() {
  local addresses name
  addresses="$(address "$1") $(address6 "$1")"
  flow out "pods-$1" $alpha4 7001
  flow in alpha $here4 "$2"
  systemctl restart podsd.service
  for name in out in; do flow_passes $name restarted; done
  kill -KILL "$(agent_pid)"
  wait_for 60 systemctl is-active podsd.service
  wait_for 60 running "$1" main
  for name in out in; do flow_passes $name killed; done
  equal "addresses" "$addresses" "$(address "$1") $(address6 "$1")"
  for name in out in; do flow_ends $name; done
}

# check_restarted_container POD OTHER: its main container ends and starts again; the pod has its addresses, and what asks it is answered.
check_restarted_container() {
  local addresses restarts
  addresses="$(address "$1") $(address6 "$1")"
  restarts=$(container "$1" main .restartCount)
  kill -KILL "$(pid_of "$1" main)"
  wait_for 60 container_is "$1" main .restartCount $((restarts + 1))
  wait_for 60 running "$1" main
  equal "addresses" "$addresses" "$(address "$1") $(address6 "$1")"
  wait_for 60 page "$2" "http://$(address "$1")/" "i am $1"
}

# check_accounting ONE TWO: what TWO fetches of ONE is counted for both. Both are of pod().
check_accounting() {
  podsctl exec "$1" -- sh -c 'head -c 300000 /dev/zero >/tmp/blob'
  wait_for 60 podsctl exec "$2" -- wget -qO /dev/null "http://$(address "$1")/blob"
  counted "$1" egress
  counted "$2" ingress
}
# counted POD DIRECTION: 300,000 bytes at least, in packets.
counted() {
  check "$1: bytes" test "$(pod_json "$1" ".status.ipAccounting.$2Bytes")" -gt 300000
  check "$1: packets" test "$(pod_json "$1" ".status.ipAccounting.$2Packets")" -gt 5
}
