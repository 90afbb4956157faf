# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Owns: where Debian packages come from. The archive's address is read from apt's own configuration, never written down here.

readonly debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# debian_uri LABEL: the archive that apt uses for packages with that Release label.
debian_uri() {
  apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
    awk -F'|' -v label="$1" '$1 == label { print $2; exit }'
}

# debian_sources SUITE: apt source lines for the suite, its updates and its security fixes.
debian_sources() {
  local suite=$1 main security
  main=$(debian_uri Debian)
  if [[ -z $main ]]; then
    apt-get -qq update >&2
    main=$(debian_uri Debian)
  fi
  security=$(debian_uri Debian-Security)
  [[ -n $main ]] || { echo "apt knows no Debian archive" >&2; return 1; }
  printf 'deb [signed-by=%s] %s %s main\n' \
    "$debian_keyring" "$main" "$suite" "$debian_keyring" "$main" "$suite-updates"
  [[ -z $security ]] || printf 'deb [signed-by=%s] %s %s main\n' "$debian_keyring" "$security" "$suite-security"
}

# debian_tree SUITE DIR PACKAGES [MMDEBSTRAP-OPTION...]: unpacks a Debian system without documentation.
debian_tree() {
  local suite=$1 directory=$2 packages=$3 path excludes=()
  shift 3
  for path in doc man info locale lintian bug; do excludes+=("--dpkgopt=path-exclude=/usr/share/$path/*"); done
  debian_sources "$suite" >"$directory.list"
  mmdebstrap --quiet --mode=root --skip=cleanup/reproducible --aptopt='Acquire::Languages "none"' "${excludes[@]}" \
    --include="$packages" "$@" "$suite" "$directory" "$directory.list"
  rm -f "$directory.list"
}
